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
const COMMON: &str = include_str!("common_passwords.txt");

impl Password {
    /// # Errors
    /// When it breaks the policy.
    pub fn new(text: String) -> Result<Self, InvalidPassword> {
        let length = text.chars().count();
        if !(limits::PASSWORD_CHARS_MIN..=limits::PASSWORD_CHARS_MAX).contains(&length) {
            return Err(InvalidPassword::Length);
        }
        let lower = text.to_lowercase();
        if COMMON.lines().any(|common| common == lower) {
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
    fn every_word_of_the_list_has_a_password_s_length_and_no_capital() {
        assert!(COMMON.lines().count() > 50);
        for common in COMMON.lines() {
            assert!(common.chars().count() >= limits::PASSWORD_CHARS_MIN, "{common}");
            assert_eq!(common.to_lowercase(), common);
        }
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
