//! The service object. Each use case adds its method in a file of its own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::{Clock, Fault, UserId};

use crate::{
    domain::{
        account::Account, email::Email, known_sessions::KnownSessions, password::Password, throttle::Throttle,
    },
    ports::{AccountStore, Hasher},
};

/// The accounts service: its use cases on its ports.
pub struct Accounts {
    pub(super) store: Arc<dyn AccountStore>,
    pub(super) hasher: Arc<dyn Hasher>,
    pub(super) clock: Arc<dyn Clock>,
    known: Mutex<KnownSessions>,
    throttle: Mutex<Throttle>,
    /// Checked in place of an absent account's hash.
    pub(super) dummy_hash: String,
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

    pub(super) fn known(&self) -> MutexGuard<'_, KnownSessions> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
