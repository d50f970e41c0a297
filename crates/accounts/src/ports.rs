//! The ports of the accounts service. Each duty is stated here; `adapters` implements them, and one
//! contract suite per port in [`crate::testing`] checks the real ones and the in-memory ones.
//!
//! Never: a rule.

use async_trait::async_trait;
use kernel::{Fault, Timestamp, UserId};

use crate::domain::{
    account::Account,
    email::Email,
    password::Password,
    session::{EndId, Session},
    token::TokenHash,
};

/// What adding an account came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddOutcome {
    Added,
    EmailTaken,
}

/// What is too old to keep: everything at or before these times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outdated {
    /// Sessions that were last seen then.
    pub seen_at: Timestamp,
    /// Sessions that began then.
    pub created_at: Timestamp,
    /// Ends that happened then.
    pub ended_at: Timestamp,
}

/// Where accounts and sessions are kept. When a method that changes something answers, the change
/// is durable; on a fault nothing was changed, or it is not known whether it was.
#[async_trait]
pub trait AccountStore: Send + Sync + 'static {
    /// Adds an account with its password's hash, unless its address has one.
    async fn add(&self, account: Account, password_hash: String) -> Result<AddOutcome, Fault>;

    /// The account with this address, and its password's hash.
    async fn by_email(&self, email: &Email) -> Result<Option<(Account, String)>, Fault>;

    async fn by_id(&self, id: UserId) -> Result<Option<Account>, Fault>;

    async fn add_session(&self, token: TokenHash, session: Session) -> Result<(), Fault>;

    /// Invented tokens must not exhaust the store's connections.
    async fn session(&self, token: TokenHash) -> Result<Option<Session>, Fault>;

    /// Notes that the session was used.
    async fn seen(&self, token: TokenHash, now: Timestamp) -> Result<(), Fault>;

    /// Removes a session, and records its end for other processes in the same transaction. Ending
    /// it twice is the same as once.
    async fn end_session(&self, token: TokenHash, now: Timestamp) -> Result<(), Fault>;

    /// The latest end so far.
    async fn latest_end(&self) -> Result<EndId, Fault>;

    /// Some ends after this one, the first ones first; empty when there are none. Ends become
    /// visible in the order of their ids.
    async fn ends_after(&self, last: EndId) -> Result<Vec<(EndId, TokenHash)>, Fault>;

    /// Removes sessions and ends that are outdated.
    async fn remove(&self, outdated: Outdated) -> Result<(), Fault>;
}

/// Makes and checks password hashes: slowly, with a salt of its own for each, a few at a time.
#[async_trait]
pub trait Hasher: Send + Sync + 'static {
    async fn hash(&self, password: Password) -> Result<String, Fault>;

    /// Whether this text is the password that was hashed.
    ///
    /// # Errors
    /// When the stored hash cannot be read.
    async fn verify(&self, password: String, stored: String) -> Result<bool, Fault>;
}
