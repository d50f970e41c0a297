//! A booking that the seat engine does not answer must end too: it is cancelled, and a hold that comes later goes back.

use kernel::{Fault, Timestamp, limits};

use super::{Bookings, expire::BOOKINGS_PER_SWEEP};
use crate::ports::{BookingStore, PaymentProvider};

impl<S: BookingStore, P: PaymentProvider> Bookings<S, P> {
    /// Cancels up to a sweep's number of bookings that have been processing for too long; answers how many. Time before `since` does not
    /// count, so that answers which came while the service was down are read before anyone is given up.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn cancel_stuck(&self, since: Timestamp) -> Result<usize, Fault> {
        let now = self.clock.now();
        let created_before = now - limits::PROCESSING_DEADLINE;
        if since > created_before {
            return Ok(0);
        }
        let ended = self.store.cancel_stuck(created_before, now, BOOKINGS_PER_SWEEP).await?;
        self.tell(&ended);
        Ok(ended.len())
    }
}
