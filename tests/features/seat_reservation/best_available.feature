Feature: The system picks the best seats there are
  Step 2 of the flow, best available: adjacent seats in one row if any row has them, front row first and left-most
  in it; otherwise the party is halved until everybody sits, or as many as there are seats for.

  Background:
    Given the seller Sonia
    And the buyers Ann and Bob

  Scenario: A party sits together, in front and to the left
    Given Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 3    | 20            | 3000  |
    When Ann asks for the best 4 seats in section A
    Then Ann gets the seats A-1-1-1, A-1-1-2, A-1-1-3, A-1-1-4
    And Ann has to pay 12000 TWD within 15 minutes
    When Bob asks for the best 3 seats in section A
    Then Bob gets the seats A-1-1-5, A-1-1-6, A-1-1-7

  Scenario: A row further back is better than sitting apart
    Given Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 2    | 4             | 3000  |
    And Bob holds the seat A-1-1-2
    When Ann asks for the best 3 seats in section A
    Then Ann gets the seats A-1-2-1, A-1-2-2, A-1-2-3

  Scenario: Another subsection of the section is searched too, unless one was asked for
    Given Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 2             | 3000  |
      | A       | 2          | 1    | 4             | 3000  |
    When Ann asks for the best 3 seats in section A
    Then Ann gets the seats A-2-1-1, A-2-1-2, A-2-1-3
    When Bob asks for the best 2 seats in section A subsection 1
    Then Bob gets the seats A-1-1-1, A-1-1-2

  Scenario: When no row has enough neighbours, the party is split in halves
    Given Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 2    | 5             | 3000  |
    And Bob holds the seats A-1-1-3, A-1-2-3
    When Ann asks for the best 4 seats in section A
    Then Ann gets the seats A-1-1-1, A-1-1-2, A-1-1-4, A-1-1-5

  Scenario: An odd party keeps its larger half together
    Given Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 2    | 2             | 3000  |
    When Ann asks for the best 3 seats in section A
    Then Ann gets the seats A-1-1-1, A-1-1-2, A-1-2-1

  Scenario: With too few seats left, the buyer gets as many as there are
    Given Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 5             | 3000  |
    And Bob holds the seats A-1-1-1, A-1-1-3, A-1-1-5
    When Ann asks for the best 4 seats in section A
    Then Ann gets the seats A-1-1-2, A-1-1-4
    And Ann has to pay 6000 TWD

  Scenario: A buyer who wants all or none gets none, and the seats stay free for others
    Given Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 3             | 3000  |
    And Bob holds the seat A-1-1-2
    When Ann asks for the best 3 seats in section A, all or none
    Then Ann's booking fails with "not-enough-seats"
    And the seats A-1-1-1, A-1-1-3 are still available

  Scenario: All or none with seats enough gives all, side by side or not
    Given Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 4             | 3000  |
    And Bob holds the seat A-1-1-2
    When Ann asks for the best 3 seats in section A, all or none
    Then Ann gets the seats A-1-1-1, A-1-1-3, A-1-1-4

  Scenario: A section that is full has no seats
    Given Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 2             | 3000  |
      | B       | 1          | 1    | 2             | 3000  |
    And Bob holds the best 2 seats in section A
    When Ann asks for the best 1 seat in section A
    Then Ann's booking fails with "no-seats-left"
    When Ann asks for the best 1 seat in section B
    Then Ann gets the seat B-1-1-1
