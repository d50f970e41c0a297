Feature: A booking request that makes no sense is refused, and says why
  Every refusal is a problem answer with a code for programs, the place in the request and words for people.
  Nothing is booked by it.

  Background:
    Given the seller Sonia
    And the buyers Ann and Bob
    And Sonia has put "Concert" on sale with at most 4 seats per booking:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 2    | 20            | 3000  |
      | A       | 2          | 1    | 10            | 3000  |
      | B       | 1          | 1    | 10            | 800   |

  Scenario Outline: Best available, <pointer> set to <value>
    Given a good request to POST /v1/bookings:
      """
      {"event_id": "{event}", "section": "A", "subsection": 1, "mode": "best_available", "quantity": 2}
      """
    When Ann sends it with <pointer> set to <value>
    Then it is refused with 422 invalid-request: <pointer> is <entry>
    And the whole event has 60 available, 0 reserved and 0 sold

    Examples:
      | pointer       | value         | entry              |
      | /quantity     | 0             | out-of-range       |
      | /quantity     | -1            | out-of-range       |
      | /quantity     | 5             | out-of-range       |
      | /quantity     | 4294967297    | out-of-range       |
      | /quantity     | "2"           | wrong-type         |
      | /quantity     | 1.5           | wrong-type         |
      | /quantity     | null          | wrong-type         |
      | /quantity     | [2]           | wrong-type         |
      | /section      | "Z"           | unknown-section    |
      | /section      | ""            | unknown-section    |
      | /section      | 1             | wrong-type         |
      | /subsection   | 3             | unknown-subsection |
      | /subsection   | 0             | unknown-subsection |
      | /subsection   | "1"           | wrong-type         |
      | /mode         | "best"        | invalid-format     |
      | /mode         | 1             | wrong-type         |
      | /partial      | "maybe"       | invalid-format     |
      | /partial      | true          | wrong-type         |
      | /event_id     | "not-an-id"   | invalid-format     |
      | /event_id     | 123           | wrong-type         |
      | /price_minor  | 1             | unknown-field      |
      | /total        | {"amount_minor": 1, "currency": "TWD"} | unknown-field |
      | /status       | "paid"        | unknown-field      |
      | /buyer_id     | "usr_1"       | unknown-field      |
      | /expires_at   | "2040-01-01T00:00:00Z" | unknown-field |
      | /seats        | ["A-1-1-1"]   | unknown-field      |

  Scenario Outline: Best available, without <pointer>
    Given a good request to POST /v1/bookings:
      """
      {"event_id": "{event}", "section": "A", "mode": "best_available", "quantity": 2}
      """
    When Ann sends it without <pointer>
    Then it is refused with 422 invalid-request: <pointer> is missing-field

    Examples:
      | pointer   |
      | /event_id |
      | /section  |
      | /mode     |
      | /quantity |

  Scenario Outline: Chosen seats, <pointer> set to <value>
    Given a good request to POST /v1/bookings:
      """
      {"event_id": "{event}", "section": "A", "subsection": 1, "mode": "manual", "seats": ["A-1-1-1", "A-1-1-2"]}
      """
    When Ann sends it with <pointer> set to <value>
    Then it is refused with 422 invalid-request: <place> is <entry>
    And the whole event has 60 available, 0 reserved and 0 sold

    Examples:
      | pointer   | value             | place     | entry          |
      | /seats/0  | "A-1-1-99"        | /seats/0  | not-in-plan    |
      | /seats/1  | "A-1-3-1"         | /seats/1  | not-in-plan    |
      | /seats/0  | "A-1-1-21"        | /seats/0  | not-in-plan    |
      | /seats/0  | "A-1-0-1"         | /seats/0  | invalid-format |
      | /seats/0  | "A-1-1-0"         | /seats/0  | invalid-format |
      | /seats/0  | "A-2-1-1"         | /seats/0  | not-in-plan    |
      | /seats/0  | "B-1-1-1"         | /seats/0  | not-in-plan    |
      | /seats/1  | "A-1-1-1"         | /seats/1  | duplicate      |
      | /seats/1  | "first row"       | /seats/1  | invalid-format |
      | /seats/1  | "A-1-1-1-1"       | /seats/1  | invalid-format |
      | /seats/1  | "A-1-1-+1"        | /seats/1  | invalid-format |
      | /seats/1  | "A-1-1-99999999999999999999" | /seats/1 | invalid-format |
      | /seats/1  | ""                | /seats/1  | invalid-format |
      | /seats/1  | 12                | /seats/1  | wrong-type     |
      | /seats    | []                | /seats    | empty          |
      | /seats    | 5 different seats | /seats    | too-many       |
      | /seats    | "A-1-1-1"         | /seats    | wrong-type     |
      | /quantity | 2                 | /quantity | unknown-field  |

  Scenario: Chosen seats, without any
    Given a good request to POST /v1/bookings:
      """
      {"event_id": "{event}", "section": "A", "subsection": 1, "mode": "manual", "seats": ["A-1-1-1"]}
      """
    When Ann sends it without /seats
    Then it is refused with 422 invalid-request: /seats is missing-field

  Scenario: An event that does not exist
    Given a good request to POST /v1/bookings:
      """
      {"event_id": "{event}", "section": "A", "mode": "best_available", "quantity": 2}
      """
    When Ann sends it with /event_id set to "evt_00000000000000000000000000000000"
    Then it is refused with 409 event-not-on-sale

  Scenario: An event that is not on sale
    Given Sonia has drafted "Secret Gig":
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 4             | 1000  |
    When Ann tries to ask for the best 2 seats in section A
    Then it is refused with 409 event-not-on-sale

  Scenario Outline: A body that is no JSON: <body>
    Given a good request to POST /v1/bookings:
      """
      {"event_id": "{event}", "section": "A", "mode": "best_available", "quantity": 2}
      """
    When Ann sends as its body: <body>
    Then it is refused with 400 invalid-json

    Examples:
      | body                  |
      | {"event_id": "evt_    |
      | quantity=2            |
      | {"quantity": 2}}      |
      | {'quantity': 2}       |

  Scenario Outline: A body that is JSON of another kind: <body>
    Given a good request to POST /v1/bookings:
      """
      {"event_id": "{event}", "section": "A", "mode": "best_available", "quantity": 2}
      """
    When Ann sends as its body: <body>
    Then it is refused with 422 invalid-request: the body is wrong-type

    Examples:
      | body    |
      | []                                                     |
      | ["{event}", "A", null, "best_available", 2, null, null] |
      | null                                                   |
      | "A-1-1-1"                                              |
      | 7                                                      |

  Scenario Outline: The content type <type>
    Given a good request to POST /v1/bookings:
      """
      {"event_id": "{event}", "section": "A", "mode": "best_available", "quantity": 2}
      """
    When Ann sends it as <type>
    Then it is refused with 415 unsupported-media-type

    Examples:
      | type                              |
      | text/plain                        |
      | application/x-www-form-urlencoded |
      | application/xml                   |

  Scenario: A compressed body
    Given a good request to POST /v1/bookings:
      """
      {"event_id": "{event}", "section": "A", "mode": "best_available", "quantity": 2}
      """
    When Ann sends it encoded as gzip
    Then it is refused with 415 unsupported-media-type

  Scenario: Too large a body
    Given a good request to POST /v1/bookings:
      """
      {"event_id": "{event}", "section": "A", "mode": "best_available", "quantity": 2}
      """
    When Ann sends it padded beyond 1 MiB
    Then it is refused with 413 body-too-large

  Scenario: A refusal before the body has come leaves the connection usable
    Given a good request to POST /v1/bookings:
      """
      {"event_id": "{event}", "section": "A", "mode": "best_available", "quantity": 2}
      """
    Then a visitor who sends it 20 times on one connection, bodies behind heads, gets 401 each time

  Scenario: Nobody books without an account
    Given a good request to POST /v1/bookings:
      """
      {"event_id": "{event}", "section": "A", "mode": "best_available", "quantity": 2}
      """
    When a visitor sends it
    Then it is refused with 401 not-signed-in
    When someone calls GET /v1/bookings with the made-up session not.a.session
    Then it is refused with 401 not-signed-in
    When Ann signs out
    Then within a second Ann's old session is of no more use
    When someone calls GET /v1/bookings with the session Ann has ended
    Then it is refused with 401 not-signed-in

  Scenario: Paying needs a key, so that no retry can pay twice
    Given Ann holds the seat A-1-1-1
    When Ann tries to pay with "sandbox_success" and no key
    Then it is refused with 400 idempotency-key-missing
    And Ann's booking is still pending_payment

  Scenario Outline: Paying, <pointer> set to <value>
    Given Ann holds the seat A-1-1-1
    And a good request to POST /v1/bookings/{booking of Ann}/pay:
      """
      {"payment_method": "sandbox_success"}
      """
    When Ann sends it with <pointer> set to <value>
    Then it is refused with 422 invalid-request: <pointer> is <entry>
    And Ann's booking is still pending_payment

    Examples:
      | pointer         | value              | entry          |
      | /payment_method | "4111111111111111" | invalid-format |
      | /payment_method | ""                 | invalid-format |
      | /payment_method | 4111               | wrong-type     |
      | /amount_minor   | 1                  | unknown-field  |

  Scenario Outline: Cancelling with the body <body>
    Given Ann holds the seat A-1-1-1
    And a good request to POST /v1/bookings/{booking of Ann}/cancel:
      """
      {}
      """
    When Ann sends as its body: <body>
    Then it is refused with 422 invalid-request: <pointer> is <entry>
    And Ann's booking is still pending_payment

    Examples:
      | body                   | pointer | entry         |
      | {"seats": ["A-1-1-1"]} | /seats  | unknown-field |
      | {"reason": "rain"}     | /reason | unknown-field |

  Scenario: A booking that never was cannot be paid, cancelled or looked at
    When Ann calls GET /v1/bookings/bkg_00000000000000000000000000000000
    Then it is refused with 404 not-found
    When Ann calls GET /v1/bookings/not-a-booking
    Then it is refused with 404 not-found
    When Ann calls POST /v1/bookings/bkg_00000000000000000000000000000000/cancel
    Then it is refused with 404 not-found

  Scenario Outline: A history by <query>
    When Ann calls GET /v1/bookings?<query>
    Then it is refused with 422 invalid-request: <pointer> is <entry>

    Examples:
      | query        | pointer | entry          |
      | status=lucky | /status | invalid-format |
      | limit=0      | /limit  | out-of-range   |
      | limit=1000   | /limit  | out-of-range   |
