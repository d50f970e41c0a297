Feature: Buyers give seats back
  What a buyer cancels is free for others at once.

  Background:
    Given the seller Sonia
    And the buyers Ann and Bob
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 20            | 3000  |
    And Ann holds the seats A-1-1-1, A-1-1-2

  Scenario: Cancelled seats can be booked by others
    When Ann cancels the booking
    Then the answer is 200
    And Ann's booking becomes cancelled, by the buyer
    And the seats A-1-1-1, A-1-1-2 are available
    And section A subsection 1 has 20 available, 0 reserved and 0 sold
    When Bob picks the seats A-1-1-1, A-1-1-2
    Then Bob gets the seats A-1-1-1, A-1-1-2

  Scenario: What is cancelled cannot be paid
    When Ann cancels the booking
    And Ann tries to pay with "sandbox_success"
    Then it is refused with 409 wrong-state
    And Ann has no tickets
