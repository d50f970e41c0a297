//! Expiry: a booking past its deadline, to pay or to be answered, is cancelled and its seats are
//! released.
//!
//! Promises: nothing expires before its deadline; a booking whose payment may have gone through is
//! kept for a grace period. The stored deadline decides; timers only make expiry punctual.

use std::time::Duration;

use futures::future::join_all;
use kernel::{BookingId, Fault, Timestamp, limits};

use super::{cancel, service::Bookings};
use crate::{
    decision::{Decision, Needs, WorkingSet},
    domain::booking::{Booking, CancelReason, Overdue},
    ports::BookingStore,
};

/// Ends a booking that is due, if it still is.
#[derive(Debug, Clone, Copy)]
pub struct Expire {
    pub booking_id: BookingId,
    pub overdue: Overdue,
    pub now: Timestamp,
}

impl Decision for Expire {
    /// The booking, if it was ended.
    type Answer = Option<Booking>;
    const DOING: &'static str = "expire an overdue booking";

    fn needs(&self) -> Needs {
        Needs { attempts_of: vec![self.booking_id], ..Needs::default() }
    }

    fn decide(&self, set: &mut WorkingSet) -> Option<Booking> {
        let booking = set.booking(self.booking_id)?;
        let may_be_charged = set.attempts_of(booking.id).any(|attempt| attempt.status.keeps_booking());
        if !booking.is_overdue(self.overdue, may_be_charged, self.now) {
            return None;
        }
        let booking = booking.clone();
        cancel::end(set, booking, CancelReason::Expired, self.now).ok()
    }
}

impl<S: BookingStore> Bookings<S> {
    /// Expires up to [`limits::BOOKINGS_PER_SWEEP`] overdue bookings; returns how many. Call it
    /// again until that is zero.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn expire(&self) -> Result<usize, Fault> {
        self.end_overdue(Overdue::Unpaid).await
    }

    pub(super) async fn end_overdue(&self, overdue: Overdue) -> Result<usize, Fault> {
        let now = self.clock.now();
        let now = kernel::sabotaged!("expiry.five-seconds-early", now, now + Duration::from_secs(5));
        let due = self.store.due(overdue, now, limits::BOOKINGS_PER_SWEEP).await?;
        let decisions =
            due.into_iter().map(|booking_id| self.store.decide(Expire { booking_id, overdue, now }));
        let (mut ended, mut failed) = (Vec::new(), None);
        for outcome in join_all(decisions).await {
            match outcome {
                Ok(booking) => ended.extend(booking),
                Err(fault) => failed = Some(fault),
            }
        }
        self.notify(&ended);
        failed.map_or(Ok(ended.len()), Err)
    }

    /// Sets the timer to the first deadline after this moment, the beginning of the sweep: the
    /// sweep has looked at all earlier ones, and its regular rounds end those that it kept.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remind_of_next_deadline(&self, after: Timestamp) -> Result<(), Fault> {
        if let Some(at) = self.store.next_deadline(after).await? {
            self.deadlines.remind(at);
        }
        Ok(())
    }
}
