Feature: Those who run the system can look at it
  The routes for machines and for people who integrate, none of which needs the outside world.

  Scenario Outline: <path> answers
    When a visitor calls GET <path>
    Then the answer is 200 of the kind <kind>
    And the answer contains "<text>"

    Examples:
      | path          | kind             | text                       |
      | /readyz       | text/plain       | ok                         |
      | /livez        | text/plain       | ok                         |
      | /metrics      | text/plain       | # TYPE                     |
      | /openapi.json | application/json | /v1/bookings/{id}/pay      |

  Scenario: The documentation works without the internet
    When a visitor calls GET /docs
    Then the answer is 200 of the kind text/html
    And it does not ask anyone else for help

  Scenario: A method that a route does not know
    When a visitor calls PUT /v1/events
    Then it is refused with 405 method-not-allowed

  Scenario Outline: <path> is no file of ours
    When a visitor calls GET <path>
    Then it is refused with 404 not-found

    Examples:
      | path                      |
      | /robots.txt               |
      | /.well-known/security.txt |
      | /.vite/manifest.json      |
