//! Money that came for a closed booking goes back, once, under a key that the attempt gives.

use kernel::{Fault, limits};

use super::{Bookings, working_set::WorkingSet};
use crate::{
    Booking,
    domain::payment::{AttemptId, PaymentStatus},
    ports::{BookingStore, PaymentProvider},
};

/// Refunds that one round makes.
const REFUNDS_PER_ROUND: u32 = 100;

/// Decides what a refund that was made changes: what the buyer is shown. Facts: the attempt and its booking.
pub fn decide(set: &mut WorkingSet, attempt: &AttemptId) -> Option<Booking> {
    let booking = set.attempt(attempt).and_then(|attempt| set.booking(attempt.booking_id)).cloned()?;
    if booking.payment == Some(PaymentStatus::Refunding) {
        let booking = Booking { payment: Some(PaymentStatus::Refunded), ..booking };
        return Some(set.put_booking(booking));
    }
    None
}

impl<S: BookingStore, P: PaymentProvider> Bookings<S, P> {
    /// Returns money that is due; answers how many refunds were made.
    pub(super) async fn return_money(&self) -> Result<usize, Fault> {
        let mut made = 0;
        for refund in self.store.refunds_due(REFUNDS_PER_ROUND).await? {
            let attempt = refund.attempt_id.clone();
            if self.provider.refund(refund).await.is_err() {
                // It stays due, and is asked for again under the same key.
                continue;
            }
            if let Some(booking) = self.store.refunded(attempt).await? {
                self.tell(&[booking]);
            }
            made += 1;
        }
        Ok(made)
    }

    /// Forgets idempotency keys that are older than they need to be.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_old_keys(&self) -> Result<(), Fault> {
        self.store.forget_keys(self.clock.now() - limits::IDEMPOTENCY_KEY_LIFETIME).await
    }
}
