//! Polls the provider for payments with an unknown outcome, always under the same key.
//!
//! Promises: an attempt is polled until it is decided, also after its booking is closed, so that
//! late money is found and refunded.

use futures::{StreamExt as _, stream};
use kernel::{Fault, limits};

use super::service::Bookings;
use crate::{
    domain::payment::{AttemptStatus, ChargeAnswer, PaymentAttempt},
    ports::{BookingStore, Found},
};

impl<S: BookingStore> Bookings<S> {
    /// Polls the attempts that are due and makes the refunds that are due; returns how many there
    /// were.
    ///
    /// # Errors
    /// When the store fails. A fault of the provider only puts an attempt off.
    pub async fn poll_payments(&self) -> Result<usize, Fault> {
        let due = self.store.attempts_due(self.clock.now(), limits::PAYMENTS_PER_ROUND).await?;
        let calls = stream::iter(due.into_iter().map(|attempt| self.call_about(attempt)));
        let ended: Vec<_> = calls.buffer_unordered(limits::PROVIDER_CALLS).collect().await;
        ended.into_iter().collect::<Result<Vec<()>, Fault>>().map(|all| all.len())
    }

    async fn call_about(&self, attempt: PaymentAttempt) -> Result<(), Fault> {
        match attempt.status {
            AttemptStatus::Refunding => self.return_money(attempt).await,
            _ if kernel::planted("pay.never-asked-about-again") => Ok(()),
            _ => {
                let answer = self.ask(&attempt).await.unwrap_or(ChargeAnswer::Unknown);
                self.payment_reported(attempt.id, answer).await
            }
        }
    }

    async fn ask(&self, attempt: &PaymentAttempt) -> Result<ChargeAnswer, Fault> {
        // A call in flight may still reach the provider; only after its time limit is the key
        // closed for good.
        let running = self.clock.now() < attempt.sent_at + limits::PROVIDER_CALL
            && !kernel::planted("pay.running-call-voided");
        match self.provider.find(attempt.id.clone()).await? {
            Found::Answer(answer) => Ok(answer),
            Found::Nothing if running => Ok(ChargeAnswer::Unknown),
            Found::Nothing => self.provider.void(attempt.id.clone()).await,
        }
    }
}
