Feature: The same request twice is one booking
  A buyer whose answer got lost asks again with the same key, and gets the booking of the first time.

  Background:
    Given the seller Sonia
    And the buyers Ann and Bob
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 2    | 20            | 3000  |

  Scenario: Asking again with the same key
    When Ann asks for the best 2 seats in section A with the key monday
    Then Ann gets the seats A-1-1-1, A-1-1-2
    When Ann asks for the best 2 seats in section A with the key monday
    Then Ann gets the first booking again
    And section A subsection 1 has 38 available, 2 reserved and 0 sold
    And Ann's booking history has 1 bookings, the newest first

  Scenario: Asking many times at once with the same key
    When Ann sends the same request for the best 2 seats in section A 20 times at once
    Then all answers show one and the same booking of Ann
    And Ann's booking becomes pending_payment
    And section A subsection 1 has 38 available, 2 reserved and 0 sold

  Scenario: The same key with another request is a mistake
    When Ann asks for the best 2 seats in section A with the key monday
    Then Ann gets 2 seats
    When Ann tries to ask for the best 3 seats in section A with the key monday
    Then it is refused with 422 idempotency-key-reused
    And section A subsection 1 has 38 available, 2 reserved and 0 sold

  Scenario: Keys are private: two buyers may use the same one
    When Ann asks for the best 2 seats in section A with the key monday
    Then Ann gets 2 seats
    When Bob asks for the best 2 seats in section A with the key monday
    Then Bob gets 2 seats
    And section A subsection 1 has 36 available, 4 reserved and 0 sold
