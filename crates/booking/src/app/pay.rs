//! "As a buyer, I can complete payment within the 15-minute window".
//!
//! Promises: the attempt is stored before the provider is called; the provider is never called inside a transaction; of pay, cancel
//! and expiry one wins, and money that lost goes back.

use kernel::{BookingId, Fault, Timestamp, UserId};

use super::{
    Bookings,
    settle_payment::Report,
    working_set::{KeyName, KeyUse, RequestKey, WorkingSet},
};
use crate::{
    Booking, CancelReason, State, Status, WrongState,
    domain::payment::{AttemptId, AttemptStatus, CALL_LIMIT, ChargeAnswer, PaymentAttempt},
    ports::{BookingStore, Charge, PaymentProvider},
};

const ROUTE: &str = "pay";

/// A buyer's wish to pay.
#[derive(Debug, Clone)]
pub struct BeginPayment {
    pub booking_id: BookingId,
    pub buyer_id: UserId,
    pub method: String,
    pub key: RequestKey,
    /// New, for the case that this becomes an attempt.
    pub attempt_id: AttemptId,
    pub now: Timestamp,
}

impl BeginPayment {
    /// Under what name the store must look for an earlier use.
    pub fn key_name(&self) -> KeyName {
        KeyName { user_id: self.buyer_id, route: ROUTE, key: self.key.key.clone() }
    }
}

/// What storing the attempt came to.
#[expect(clippy::large_enum_variant, reason = "a passing value; boxing it would cost more than it saves")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beginning {
    /// The attempt is stored; now charge it.
    Begun(PaymentAttempt),
    /// The key was used for the same request before: the attempt of then and the booking as they are now.
    Repeated(PaymentAttempt, Booking),
    Refused(PayRefusal),
}

/// What paying came to. The booking is as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paid {
    Paid(Booking),
    /// The provider has not decided, or has not answered; it is asked again.
    NotKnownYet(Booking),
    Refused(PayRefusal),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayRefusal {
    /// Absent, or another's.
    NotFound,
    KeyReused,
    /// The request with this key is still running.
    KeyInUse,
    /// Another attempt to pay this booking is not decided.
    PaymentUnderWay,
    WrongState(WrongState),
    /// The time to pay is over.
    Expired,
    Declined,
}

/// Decides one of a batch. Facts: the use of its key and the attempt that the use names, the booking and its attempts.
pub fn begin(set: &mut WorkingSet, payment: &BeginPayment) -> Beginning {
    let Some(booking) = set.booking(payment.booking_id).filter(|b| b.buyer_id == payment.buyer_id).cloned()
    else {
        return Beginning::Refused(PayRefusal::NotFound);
    };
    let name = payment.key_name();
    if let Some(used) = set.key(&name) {
        let first = set.attempt(&AttemptId::new(used.resource.as_str()));
        return match first {
            Some(attempt) if used.body_hash == payment.key.body_hash => {
                Beginning::Repeated(attempt.clone(), booking)
            }
            _ => Beginning::Refused(PayRefusal::KeyReused),
        };
    }
    let State::PendingPayment { grant, pay_by } = &booking.state else {
        return Beginning::Refused(closed(&booking));
    };
    if payment.now >= *pay_by {
        return Beginning::Refused(PayRefusal::Expired);
    }
    if set.open_attempt(booking.id).is_some() {
        return Beginning::Refused(PayRefusal::PaymentUnderWay);
    }
    let attempt = PaymentAttempt {
        id: payment.attempt_id.clone(),
        booking_id: booking.id,
        buyer_id: booking.buyer_id,
        method: payment.method.clone(),
        amount: grant.total(),
        pay_by: *pay_by,
        status: AttemptStatus::Sent,
        sent_at: payment.now,
        next_poll_at: payment.now + CALL_LIMIT,
        polls: 0,
    };
    let used = KeyUse { body_hash: payment.key.body_hash.clone(), resource: attempt.id.to_string() };
    set.put_key(name, used, payment.now);
    set.put_attempt(attempt.clone());
    Beginning::Begun(attempt)
}

/// Why a booking that awaits no payment cannot be paid.
fn closed(booking: &Booking) -> PayRefusal {
    match booking.state {
        State::Cancelled { held: Some(_), reason: CancelReason::Expired, .. } => PayRefusal::Expired,
        _ => PayRefusal::WrongState(booking.cannot_become(Status::Paid)),
    }
}

impl<S: BookingStore, P: PaymentProvider> Bookings<S, P> {
    /// Whether the provider knows such a token.
    pub fn accepts_method(&self, method: &str) -> bool {
        self.provider.accepts(method)
    }

    /// Pays a booking. `attempt_id` is new.
    ///
    /// # Errors
    /// When the store fails; the same key finds out what became of it.
    pub async fn pay(
        &self,
        booking_id: BookingId,
        buyer_id: UserId,
        method: String,
        key: RequestKey,
        attempt_id: AttemptId,
    ) -> Result<Paid, Fault> {
        let now = self.clock.now();
        let payment = BeginPayment { booking_id, buyer_id, method, key, attempt_id, now };
        let attempt = match self.store.begin_payment(payment).await? {
            Beginning::Begun(attempt) => attempt,
            Beginning::Repeated(attempt, booking) => return Ok(repeated(&attempt, booking)),
            Beginning::Refused(refusal) => return Ok(Paid::Refused(refusal)),
        };
        let charge = Charge {
            key: attempt.id.clone(),
            booking_id,
            amount: attempt.amount,
            method: attempt.method,
            pay_by: attempt.pay_by,
        };
        // A fault of the provider says nothing about the money, so the attempt stays open and is asked about under the same key.
        let answer = self.provider.charge(charge).await.unwrap_or(ChargeAnswer::Unknown);
        let settled = self.settle(Report { attempt_id: attempt.id, answer, now: self.clock.now() }).await?;
        let Some((attempt, booking)) = settled.known else {
            return Ok(Paid::Refused(PayRefusal::NotFound));
        };
        Ok(told(&attempt, booking))
    }
}

fn repeated(attempt: &PaymentAttempt, booking: Booking) -> Paid {
    match attempt.status {
        AttemptStatus::Sent => Paid::Refused(PayRefusal::KeyInUse),
        _ => told(attempt, booking),
    }
}

/// What the buyer is told of a settled attempt.
fn told(attempt: &PaymentAttempt, booking: Booking) -> Paid {
    match (attempt.status, &booking.state) {
        (AttemptStatus::Charged, State::Paid { .. }) => Paid::Paid(booking),
        (AttemptStatus::Charged, _) => Paid::Refused(closed(&booking)),
        (AttemptStatus::Declined | AttemptStatus::Voided, _) => Paid::Refused(PayRefusal::Declined),
        (AttemptStatus::Sent | AttemptStatus::Pending | AttemptStatus::Unknown, _) => {
            Paid::NotKnownYet(booking)
        }
    }
}
