//! Refunds: money that pays for no booking goes back, once, under a key derived from the attempt.
//!
//! Promises: one that fails is put off, for longer each time, and never given up.

use kernel::{Fault, Timestamp};

use super::service::Bookings;
use crate::{
    decision::{Decision, Needs, WorkingSet},
    domain::{
        booking::Booking,
        payment::{AttemptId, AttemptStatus, PaymentAttempt, PaymentStatus},
    },
    ports::BookingStore,
};

/// Notes whether the provider gave the money of an attempt back.
#[derive(Debug, Clone)]
pub struct NoteRefund {
    pub attempt_id: AttemptId,
    pub made: bool,
    pub now: Timestamp,
}

impl Decision for NoteRefund {
    /// The booking, if what its buyer is shown changed.
    type Answer = Option<Booking>;
    const DOING: &'static str = "store the refund";

    fn needs(&self) -> Needs {
        Needs { attempts: vec![self.attempt_id.clone()], ..Needs::default() }
    }

    fn decide(&self, set: &mut WorkingSet) -> Option<Booking> {
        let attempt = set.attempt(&self.attempt_id)?.clone();
        if attempt.status != AttemptStatus::Refunding {
            return None;
        }
        if !self.made {
            set.put_attempt(attempt.put_off(self.now));
            return None;
        }
        let booking = set.booking(attempt.booking_id).cloned();
        set.put_attempt(PaymentAttempt { status: AttemptStatus::Refunded, ..attempt });
        let booking = booking.filter(|booking| booking.payment == Some(PaymentStatus::Refunding))?;
        Some(set.put_booking(Booking { payment: Some(PaymentStatus::Refunded), ..booking }))
    }
}

impl<S: BookingStore> Bookings<S> {
    /// Gives the money of an attempt back. When that fails it stays due, and is asked for again
    /// later under the same key.
    pub(super) async fn return_money(&self, attempt: PaymentAttempt) -> Result<(), Fault> {
        let made = self.provider.refund(attempt.refund()).await.is_ok();
        let note = NoteRefund { attempt_id: attempt.id, made, now: self.clock.now() };
        if let Some(booking) = self.store.decide(note).await? {
            self.notify(&[booking]);
        }
        Ok(())
    }
}
