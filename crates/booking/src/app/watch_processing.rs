//! A watchdog for bookings that the seat engine does not answer: they are cancelled, and a hold
//! that arrives later is released.

use kernel::{Fault, Timestamp, limits};

use super::service::Bookings;
use crate::{domain::booking::Overdue, ports::BookingStore};

impl<S: BookingStore> Bookings<S> {
    /// Cancels up to [`limits::BOOKINGS_PER_SWEEP`] bookings that have been processing for too
    /// long; answers how many. For [`limits::PROCESSING_DEADLINE`] from `since`, the start of the
    /// process, it cancels none: answers that came while the service was down have that time to be
    /// read.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn cancel_stuck(&self, since: Timestamp) -> Result<usize, Fault> {
        let since = kernel::sabotaged!("watchdog.ignores-the-start", since, Timestamp::from_millis(0));
        if since > self.clock.now() - limits::PROCESSING_DEADLINE || kernel::planted("watchdog.off") {
            return Ok(0);
        }
        self.end_overdue(Overdue::Unanswered).await
    }
}
