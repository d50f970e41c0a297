//! Payment providers behind booking's port, one file each, and the choice of one by its address.
//!
//! Promises: nothing else knows which providers there are. Never: decides whether a booking is
//! paid; booking does.

pub mod sandbox;

use std::sync::Arc;

use booking::{AttemptId, ChargeAnswer, ports::PaymentProvider};
use futures::future::BoxFuture;
use kernel::Clock;
use tokio::sync::mpsc;

use self::sandbox::SandboxProvider;
use crate::sql::{BadUrl, DatabaseUrl, OpenError};

/// A provider as a process holds it.
pub trait Provider: PaymentProvider {
    /// Waits until it can never be used again, and answers why.
    fn failed(&self) -> BoxFuture<'static, Arc<str>>;

    /// Closes what it holds open; it must not be used after that.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// What a provider reports by itself, as a webhook does.
pub type Reported = (AttemptId, ChargeAnswer);

/// An open provider, and the receiver of its unsolicited reports.
pub type Opened = (Arc<dyn Provider>, mpsc::Receiver<Reported>);

/// A provider, by its address.
pub enum ProviderUrl {
    /// The database of its ledger.
    Sandbox(DatabaseUrl),
}

impl ProviderUrl {
    /// # Errors
    /// When the text is the address of no provider.
    pub fn read(url: &str) -> Result<Self, BadUrl> {
        DatabaseUrl::server(url).map(Self::Sandbox)
    }

    /// The ledger, where it is a database of ours, which an audit can read.
    pub fn ledger(self) -> Option<DatabaseUrl> {
        let Self::Sandbox(ledger) = self;
        Some(ledger)
    }

    /// Opens the provider.
    ///
    /// # Errors
    /// As [`crate::sql::Database::open`].
    pub async fn open(self, clock: Arc<dyn Clock>) -> Result<Opened, OpenError> {
        let Self::Sandbox(ledger) = self;
        let (sandbox, reports) = SandboxProvider::open(ledger, clock).await?;
        Ok((Arc::new(sandbox), reports))
    }
}
