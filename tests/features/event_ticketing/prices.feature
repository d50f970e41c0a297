Feature: Sellers manage prices by section
  As a seller, I can manage ticket pricing by sections. A change holds for later bookings only.

  Scenario: A buyer who booked before a change pays the old price
    Given the seller Sonia
    And the buyers Ann and Bob
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price   |
      | A       | 1          | 1    | 20            | 3000    |
      | B       | 1          | 1    | 20            | 1500.50 |
    When Ann asks for the best 2 seats in section A
    Then Ann gets 2 seats next to each other
    And Ann has to pay 6000 TWD
    When Sonia sets the price of section A to 4500 TWD
    Then the answer is 200
    And section A costs 4500 TWD
    When Bob asks for the best 2 seats in section A
    Then Bob gets 2 seats next to each other
    And Bob has to pay 9000 TWD
    And Ann has to pay 6000 TWD
    When Bob asks for the best 3 seats in section B
    Then Bob gets 3 seats
    And Bob has to pay 4501.50 TWD
    When Ann pays with "sandbox_success"
    Then the payment is accepted
    And Sonia sees these sales:
      | section | sold | reserved | available | revenue |
      | A       | 2    | 2        | 16        | 6000.00 |
      | B       | 0    | 3        | 17        | 0.00    |

  Scenario: A section that does not exist has no price
    Given the seller Sonia
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 4             | 1000  |
    When Sonia tries to set the price of section Z to 2000 TWD
    Then it is refused with 404 not-found
