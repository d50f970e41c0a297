//! A buyer gives seats back. Twice is the same as once.

use kernel::{BookingId, Fault, Timestamp, UserId};

use super::{Bookings, messages, working_set::WorkingSet};
use crate::{
    Booking, CancelReason, State, WrongState,
    ports::{BookingStore, PaymentProvider},
};

#[derive(Debug, Clone, Copy)]
pub struct CancelBooking {
    pub booking_id: BookingId,
    pub buyer_id: UserId,
    pub now: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancelling {
    Cancelled(Booking),
    /// By its buyer, earlier.
    AlreadyCancelled(Booking),
    /// Absent, or another's.
    NotFound,
    WrongState(WrongState),
}

/// Decides one of a batch. Facts: the booking.
pub fn decide(set: &mut WorkingSet, cancel: &CancelBooking) -> Cancelling {
    let Some(booking) = set.booking(cancel.booking_id).filter(|b| b.buyer_id == cancel.buyer_id).cloned()
    else {
        return Cancelling::NotFound;
    };
    if matches!(booking.state, State::Cancelled { reason: CancelReason::Buyer, .. }) {
        return Cancelling::AlreadyCancelled(booking);
    }
    match end(set, booking, CancelReason::Buyer, cancel.now) {
        Ok(booking) => Cancelling::Cancelled(booking),
        Err(refusal) => Cancelling::WrongState(refusal),
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
    if let Some(grant) = booking.grant() {
        set.send(messages::release(booking.lane, grant.clone(), now, None));
    }
    Ok(set.put_booking(booking))
}

impl<S: BookingStore, P: PaymentProvider> Bookings<S, P> {
    /// Cancels a buyer's own booking.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn cancel(&self, booking_id: BookingId, buyer_id: UserId) -> Result<Cancelling, Fault> {
        let outcome =
            self.store.cancel(CancelBooking { booking_id, buyer_id, now: self.clock.now() }).await?;
        if let Cancelling::Cancelled(booking) = &outcome {
            self.tell(std::slice::from_ref(booking));
        }
        Ok(outcome)
    }
}
