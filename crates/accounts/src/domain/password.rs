//! The password policy: a length within limits, and not on a list of common passwords. There is no
//! rule on kinds of characters.
//!
//! Never: prints a password.

use std::fmt;

use kernel::limits;

/// A password that keeps the policy.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Why a text is refused as a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    #[error("Must be {} to {} characters long.", limits::PASSWORD_CHARS_MIN, limits::PASSWORD_CHARS_MAX)]
    Length,
    #[error("The password is too common.")]
    Common,
}

/// In lower case; the entries of eight characters and more from public lists of common passwords.
const COMMON: &[&str] = &[
    "00000000",
    "11111111",
    "12121212",
    "12312312",
    "123123123",
    "12341234",
    "12345678",
    "123456789",
    "1234567890",
    "1234567891",
    "123456789a",
    "1234qwer",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "55555555",
    "66666666",
    "77777777",
    "87654321",
    "88888888",
    "987654321",
    "99999999",
    "a1234567",
    "a12345678",
    "aa123456",
    "aa12345678",
    "abc12345",
    "abcd1234",
    "administrator",
    "asdf1234",
    "asdfasdf",
    "asdfghjk",
    "asdfghjkl",
    "baseball",
    "basketball",
    "changeme",
    "chocolate",
    "computer",
    "corvette",
    "football",
    "google123",
    "iloveyou",
    "iloveyou1",
    "internet",
    "jennifer",
    "liverpool",
    "metallica",
    "michelle",
    "p@ssw0rd",
    "passw0rd",
    "password",
    "password1",
    "password12",
    "password123",
    "pokemon1",
    "princess",
    "princess1",
    "q1w2e3r4",
    "qazwsxedc",
    "qwer1234",
    "qwerasdf",
    "qwerqwer",
    "qwerty12",
    "qwerty123",
    "qwertyui",
    "qwertyuiop",
    "samantha",
    "starwars",
    "sunshine",
    "superman",
    "swordfish",
    "trustno1",
    "victoria",
    "welcome1",
    "whatever",
    "zaq12wsx",
    "zxcvbnm1",
    "zxcvbnm123",
];

impl Password {
    /// # Errors
    /// When it breaks the policy.
    pub fn new(text: String) -> Result<Self, InvalidPassword> {
        let length = text.chars().count();
        if !(limits::PASSWORD_CHARS_MIN..=limits::PASSWORD_CHARS_MAX).contains(&length) {
            return Err(InvalidPassword::Length);
        }
        if COMMON.binary_search(&text.to_lowercase().as_str()).is_ok() {
            return Err(InvalidPassword::Common);
        }
        Ok(Self(text))
    }

    /// What is hashed in place of an absent account's password. It breaks the policy, so no account
    /// has it.
    pub(crate) fn of_nobody() -> Self {
        Self(String::new())
    }

    /// For hashing, and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_can_be_searched() {
        let mut sorted = COMMON.to_vec();
        sorted.sort_unstable();
        assert_eq!(sorted, COMMON);
        assert!(COMMON.iter().all(|common| common.chars().count() >= limits::PASSWORD_CHARS_MIN));
    }

    #[test]
    fn only_length_and_commonness_are_judged() {
        let judge = |text: &str| Password::new(text.to_owned()).map(|_| ());
        assert_eq!(judge("short77"), Err(InvalidPassword::Length));
        assert_eq!(judge(&"x".repeat(129)), Err(InvalidPassword::Length));
        assert_eq!(judge("PassWord123"), Err(InvalidPassword::Common));
        for good in ["demo-password", "correct horse battery", "密碼密碼密碼密碼", &"x".repeat(128)] {
            assert_eq!(judge(good), Ok(()), "{good}");
        }
    }
}
