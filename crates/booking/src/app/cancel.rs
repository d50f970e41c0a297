//! A buyer gives seats back. Twice is the same as once.

use kernel::{BookingId, Fault, Timestamp, UserId};

use super::{messages, service::Bookings};
use crate::{
    decision::{Decision, Needs, WorkingSet},
    domain::booking::{Booking, CancelReason, State, WrongState},
    ports::BookingStore,
};

#[derive(Debug, Clone, Copy)]
pub struct CancelBooking {
    pub booking_id: BookingId,
    pub buyer_id: UserId,
    pub now: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CancelOutcome {
    Cancelled(Booking),
    /// By its buyer, earlier.
    AlreadyCancelled(Booking),
    /// Absent, or another's.
    NotFound,
    WrongState(WrongState),
}

impl Decision for CancelBooking {
    type Answer = CancelOutcome;
    const DOING: &'static str = "cancel the booking";

    fn needs(&self) -> Needs {
        Needs { bookings: vec![self.booking_id], ..Needs::default() }
    }

    fn decide(&self, set: &mut WorkingSet) -> CancelOutcome {
        let own =
            |booking: &&Booking| booking.buyer_id == self.buyer_id || kernel::planted("cancel.by-anyone");
        let booking = set.booking(self.booking_id).filter(own);
        let Some(booking) = booking.cloned() else { return CancelOutcome::NotFound };
        if matches!(booking.state, State::Cancelled { reason: CancelReason::Buyer, .. }) {
            return CancelOutcome::AlreadyCancelled(booking);
        }
        match end(set, booking, CancelReason::Buyer, self.now) {
            Ok(booking) => CancelOutcome::Cancelled(booking),
            Err(refusal) => CancelOutcome::WrongState(refusal),
        }
    }
}

/// Cancels a booking; the seats that it holds go back.
pub(super) fn end(
    set: &mut WorkingSet,
    booking: Booking,
    reason: CancelReason,
    now: Timestamp,
) -> Result<Booking, WrongState> {
    let booking = booking.cancelled(reason, now)?;
    if let Some(grant) = booking.grant().filter(|_| !kernel::planted("booking.release-not-sent")) {
        set.send(messages::release(booking.lane, grant.clone(), now, None));
    }
    Ok(set.put_booking(booking))
}

impl<S: BookingStore> Bookings<S> {
    /// Cancels a buyer's own booking.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn cancel(&self, booking_id: BookingId, buyer_id: UserId) -> Result<CancelOutcome, Fault> {
        let now = self.clock.now();
        let outcome = self.store.decide(CancelBooking { booking_id, buyer_id, now }).await?;
        if let CancelOutcome::Cancelled(booking) = &outcome {
            self.notify(std::slice::from_ref(booking));
        }
        Ok(outcome)
    }
}
