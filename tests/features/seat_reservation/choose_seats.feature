Feature: Buyers choose their seats themselves
  Step 2 of the flow, manual: of the seats asked for, the buyer gets those that are free.

  Background:
    Given the seller Sonia
    And the buyers Ann and Bob
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 2    | 20            | 3000  |

  Scenario: Free seats are the buyer's
    When Ann picks the seats A-1-2-7, A-1-1-20
    Then Ann gets the seats A-1-2-7, A-1-1-20
    And Ann has to pay 6000 TWD within 15 minutes

  Scenario: Partly taken, the buyer gets the rest
    Given Bob holds the seats A-1-1-1, A-1-1-2
    When Ann picks the seats A-1-1-2, A-1-1-3, A-1-1-4
    Then Ann gets the seats A-1-1-3, A-1-1-4
    And Ann has to pay 6000 TWD

  Scenario: Partly taken, a buyer who wants all or none gets none
    Given Bob holds the seat A-1-1-2
    When Ann picks the seats A-1-1-2, A-1-1-3, all or none
    Then Ann's booking fails with "not-enough-seats"
    And the seat A-1-1-3 is still available

  Scenario: All taken, the booking fails
    Given Bob holds the seats A-1-1-1, A-1-1-2
    When Ann picks the seats A-1-1-1, A-1-1-2
    Then Ann's booking fails with "seats-taken"
    And the seats A-1-1-1, A-1-1-2 are still reserved
