//! The use cases, one file each, on the service object.

pub mod find_principal;
pub mod follow_ends;
pub mod forget_ended;
pub mod register;
pub mod sign_in;
pub mod sign_out;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::{Clock, Fault, UserId};

use crate::{
    Account, Email, Password,
    domain::{known_sessions::KnownSessions, throttle::Throttle},
    ports::{AccountStore, Hasher},
};

/// The accounts service: its use cases on its ports.
pub struct Accounts {
    store: Arc<dyn AccountStore>,
    hasher: Arc<dyn Hasher>,
    clock: Arc<dyn Clock>,
    known: Mutex<KnownSessions>,
    throttle: Mutex<Throttle>,
    /// Checked in place of an absent account's hash.
    dummy_hash: String,
}

impl Accounts {
    /// # Errors
    /// When hashing does not work.
    pub async fn new(
        store: Arc<dyn AccountStore>,
        hasher: Arc<dyn Hasher>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        let dummy_hash = hasher.hash(Password::of_nobody()).await?;
        let (known, throttle) = (Mutex::default(), Mutex::default());
        Ok(Self { store, hasher, clock, known, throttle, dummy_hash })
    }

    /// # Errors
    /// When the store fails.
    pub async fn account(&self, id: UserId) -> Result<Option<Account>, Fault> {
        self.store.by_id(id).await
    }

    /// The account with this address.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn account_of(&self, email: &Email) -> Result<Option<Account>, Fault> {
        Ok(self.store.by_email(email).await?.map(|(account, _)| account))
    }

    fn known(&self) -> MutexGuard<'_, KnownSessions> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
