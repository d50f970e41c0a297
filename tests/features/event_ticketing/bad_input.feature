Feature: An event that makes no sense is refused, and says why
  Every refusal is a problem answer with a code for programs, the place in the request and words for people.

  Background:
    Given the seller Sonia
    And a good request to POST /v1/events:
      """
      {
        "name": "Concert of {tag}",
        "description": "An evening to remember",
        "venue_name": "City Hall",
        "time_zone": "Asia/Taipei",
        "starts_at": "2030-05-01T19:30:00+08:00",
        "currency": "TWD",
        "max_seats_per_booking": 4,
        "seating": {"sections": [
          {"name": "A", "price_minor": 300000, "subsections": [
            {"number": 1, "rows": 2, "seats_per_row": 20},
            {"number": 2, "rows": 2, "seats_per_row": 20}
          ]},
          {"name": "B", "price_minor": 0, "subsections": [{"number": 1, "rows": 1, "seats_per_row": 1}]}
        ]},
        "status": "on_sale"
      }
      """

  Scenario: The good request is good
    When Sonia sends it
    Then the answer is 201

  Scenario Outline: Prices in <currency> say that they have <decimals> decimals
    When Sonia sends it with /currency set to "<currency>"
    Then the answer is 201
    And its /sections/0/price/decimals is <decimals>

    Examples:
      | currency | decimals |
      | HUF      | 2        |
      | JPY      | 0        |
      | KWD      | 3        |
      | CLF      | 4        |

  Scenario: The old name of a zone is stored under its new one
    When Sonia sends it with /time_zone set to "Asia/Calcutta"
    Then the answer is 201
    And the answer contains "Asia/Kolkata"

  Scenario: Nobody creates events without an account
    When a visitor sends it
    Then it is refused with 401 not-signed-in

  Scenario Outline: <pointer> set to <value>
    When Sonia sends it with <pointer> set to <value>
    Then it is refused with 422 invalid-request: <place> is <entry>

    Examples:
      | pointer                                           | value                          | place                                             | entry          |
      | /name                                             | ""                             | /name                                             | out-of-range   |
      | /name                                             | 5000 letters                   | /name                                             | out-of-range   |
      | /name                                             | 7                              | /name                                             | wrong-type     |
      | /time_zone                                        | "Moon/Base"                    | /time_zone                                        | invalid-format |
      | /time_zone                                        | "Etc/Unknown"                  | /time_zone                                        | invalid-format |
      | /time_zone                                        | "localtime"                    | /time_zone                                        | invalid-format |
      | /time_zone                                        | "posixrules"                   | /time_zone                                        | invalid-format |
      | /time_zone                                        | "Factory"                      | /time_zone                                        | invalid-format |
      | /starts_at                                        | "next week"                    | /starts_at                                        | invalid-format |
      | /starts_at                                        | 1900000000                     | /starts_at                                        | wrong-type     |
      | /currency                                         | "XYZ"                          | /currency                                         | invalid-format |
      | /currency                                         | "twd"                          | /currency                                         | invalid-format |
      | /currency                                         | "XAU"                          | /currency                                         | invalid-format |
      | /currency                                         | "XTS"                          | /currency                                         | invalid-format |
      | /currency                                         | "XXX"                          | /currency                                         | invalid-format |
      | /max_seats_per_booking                            | 0                              | /max_seats_per_booking                            | out-of-range   |
      | /max_seats_per_booking                            | 11                             | /max_seats_per_booking                            | out-of-range   |
      | /max_seats_per_booking                            | null                           | /max_seats_per_booking                            | wrong-type     |
      | /status                                           | "sold_out"                     | /status                                           | invalid-format |
      | /seller_id                                        | "usr_1"                        | /seller_id                                        | unknown-field  |
      | /seating/sections                                 | []                             | /seating/sections                                 | empty          |
      | /seating/sections                                 | 101 sections                   | /seating/sections                                 | too-many       |
      | /seating/sections                                 | 501 thousand seats in one section | /seating                                       | too-many       |
      | /seating/sections                                 | {}                             | /seating/sections                                 | wrong-type     |
      | /seating/sections/0/subsections                   | []                             | /seating/sections/0/subsections                   | empty          |
      | /seating/sections/0/subsections                   | 1001 subsections               | /seating/sections/0/subsections                   | too-many       |
      | /seating/sections/0/subsections/1/number          | 1                              | /seating/sections/0/subsections/1/number          | duplicate      |
      | /seating/sections/0/subsections/0/number          | 0                              | /seating/sections/0/subsections/0/number          | out-of-range   |
      | /seating/sections/0/subsections/0/rows            | 0                              | /seating/sections/0/subsections/0/rows            | out-of-range   |
      | /seating/sections/0/subsections/0/rows            | 1001                           | /seating/sections/0/subsections/0/rows            | out-of-range   |
      | /seating/sections/0/subsections/0/rows            | "two"                          | /seating/sections/0/subsections/0/rows            | wrong-type     |
      | /seating/sections/0/subsections/0/seats_per_row   | 0                              | /seating/sections/0/subsections/0/seats_per_row   | out-of-range   |
      | /seating/sections/0/subsections/1/seats_per_row   | 1001                           | /seating/sections/0/subsections/1/seats_per_row   | out-of-range   |
      | /seating/sections/0/subsections/0/seats_per_row   | -20                            | /seating/sections/0/subsections/0/seats_per_row   | out-of-range   |
      | /seating/sections/0/subsections/0/colour          | "red"                          | /seating/sections/0/subsections/0/colour          | unknown-field  |
      | /seating/sections/0/price_minor                   | -1                             | /seating/sections/0/price_minor                   | out-of-range   |
      | /seating/sections/0/price_minor                   | 19.99                          | /seating/sections/0/price_minor                   | wrong-type     |
      | /seating/sections/0/price_minor                   | 9223372036854775807            | /seating/sections/0/price_minor                   | out-of-range   |
      | /seating/sections/0/price_minor                   | "free"                         | /seating/sections/0/price_minor                   | wrong-type     |
      | /seating/sections/1/name                          | "A"                            | /seating/sections/1/name                          | duplicate      |
      | /seating/sections/0/name                          | "A-1"                          | /seating/sections/0/name                          | invalid-format |
      | /seating/sections/0/name                          | ""                             | /seating/sections/0/name                          | invalid-format |
      | /seating/sections/0/name                          | 33 letters                     | /seating/sections/0/name                          | invalid-format |

  Scenario Outline: without <pointer>
    When Sonia sends it without <pointer>
    Then it is refused with 422 invalid-request: <pointer> is missing-field

    Examples:
      | pointer                                  |
      | /name                                    |
      | /currency                                |
      | /starts_at                               |
      | /seating                                 |
      | /seating/sections                        |
      | /seating/sections/0/price_minor          |
      | /seating/sections/0/subsections          |
      | /seating/sections/0/subsections/0/rows   |

  Scenario Outline: A price set to <value>
    Given Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 4             | 1000  |
    And a good request to PATCH /v1/events/{event}/sections/A:
      """
      {"price_minor": 200000}
      """
    When Sonia sends it with <pointer> set to <value>
    Then it is refused with 422 invalid-request: <pointer> is <entry>
    And section A costs 1000 TWD

    Examples:
      | pointer      | value | entry         |
      | /price_minor | -1    | out-of-range  |
      | /price_minor | "10"  | wrong-type    |
      | /price_minor | null  | wrong-type    |
      | /currency    | "USD" | unknown-field |

  Scenario Outline: A correction with <pointer> set to <value> changes nothing
    Given Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 4             | 1000  |
    And a good request to PATCH /v1/events/{event}:
      """
      {"description": "Doors open at seven"}
      """
    When Sonia sends it with <pointer> set to <value>
    Then it is refused with 422 invalid-request: <pointer> is <entry>
    And "Concert" is on_sale and described as "An evening to remember"

    Examples:
      | pointer      | value   | entry         |
      | /seller_id   | "usr_1" | unknown-field |
      | /description | null    | wrong-type    |

  Scenario: Publishing says nothing else
    Given Sonia has drafted "Concert":
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 4             | 1000  |
    And a good request to POST /v1/events/{event}/publish:
      """
      {}
      """
    When Sonia sends as its body: {"price_minor": 1}
    Then it is refused with 422 invalid-request: /price_minor is unknown-field
    And "Concert" is draft
