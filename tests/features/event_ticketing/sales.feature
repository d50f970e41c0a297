Feature: Sellers see how the sale goes, while it goes
  As a seller, I can view real-time sales analytics and monitor seat reservation status.

  Background:
    Given the seller Sonia
    And the buyers Ann and Bob
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 2    | 20            | 3000  |
      | B       | 1          | 1    | 10            | 800   |
    And Ann holds the seats A-1-1-1, A-1-1-2
    And Bob holds the seat B-1-1-10

  Scenario: The figures follow every booking, and money counts once it is paid
    Then Sonia sees these sales:
      | section | sold | reserved | available | revenue |
      | A       | 0    | 2        | 38        | 0.00    |
      | B       | 0    | 1        | 9         | 0.00    |
    When Ann pays with "sandbox_success"
    And Bob cancels the booking
    Then Sonia sees these sales:
      | section | sold | reserved | available | revenue |
      | A       | 2    | 0        | 38        | 6000.00 |
      | B       | 0    | 0        | 10        | 0.00    |

  Scenario: The figures come by themselves
    When Sonia listens to the sales
    Then Sonia hears these sales:
      | section | sold | reserved | available | revenue |
      | A       | 0    | 2        | 38        | 0.00    |
      | B       | 0    | 1        | 9         | 0.00    |
    When Ann pays with "sandbox_success"
    Then Sonia hears these sales:
      | section | sold | reserved | available | revenue |
      | A       | 2    | 0        | 38        | 6000.00 |
      | B       | 0    | 1        | 9         | 0.00    |

  Scenario: The seller sees which seats are taken, and by which booking
    Then Sonia sees these seats taken:
      | seat     | status   | booking of |
      | A-1-1-1  | reserved | Ann        |
      | A-1-1-2  | reserved | Ann        |
      | B-1-1-10 | reserved | Bob        |
    When Ann pays with "sandbox_success"
    Then Sonia sees these seats taken in section A:
      | seat    | status | booking of |
      | A-1-1-1 | sold   | Ann        |
      | A-1-1-2 | sold   | Ann        |
    And Sonia sees these seats taken with the status reserved:
      | seat     | status   | booking of |
      | B-1-1-10 | reserved | Bob        |

  Scenario: The figures are no buyer's business
    When Ann calls GET /v1/events/{event}/sales
    Then it is refused with 403 wrong-role
    When Ann calls GET /v1/events/{event}/holds
    Then it is refused with 403 wrong-role
    When a visitor calls GET /v1/events/{event}/sales
    Then it is refused with 401 not-signed-in
