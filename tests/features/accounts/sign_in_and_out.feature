Feature: Users sign in and out securely
  As a user, I can login and logout securely.

  Scenario: A browser is signed in by its cookie
    Given the buyer Bob
    When Bob signs in
    Then the answer is 201
    And Bob is signed in by cookie alone

  Scenario: Without a session nobody is signed in
    Then a visitor may not see who is signed in

  Scenario: A wrong password and an unknown address look the same from outside
    Given the buyer Bob
    When Bob signs in with the password not-my-password-at-all
    Then it is refused with 401 wrong-credentials
    When Nobody signs in
    Then it is refused with 401 wrong-credentials

  Scenario: Signing out ends the session everywhere, and only this session
    Given the buyer Bob
    And Bob is signed in on a second device
    When Bob signs out
    Then within a second Bob's old session is of no more use
    And Bob2 is still signed in

  Scenario: Signing out ends what the session was listening to
    Given the buyer Bob
    When Bob listens to all own bookings
    And Bob signs out
    Then Bob's stream ends within 5 seconds

  Scenario: Another site cannot act with a buyer's cookie
    Given the seller Sonia
    And the buyer Bob
    And Sonia has put "Concert" on sale:
      | section | subsection | rows | seats per row | price |
      | A       | 1          | 1    | 4             | 1000  |
    And Bob holds the seat A-1-1-1
    When another site makes Bob's browser cancel the booking
    Then it is refused with 403 cross-site
    And Bob's booking is still pending_payment
