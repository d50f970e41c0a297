//! "As a visitor, I can register as a seller" and "… as a buyer".
//!
//! Promises: an address has at most one account; all broken rules are named at once.

use kernel::{Fault, Role, Timestamp, UserId, Violation, limits, violation::code};

use super::service::Accounts;
use crate::{
    domain::{
        account::Account,
        email::Email,
        password::{InvalidPassword, Password},
    },
    ports::AddOutcome,
};

/// What a visitor wrote.
#[derive(Debug, Clone)]
pub struct Registration {
    pub email: String,
    pub password: String,
    pub name: String,
    pub role: Role,
}

/// What a registration came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegisterOutcome {
    Registered(Account),
    Invalid(Vec<Violation>),
    EmailTaken,
}

impl Accounts {
    /// Registers a user under this new id.
    ///
    /// # Errors
    /// When the store or hashing fails.
    pub async fn register(&self, id: UserId, registration: Registration) -> Result<RegisterOutcome, Fault> {
        let (account, password) = match read(registration, id, self.clock.now()) {
            Ok(read) => read,
            Err(violations) => return Ok(RegisterOutcome::Invalid(violations)),
        };
        let hash = self.hasher.hash(password).await?;
        Ok(match self.store.add(account.clone(), hash).await? {
            AddOutcome::Added => RegisterOutcome::Registered(account),
            AddOutcome::EmailTaken => RegisterOutcome::EmailTaken,
        })
    }
}

/// Reads the registration into an account with this id, and its password.
///
/// # Errors
/// Every broken rule with its place.
fn read(
    registration: Registration,
    id: UserId,
    now: Timestamp,
) -> Result<(Account, Password), Vec<Violation>> {
    let Registration { email, password, name, role } = registration;
    let mut violations = Vec::new();
    let mut refuse =
        |pointer: &str, code, detail: String| violations.push(Violation::new(pointer, code, detail));
    let email =
        email.parse::<Email>().map_err(|error| refuse("/email", code::INVALID_FORMAT, error.to_string()));
    let password = Password::new(password).map_err(|error| {
        let code = match error {
            InvalidPassword::Length => code::OUT_OF_RANGE,
            InvalidPassword::Common => code::INVALID_FORMAT,
        };
        refuse("/password", code, error.to_string());
    });
    let name = name.trim().to_owned();
    let length = name.chars().count();
    if length == 0 || length > limits::USER_NAME_CHARS {
        let detail = format!("Must be 1 to {} characters long.", limits::USER_NAME_CHARS);
        refuse("/name", code::OUT_OF_RANGE, detail);
    } else if name.chars().any(char::is_control) {
        refuse("/name", code::INVALID_FORMAT, "Must not contain control characters.".to_owned());
    }
    match (email, password) {
        (Ok(email), Ok(password)) if violations.is_empty() => {
            Ok((Account { id, email, name, role, created_at: now }, password))
        }
        _ => Err(violations),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(
        email: &str,
        password: &str,
        name: &str,
    ) -> Result<(Account, Password), Vec<(String, &'static str)>> {
        let registration = Registration {
            email: email.to_owned(),
            password: password.to_owned(),
            name: name.to_owned(),
            role: Role::Buyer,
        };
        read(registration, UserId::from_slice(&[1; 16]).unwrap(), Timestamp::from_millis(5))
            .map_err(|all| all.into_iter().map(|v| (v.pointer, v.code)).collect())
    }

    #[test]
    fn a_good_registration_becomes_an_account() {
        let (account, password) = judge("Robin@Example.org", "correct horse battery", " Robin ").unwrap();
        assert_eq!((account.email.as_str(), account.name.as_str()), ("robin@example.org", "Robin"));
        assert_eq!(password.expose(), "correct horse battery");
    }

    #[test]
    fn every_broken_rule_is_named_at_once() {
        let long = "x".repeat(101);
        let expect = [
            ("/email", code::INVALID_FORMAT),
            ("/password", code::OUT_OF_RANGE),
            ("/name", code::OUT_OF_RANGE),
        ];
        for name in ["", "  ", &long] {
            let found = judge("x", "short", name).unwrap_err();
            assert_eq!(found, expect.map(|(pointer, code)| (pointer.to_owned(), code)), "{name}");
        }
        let found = judge("a@b.tw", "password", "a\nb").unwrap_err();
        assert_eq!(
            found,
            [("/password", code::INVALID_FORMAT), ("/name", code::INVALID_FORMAT)]
                .map(|(p, c)| (p.to_owned(), c))
        );
    }
}
