Feature: A visitor registers
  As a visitor, I can register as a seller or as a buyer, and from then on sign in.

  Scenario Outline: A visitor becomes a <role>
    When a visitor registers as the <role> Robin
    Then the answer is 201
    And Robin's account is a <role>'s
    And the answer contains no secret
    When Robin signs in
    Then the answer is 201
    And Robin is signed in as a <role>

    Examples:
      | role   |
      | buyer  |
      | seller |

  Scenario: An e-mail address belongs to one account
    Given the buyer Robin
    When a visitor registers as the seller Robin
    Then it is refused with 409 email-taken

  Scenario: The roles are different: a buyer does not sell, a seller does not buy
    Given the buyer Bob
    And the seller Sonia
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 4             | 1000  |
    When Sonia tries to ask for the best 1 seat in section A
    Then it is refused with 403 wrong-role
    Given a good request to POST /v1/events:
      """
      {
        "name": "Concert of {tag}", "description": "", "venue_name": "City Hall", "time_zone": "Asia/Taipei",
        "starts_at": "2030-05-01T19:30:00+08:00", "currency": "TWD", "status": "draft",
        "seating": {"sections": [
          {"name": "A", "price_minor": 1000, "subsections": [{"number": 1, "rows": 1, "seats_per_row": 1}]}
        ]}
      }
      """
    When Bob sends it
    Then it is refused with 403 wrong-role
