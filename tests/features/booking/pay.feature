Feature: Buyers pay for what they hold
  Step 5 of the flow: paid seats are sold, and the ticket is the buyer's.
  As a buyer, I can complete payment within 15-minute window.

  Background:
    Given the seller Sonia
    And the buyer Ann
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 20            | 3000  |
    And Ann holds the seats A-1-1-1, A-1-1-2

  Scenario: Paid seats are sold
    When Ann pays with "sandbox_success"
    Then the payment is accepted
    And the seats A-1-1-1, A-1-1-2 are sold
    And section A subsection 1 has 18 available, 0 reserved and 2 sold
    And Ann has tickets for seats A-1-1-1, A-1-1-2, each with a code of its own

  Scenario: A declined payment leaves the seats held, and another method may be tried
    When Ann tries to pay with "sandbox_decline"
    Then it is refused with 402 payment-declined
    And Ann's booking is still pending_payment
    And the seats A-1-1-1, A-1-1-2 are still reserved
    When Ann pays with "sandbox_success"
    Then the payment is accepted

  Scenario: A payment whose outcome is not known at first is found out
    When Ann pays with "sandbox_unknown"
    Then the outcome of the payment is not known yet
    And Ann's booking becomes paid
    And the seats A-1-1-1, A-1-1-2 are sold

  Scenario: A payment that is reported twice is one payment
    When Ann pays with "sandbox_twice"
    Then Ann's booking becomes paid
    And Sonia sees these sales:
      | section | sold | reserved | available | revenue |
      | A       | 2    | 0        | 18        | 6000.00 |

  Scenario: Paying again with the same key is the same payment
    When Ann pays with "sandbox_success" and the key first
    Then the payment is accepted
    When Ann pays with "sandbox_success" and the key first
    Then the payment is accepted
    And Sonia sees these sales:
      | section | sold | reserved | available | revenue |
      | A       | 2    | 0        | 18        | 6000.00 |

  Scenario: The same key with another method is a mistake
    When Ann tries to pay with "sandbox_decline" and the key first
    Then it is refused with 402 payment-declined
    When Ann tries to pay with "sandbox_success" and the key first
    Then it is refused with 422 idempotency-key-reused

  Scenario: What is paid cannot be paid again or cancelled
    Given Ann has paid
    When Ann tries to pay with "sandbox_success"
    Then it is refused with 409 wrong-state
    When Ann tries to cancel the booking
    Then it is refused with 409 wrong-state
    And Ann's booking is still paid
    And the seats A-1-1-1, A-1-1-2 are sold

  Scenario: Paying and cancelling in the same instant has one winner
    When Ann pays and cancels in the same instant
    Then exactly one of the two wins, and Ann's booking says which
