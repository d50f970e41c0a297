//! "As a registered user, I can sign in."
//!
//! Promises: repeated failures make an account and an address wait; the answer, and the time it
//! takes, are the same whether the address has an account or the password is wrong.

use std::net::IpAddr;

use kernel::{Fault, Principal};

use super::service::Accounts;
use crate::domain::{account::Account, email::Email, session::Session, throttle::Wait, token::Token};

/// What an attempt to sign in came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInOutcome {
    /// The token that was brought is now this session's.
    SignedIn {
        session: Session,
        account: Account,
    },
    WrongCredentials,
    TooManyFailures(Wait),
}

impl Accounts {
    /// Begins a session with this new token. `address` is where the attempt comes from.
    ///
    /// # Errors
    /// When the store or hashing fails.
    pub async fn sign_in(
        &self,
        email: &str,
        password: String,
        address: IpAddr,
        token: &Token,
    ) -> Result<SignInOutcome, Fault> {
        let parsed = email.parse::<Email>().ok();
        let name = parsed.as_ref().map_or_else(|| email.to_lowercase(), ToString::to_string);
        let address = address.to_string();
        if let Err(wait) = self.throttle().check(&name, &address, self.clock.now()) {
            return Ok(SignInOutcome::TooManyFailures(wait));
        }
        let found = match &parsed {
            Some(email) => self.store.by_email(email).await?,
            None => None,
        };
        let (account, hash) = found.unzip();
        let hash = hash.unwrap_or_else(|| self.dummy_hash.clone());
        let matches = self.hasher.verify(password, hash).await?;
        // Others may have failed while this one waited for its turn: what it found out stays here.
        if let Err(wait) = self.throttle().check(&name, &address, self.clock.now()) {
            return Ok(SignInOutcome::TooManyFailures(wait));
        }
        if let Some(account) = account.filter(|_| matches) {
            return self.begin_session(account, token).await;
        }
        self.throttle().failed(&name, &address, self.clock.now());
        Ok(SignInOutcome::WrongCredentials)
    }

    async fn begin_session(&self, account: Account, token: &Token) -> Result<SignInOutcome, Fault> {
        self.throttle().succeeded(account.email.as_str());
        let principal = Principal { user_id: account.id, role: account.role };
        let session = Session::new(principal, self.clock.now());
        self.store.add_session(token.hash(), session).await?;
        self.known().put(token.hash(), session);
        Ok(SignInOutcome::SignedIn { session, account })
    }
}
