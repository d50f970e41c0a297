Feature: Everyone sees the seats change while they change
  As a buyer, I can receive live updates on seat availability. Nobody learns who holds a seat.

  Background:
    Given the seller Sonia
    And the buyer Bob
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 2    | 20            | 3000  |
      | A       | 2          | 1    | 10            | 3000  |

  Scenario: A visitor hears of every change of a seat
    When a visitor listens to the event
    Then a visitor first hears a snapshot
    When Bob picks the seats A-1-1-3, A-1-1-4
    Then a visitor hears that section A subsection 1 has 38 available, 2 reserved and 0 sold
    And a visitor hears that the seats A-1-1-3, A-1-1-4 are reserved
    When Bob cancels the booking
    Then a visitor hears that the seats A-1-1-3, A-1-1-4 are available
    When Bob picks the seat A-2-1-10
    Then a visitor hears that the seat A-2-1-10 is reserved
    When Bob pays with "sandbox_success"
    Then a visitor hears that the seat A-2-1-10 is sold
    And a visitor hears that section A subsection 2 has 9 available, 0 reserved and 1 sold

  Scenario: A visitor who was away for a moment misses nothing
    When a visitor listens to the event
    Then a visitor first hears a snapshot
    When Bob picks the seat A-1-1-1
    Then a visitor hears that the seat A-1-1-1 is reserved
    When a visitor loses the connection
    And Bob picks the seats A-1-2-8, A-1-2-9
    Then Bob gets the seats A-1-2-8, A-1-2-9
    And the seats A-1-2-8, A-1-2-9 are reserved
    When a visitor comes back to the event with the last id heard
    Then a visitor sees the seats A-1-2-8, A-1-2-9 as reserved, missed meanwhile

  Scenario: The seat map shows what is free and never who holds what
    Given Bob holds the seats A-1-1-5, A-1-1-6
    Then the seats A-1-1-5, A-1-1-6 are reserved
    And the seats A-1-1-4, A-1-1-7 are available
    And the seats of section A subsection 1 say nothing of Bob
    And a program can fetch the 40 seats of section A subsection 1 in the compact form
