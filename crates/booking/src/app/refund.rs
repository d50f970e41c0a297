//! Refunds: money that pays for no booking goes back, once, under a key derived from the attempt.

use kernel::{Fault, limits};

use super::service::Bookings;
use crate::{
    decision::{Decision, Needs, WorkingSet},
    domain::{
        booking::Booking,
        payment::{AttemptId, PaymentStatus},
    },
    ports::BookingStore,
};

/// Notes that the provider gave the money of an attempt back.
#[derive(Debug, Clone)]
pub struct NoteRefund {
    pub attempt_id: AttemptId,
}

impl Decision for NoteRefund {
    /// The booking, if what its buyer is shown changed.
    type Answer = Option<Booking>;
    const DOING: &'static str = "store the refund";

    fn needs(&self) -> Needs {
        Needs { attempts: vec![self.attempt_id.clone()], ..Needs::default() }
    }

    fn decide(&self, set: &mut WorkingSet) -> Option<Booking> {
        set.refund_done(self.attempt_id.clone());
        let booking = set.booking(set.attempt(&self.attempt_id)?.booking_id)?;
        if booking.payment != Some(PaymentStatus::Refunding) {
            return None;
        }
        let shown = Booking { payment: Some(PaymentStatus::Refunded), ..booking.clone() };
        Some(set.put_booking(shown))
    }
}

impl<S: BookingStore> Bookings<S> {
    /// Makes the refunds that are due; returns how many.
    pub(super) async fn return_money(&self) -> Result<usize, Fault> {
        let mut made = 0;
        for refund in self.store.refunds_due(limits::REFUNDS_PER_ROUND).await? {
            let attempt_id = refund.attempt_id.clone();
            if self.provider.refund(refund).await.is_err() {
                // It stays due, and is asked for again under the same key.
                continue;
            }
            if let Some(booking) = self.store.decide(NoteRefund { attempt_id }).await? {
                self.notify(&[booking]);
            }
            made += 1;
        }
        Ok(made)
    }
}
