@short-time-to-pay
Feature: Seats that nobody pays for are free again
  Step 6 of the flow: after the payment deadline the booking is cancelled, the seats are available again, and the
  buyer sees that. A shop where 15 minutes pass in 8 seconds shows it quickly.

  Background:
    Given a shop where buyers have only 8 seconds to pay
    And the seller Sonia
    And the buyers Ann and Bob
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 20            | 3000  |

  Scenario: The booking is cancelled, the buyer sees that, and others get the seats
    Given Ann holds the seats A-1-1-1, A-1-1-2
    When Ann listens to the booking
    And a visitor listens to the event
    Then Ann hears that the booking is cancelled
    And Ann's booking becomes cancelled, by expiry
    And a visitor hears that section A subsection 1 has 20 available, 0 reserved and 0 sold
    And the seats A-1-1-1, A-1-1-2 are available
    And Sonia sees these sales:
      | section | sold | reserved | available | revenue |
      | A       | 0    | 0        | 20        | 0.00    |
    When Bob picks the seats A-1-1-1, A-1-1-2
    Then Bob gets the seats A-1-1-1, A-1-1-2

  Scenario: After the deadline it is too late to pay
    Given Ann holds the seats A-1-1-1, A-1-1-2
    When Ann's payment deadline has passed
    And Ann tries to pay with "sandbox_success"
    Then it is refused with 410 hold-expired
    And Ann has no tickets

  Scenario: Who has paid in time keeps the seats
    Given Ann holds the seats A-1-1-1, A-1-1-2
    And Ann has paid
    And Bob holds the seat A-1-1-3
    Then Ann's booking stays paid while Bob's time to pay runs out
    And the seats A-1-1-1, A-1-1-2 are sold
    And the seat A-1-1-3 is available

  Scenario: Money that arrives too late goes back
    Given Ann holds the seats A-1-1-1, A-1-1-2
    When Ann pays with "sandbox_late"
    Then Ann's booking becomes cancelled
    And the seats A-1-1-1, A-1-1-2 are available
    And Ann's money is given back
    And Ann has no tickets
