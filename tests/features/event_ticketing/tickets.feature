Feature: Buyers see their tickets
  As a buyer, I can view my booking history and tickets. A ticket exists once it is paid.

  Scenario: Paying turns held seats into tickets
    Given the seller Sonia
    And the buyers Ann and Bob
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 2    | 20            | 3000  |
    And Bob holds the seats A-1-2-5, A-1-2-6
    Then Bob has no tickets
    When Bob pays with "sandbox_success"
    Then the payment is accepted
    And Bob has tickets for seats A-1-2-5, A-1-2-6, each with a code of its own
    And Ann has no tickets
