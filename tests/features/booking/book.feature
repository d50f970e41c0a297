Feature: Buyers book seats
  Step 1 of the flow: the booking exists at once; step 4: the buyer sees the outcome.

  Background:
    Given the seller Sonia
    And the buyers Ann and Bob
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 2    | 20            | 3000  |

  Scenario: A booking is accepted at once and decided a moment later
    When Ann asks for the best 2 seats in section A
    Then the answer is Ann's booking, being processed or decided already
    And waiting for Ann's booking answers as soon as it is decided
    And Ann gets the seats A-1-1-1, A-1-1-2
    And the seats A-1-1-1, A-1-1-2 are reserved
    And section A subsection 1 has 38 available, 2 reserved and 0 sold

  Scenario: The buyer sees each change of the booking
    When Ann asks for the best 2 seats in section A
    And Ann listens to the booking
    Then Ann hears that the booking is pending_payment
    When Ann pays with "sandbox_success"
    Then Ann hears that the booking is paid

  Scenario: A buyer hears of all own bookings in one stream, and of nobody else's
    When Ann listens to all own bookings
    And Bob picks the seat A-1-1-1
    Then Bob gets the seat A-1-1-1
    When Ann picks the seats A-1-1-2
    Then Ann hears that an own booking is pending_payment
    When Ann cancels the booking
    Then Ann hears that an own booking is cancelled
    When Ann picks the seat A-1-1-1
    Then Ann hears that an own booking is failed
    And Ann hears only of own bookings

  Scenario: The history shows every booking and how it ended
    When Ann picks the seat A-1-1-1
    Then Ann gets the seat A-1-1-1
    When Ann pays with "sandbox_success"
    And Ann picks the seat A-1-1-2
    Then Ann gets the seat A-1-1-2
    When Ann cancels the booking
    And Ann picks the seat A-1-1-3
    Then Ann gets the seat A-1-1-3
    And Ann's booking history has 3 bookings, the newest first
    And Ann's paid bookings are 1
    And Ann's cancelled bookings are 1
    And Ann's pending_payment bookings are 1
    And Bob's booking history has 0 bookings, the newest first

  Scenario: Somebody else's booking does not exist for others
    Given Ann holds the seat A-1-1-1
    When Bob tries to look at Ann's booking
    Then it is refused with 404 not-found
    When Bob tries to pay for Ann's booking with "sandbox_success"
    Then it is refused with 404 not-found
    When Bob tries to cancel Ann's booking
    Then it is refused with 404 not-found
    When Bob tries to listen to Ann's booking
    Then it is refused with 404 not-found
    When Sonia tries to look at Ann's booking
    Then it is refused with 404 not-found
    And Ann's booking is still pending_payment
