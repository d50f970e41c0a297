//! Settles an attempt by what the provider says, whether in its answer, when polled, or by a report
//! of its own (webhook).
//!
//! Promises: a report counts once, in any order and however often it comes; money taken in time
//! pays an open booking, all other money is refunded.

use kernel::{Fault, Timestamp};

use super::{messages, service::Bookings};
use crate::{
    decision::{Decision, Needs, WorkingSet},
    domain::{
        booking::{Booking, CancelReason, State},
        payment::{AttemptId, AttemptStatus, ChargeAnswer, PaymentAttempt, PaymentStatus},
    },
    ports::BookingStore,
};

/// One report of the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub attempt_id: AttemptId,
    pub answer: ChargeAnswer,
    pub now: Timestamp,
}

/// What a report came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// The attempt and its booking as they are now; none when there is no such attempt.
    pub known: Option<(PaymentAttempt, Booking)>,
    /// Whether the booking changed by it.
    pub changed: bool,
}

impl Decision for Report {
    type Answer = Settled;
    const DOING: &'static str = "settle the payment";

    fn needs(&self) -> Needs {
        Needs { attempts: vec![self.attempt_id.clone()], ..Needs::default() }
    }

    fn decide(&self, set: &mut WorkingSet) -> Settled {
        let Some(attempt) = set.attempt(&self.attempt_id).cloned() else { return Settled::default() };
        let Some(booking) = set.booking(attempt.booking_id).cloned() else { return Settled::default() };
        let (before, now) = (booking.clone(), self.now);
        let known = attempt.status.is_charged() && !kernel::planted("pay.report-counted-twice");
        let (attempt, booking) = match self.answer {
            // A charge counts whatever was reported before; everything else only while nothing is
            // decided.
            ChargeAnswer::Charged { at } if !known => charged(set, attempt, booking, at, now),
            _ if !attempt.status.is_open() => (attempt, booking),
            answer => not_charged(attempt, booking, answer, now),
        };
        if set.attempt(&attempt.id) != Some(&attempt) {
            set.put_attempt(attempt.clone());
        }
        let changed = booking != before;
        let booking = if changed { set.put_booking(booking) } else { booking };
        Settled { known: Some((attempt, booking)), changed }
    }
}

fn charged(
    set: &mut WorkingSet,
    attempt: PaymentAttempt,
    booking: Booking,
    at: Timestamp,
    now: Timestamp,
) -> (PaymentAttempt, Booking) {
    let in_time = at <= attempt.pay_by || kernel::planted("pay.late-money-pays");
    let attempt = PaymentAttempt { status: AttemptStatus::Charged, ..attempt };
    match &booking.state {
        State::PendingPayment { grant, .. } if in_time => {
            if !kernel::planted("booking.sale-not-sent") {
                set.send(messages::paid(booking.lane, grant.clone(), now));
            }
            let paid =
                booking.paid(now).unwrap_or_else(|refusal| unreachable!("it awaits payment: {refusal}"));
            (attempt, Booking { payment: Some(PaymentStatus::Paid), ..paid })
        }
        State::PendingPayment { grant, .. } => {
            set.send(messages::release(booking.lane, grant.clone(), now, None));
            let late = booking.cancelled(CancelReason::Expired, now);
            let late = late.unwrap_or_else(|refusal| unreachable!("it awaits payment: {refusal}"));
            (attempt.refunding(now), Booking { payment: Some(PaymentStatus::Refunding), ..late })
        }
        // A booking paid by another attempt stays shown as paid, while this one's money is
        // refunded.
        State::Paid { .. } => (attempt.refunding(now), booking),
        _ => (attempt.refunding(now), Booking { payment: Some(PaymentStatus::Refunding), ..booking }),
    }
}

fn not_charged(
    attempt: PaymentAttempt,
    booking: Booking,
    answer: ChargeAnswer,
    now: Timestamp,
) -> (PaymentAttempt, Booking) {
    let (status, shown) = match (answer, attempt.status) {
        (ChargeAnswer::Charged { .. }, _) => unreachable!("an open attempt is not charged"),
        (ChargeAnswer::Declined, _) => (AttemptStatus::Declined, PaymentStatus::Declined),
        (ChargeAnswer::Voided, _) => (AttemptStatus::Voided, PaymentStatus::Voided),
        // Once the provider has answered `pending`, a lost answer changes nothing.
        (ChargeAnswer::Pending, _) | (ChargeAnswer::Unknown, AttemptStatus::Pending) => {
            (AttemptStatus::Pending, PaymentStatus::Pending)
        }
        (ChargeAnswer::Unknown, _) => (AttemptStatus::Unknown, PaymentStatus::Unknown),
    };
    let payment = match booking.payment {
        // Money that is in, or on its way back, stays shown whatever another attempt does.
        Some(PaymentStatus::Paid | PaymentStatus::Refunding | PaymentStatus::Refunded) => booking.payment,
        _ => Some(shown),
    };
    (PaymentAttempt { status, ..attempt }.put_off(now), Booking { payment, ..booking })
}

impl<S: BookingStore> Bookings<S> {
    /// Applies a report of the provider and notifies the buyer.
    ///
    /// # Errors
    /// When the store fails; the attempt is then polled again.
    pub async fn settle(&self, report: Report) -> Result<Settled, Fault> {
        let settled = self.store.decide(report).await?;
        if let (true, Some((_, booking))) = (settled.changed, &settled.known) {
            self.notify(std::slice::from_ref(booking));
        }
        Ok(settled)
    }

    /// The provider reports by itself.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn payment_reported(&self, attempt_id: AttemptId, answer: ChargeAnswer) -> Result<(), Fault> {
        self.settle(Report { attempt_id, answer, now: self.clock.now() }).await.map(drop)
    }
}
