Feature: A registration that makes no sense is refused, and says why
  Every refusal is a problem answer with a code for programs, the place in the request and words for people.

  Background:
    Given a good request to POST /v1/users:
      """
      {"email": "robin.{tag}@example.org", "password": "correct horse battery", "name": "Robin", "role": "buyer"}
      """

  Scenario: The good request is good
    When a visitor sends it
    Then the answer is 201

  Scenario Outline: <pointer> set to <value>
    When a visitor sends it with <pointer> set to <value>
    Then it is refused with 422 invalid-request: <pointer> is <entry>

    Examples:
      | pointer   | value           | entry          |
      | /email    | 7               | wrong-type     |
      | /email    | "not an e-mail" | invalid-format |
      | /email    | ""              | invalid-format |
      | /password | "short"         | out-of-range   |
      | /password | ["a", "b"]      | wrong-type     |
      | /name     | ""              | out-of-range   |
      | /name     | 1000 letters    | out-of-range   |
      | /role     | "admin"         | invalid-format |
      | /role     | null            | wrong-type     |
      | /id       | "usr_1"         | unknown-field  |
      | /is_admin | true            | unknown-field  |

  Scenario Outline: without <pointer>
    When a visitor sends it without <pointer>
    Then it is refused with 422 invalid-request: <pointer> is missing-field

    Examples:
      | pointer   |
      | /email    |
      | /password |
      | /name     |
      | /role     |

  Scenario Outline: a body that is no JSON object: <body>
    When a visitor sends as its body: <body>
    Then it is refused with 400 invalid-json

    Examples:
      | body               |
      | {"email": "robin   |
      | email=robin        |
      | {"email": "a",}    |
      | {"email": NaN}     |
