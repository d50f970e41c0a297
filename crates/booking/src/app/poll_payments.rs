//! Asks the provider again about payments whose outcome is not known, always under the same key.
//!
//! Promises: an attempt is asked about until it is decided, also after its booking is closed, so
//! that late money is found and returned.

use kernel::{Fault, limits};

use super::{service::Bookings, settle_payment::Report};
use crate::{
    domain::payment::{CALL_LIMIT, ChargeAnswer, PaymentAttempt},
    ports::{BookingStore, Found},
};

impl<S: BookingStore> Bookings<S> {
    /// Asks about the attempts that are due and returns money that is due; answers how many there
    /// were.
    ///
    /// # Errors
    /// When the store fails. A fault of the provider only puts an attempt off.
    pub async fn poll_payments(&self) -> Result<usize, Fault> {
        let due = self.store.attempts_due(self.clock.now(), limits::PAYMENTS_PER_ROUND).await?;
        let asked = due.len();
        for attempt in due {
            let answer = self.ask(&attempt).await.unwrap_or(ChargeAnswer::Unknown);
            self.settle(Report { attempt_id: attempt.id, answer, now: self.clock.now() }).await?;
        }
        Ok(asked + self.return_money().await?)
    }

    async fn ask(&self, attempt: &PaymentAttempt) -> Result<ChargeAnswer, Fault> {
        match self.provider.find(attempt.id.clone()).await? {
            Found::Answer(answer) => Ok(answer),
            // A call that is still running may reach the provider yet; only after its limit is it
            // closed for good.
            Found::Nothing if self.clock.now() < attempt.sent_at + CALL_LIMIT => Ok(ChargeAnswer::Unknown),
            Found::Nothing => self.provider.void(attempt.id.clone()).await,
        }
    }
}
