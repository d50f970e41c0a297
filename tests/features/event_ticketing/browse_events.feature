Feature: Buyers browse the events on sale
  As a buyer, I can browse available events; I need no account for it.

  Scenario: A search finds what it names
    Given the seller Sonia
    And Sonia has put "Moonlight Sonata" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 4             | 1000  |
    And Sonia has put "Heavy Rain" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 4             | 1000  |
    Then a search for "Moonlight" finds only "Moonlight Sonata"
    And a search for "Heavy" finds only "Heavy Rain"

  Scenario: A long list comes in pages
    Given the seller Sonia
    And Sonia has put 5 small events on sale
    Then leafing through them by 2 gives pages of 2, 2, 1 events, each once

  Scenario Outline: A page has its limits: <query>
    When a visitor calls GET /v1/events?<query>
    Then it is refused with 422 invalid-request: <pointer> is <entry>

    Examples:
      | query      | pointer | entry          |
      | limit=0    | /limit  | out-of-range   |
      | limit=101  | /limit  | out-of-range   |
      | limit=many | /limit  | wrong-type     |
      | after=???  | /after  | invalid-format |

  Scenario Outline: What does not exist is not found: <path>
    Given the seller Sonia
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 4             | 1000  |
    When a visitor calls GET <path>
    Then it is refused with 404 not-found

    Examples:
      | path                                                 |
      | /v1/events/evt_00000000000000000000000000000000      |
      | /v1/events/no-event-at-all                           |
      | /v1/events/{event}/sections/Z/subsections/1/seats    |
      | /v1/events/{event}/sections/A/subsections/2/seats    |
      | /v1/events/evt_00000000000000000000000000000000/live |
      | /v1/no-such-thing                                    |
