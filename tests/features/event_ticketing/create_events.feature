Feature: Sellers create events with seating of their own
  As a seller, I can create events with custom seating configurations.

  Scenario: An event goes on sale with every seat available
    Given the seller Sonia
    When Sonia puts "Spring Concert" on sale:
      | section   | subsection | rows | seats per row | price |
      | A         | 1          | 2    | 20            | 3000  |
      | A         | 2          | 3    | 10            | 3000  |
      | Balcony_1 | 7          | 1    | 5             | 800   |
    Then a visitor finds "Spring Concert" among the events on sale
    And the whole event has 75 available, 0 reserved and 0 sold
    And section A subsection 1 shows 40 seats, all available
    And section A subsection 2 shows 30 seats, all available
    And section Balcony_1 subsection 7 shows 5 seats, all available
    And section Balcony_1 costs 800 TWD

  Scenario: A draft is nobody's business until it is published
    Given the seller Sonia
    And the buyer Bob
    When Sonia drafts "Secret Gig":
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 4             | 1000  |
    Then a visitor does not find "Secret Gig" among the events on sale
    And Sonia finds "Secret Gig" among her own events
    When a visitor calls GET /v1/events/{event}
    Then it is refused with 404 not-found
    When Bob tries to ask for the best 1 seat in section A
    Then it is refused with 409 event-not-on-sale
    When Sonia publishes "Secret Gig"
    Then the answer is 200
    And "Secret Gig" is on_sale
    And a visitor finds "Secret Gig" among the events on sale
    When Bob asks for the best 1 seat in section A
    Then Bob gets the seat A-1-1-1

  Scenario: The seating of a draft can be replaced, that of an event on sale is fixed
    Given the seller Sonia
    And Sonia has drafted "Concert":
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 4             | 1000  |
    When Sonia changes the seating of "Concert" to:
      | section | subsection | rows | seats per row | price |
      | Stalls  | 1          | 2    | 10            | 2500  |
      | Balcony | 1          | 1    | 6             | 900   |
    Then the answer is 200
    When Sonia publishes "Concert"
    Then the answer is 200
    And the whole event has 26 available, 0 reserved and 0 sold
    And section Stalls costs 2500 TWD
    When Sonia changes the seating of "Concert" to:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 4             | 1000  |
    Then it is refused with 409 wrong-state
    And the whole event has 26 available, 0 reserved and 0 sold

  Scenario: A seller corrects an event
    Given the seller Sonia
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 4             | 1000  |
    When Sonia changes the description of "Concert" to "Doors open at seven"
    Then the answer is 200
    And "Concert" is on_sale and described as "Doors open at seven"

  Scenario: An event is its seller's alone
    Given the sellers Sonia and Sam
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 4             | 1000  |
    Then Sonia finds "Concert" among her own events
    And Sam does not find "Concert" among her own events
    When Sam tries to change the description of "Concert" to "Cancelled"
    Then it is refused with 404 not-found
    When Sam tries to set the price of section A to 1 TWD
    Then it is refused with 404 not-found
    When Sam tries to publish "Concert"
    Then it is refused with 404 not-found
    When Sam calls GET /v1/events/{event}/sales
    Then it is refused with 404 not-found
    When Sam calls GET /v1/events/{event}/holds
    Then it is refused with 404 not-found

  Scenario: Fifty thousand seats, as for a big hall
    Given the seller Sonia
    And the buyer Bob
    When Sonia puts "Arena" on sale with 10 sections of 10 subsections of 25 rows of 20 seats at 800 TWD
    Then the whole event has 50000 available, 0 reserved and 0 sold
    When Bob asks for the best 4 seats in section J
    Then Bob gets the seats J-1-1-1, J-1-1-2, J-1-1-3, J-1-1-4

  Scenario: Half a million seats, the largest plan there may be
    Given the seller Sonia
    And the buyer Bob
    And the clock is watched
    When Sonia puts "Stadium" on sale with 10 sections of 10 subsections of 100 rows of 50 seats at 800 TWD
    Then the whole event has 500000 available, 0 reserved and 0 sold
    When Bob asks for the best 2 seats in section E subsection 10
    Then Bob gets the seats E-10-1-1, E-10-1-2
    And the whole event has 499998 available, 2 reserved and 0 sold
    And that took less than 30 seconds
