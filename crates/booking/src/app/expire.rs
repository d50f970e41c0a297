//! The time to pay is over: the booking is cancelled and its seats go back.
//!
//! Promises: nothing expires before its deadline; a booking whose payment may have gone through waits for the answer, within reason.
//! The stored deadline is the truth; reminders only make it punctual.

use kernel::{Fault, Timestamp};

use super::{Bookings, cancel, working_set::WorkingSet};
use crate::{
    Booking, CancelReason, State,
    ports::{BookingStore, PaymentProvider},
};

/// Bookings that one transaction ends.
pub const BOOKINGS_PER_SWEEP: u32 = 500;

/// Decides all bookings of the set: those that the store found to be due.
pub fn decide(set: &mut WorkingSet, now: Timestamp) -> Vec<Booking> {
    let mut ended = Vec::new();
    for id in set.booking_ids() {
        let Some(booking) = set.booking(id).cloned() else { continue };
        if let State::PendingPayment { pay_by, .. } = booking.state
            && pay_by > now
        {
            continue;
        }
        if let Ok(booking) = cancel::end(set, booking, CancelReason::Expired, now) {
            ended.push(booking);
        }
    }
    ended
}

impl<S: BookingStore, P: PaymentProvider> Bookings<S, P> {
    /// Ends up to [`BOOKINGS_PER_SWEEP`] bookings whose time is over; answers how many. When that many, call again.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn expire(&self) -> Result<usize, Fault> {
        let ended = self.store.expire(self.clock.now(), BOOKINGS_PER_SWEEP).await?;
        self.tell(&ended);
        Ok(ended.len())
    }

    /// Asks the store for the next deadline and has it reminded of.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remind_of_next_deadline(&self) -> Result<(), Fault> {
        if let Some(at) = self.store.next_deadline().await? {
            self.deadlines.remind(at);
        }
        Ok(())
    }
}
