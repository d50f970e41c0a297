//! Payment providers behind booking's port, one file each. Never decides whether a booking is paid;
//! booking does.

pub mod sandbox;

use booking::{AttemptId, ChargeAnswer, ports::PaymentProvider};
use futures::future::BoxFuture;

/// A provider as a process holds it.
pub trait Provider: PaymentProvider {
    /// Closes what it holds open; it must not be used after that.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// What a provider reports by itself, as a webhook does.
pub type Reported = (AttemptId, ChargeAnswer);
