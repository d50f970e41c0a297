//! Polls the provider for payments with an unknown outcome, always under the same key.
//!
//! Promises: an attempt is polled until it is decided, also after its booking is closed, so that
//! late money is found and refunded.

use kernel::{Fault, limits};

use super::{service::Bookings, settle_payment::Report};
use crate::{
    domain::payment::{AttemptStatus, CALL_LIMIT, ChargeAnswer, PaymentAttempt},
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
        let count = due.len();
        for attempt in due {
            match attempt.status {
                AttemptStatus::Refunding => self.return_money(attempt).await?,
                _ if kernel::planted("pay.never-asked-about-again") => {}
                _ => {
                    let answer = self.ask(&attempt).await.unwrap_or(ChargeAnswer::Unknown);
                    self.settle(Report { attempt_id: attempt.id, answer, now: self.clock.now() }).await?;
                }
            }
        }
        Ok(count)
    }

    async fn ask(&self, attempt: &PaymentAttempt) -> Result<ChargeAnswer, Fault> {
        match self.provider.find(attempt.id.clone()).await? {
            Found::Answer(answer) => Ok(answer),
            Found::Nothing if kernel::planted("pay.running-call-voided") => {
                self.provider.void(attempt.id.clone()).await
            }
            // A call in flight may still reach the provider; only after its time limit is the key
            // closed for good.
            Found::Nothing if self.clock.now() < attempt.sent_at + CALL_LIMIT => Ok(ChargeAnswer::Unknown),
            Found::Nothing => self.provider.void(attempt.id.clone()).await,
        }
    }
}
