Feature: No seat goes to two buyers
  Step 3 of the flow: a seat is checked and taken in one piece, however many ask for it at the same moment.
  As a buyer, I can select seats in real-time without conflicts.

  Scenario: Many want the same seats, one gets them
    Given the seller Sonia
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 20            | 3000  |
    When 40 buyers at once each pick the seats A-1-1-9, A-1-1-10
    Then 1 of them get seats, 2 seats in all, and nobody gets a seat of another
    And section A subsection 1 has 18 available, 2 reserved and 0 sold

  Scenario: Many want the best seats, everybody gets some until none are left
    Given the seller Sonia
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 3    | 11            | 3000  |
    When 40 buyers at once each ask for the best 2 seats in section A
    Then 17 of them get seats, 33 seats in all, and nobody gets a seat of another
    And section A subsection 1 has 0 available, 33 reserved and 0 sold
