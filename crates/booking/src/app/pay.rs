//! "As a buyer, I can complete payment within the 15-minute window".
//!
//! Promises: the attempt is stored before the provider is called; the provider is never called
//! inside a transaction; of pay, cancel and expiry one wins, and money that came too late is
//! refunded.

use kernel::{BookingId, Fault, Timestamp, UserId, limits};

use super::{service::Bookings, settle_payment::Report};
use crate::{
    decision::{Decision, KeyName, KeyUse, Needs, RequestKey, Resource, WorkingSet},
    domain::{
        booking::{Booking, CancelReason, State, Status, WrongState},
        payment::{AttemptId, AttemptStatus, ChargeAnswer, PaymentAttempt, PaymentMethod},
    },
    ports::{BookingStore, Charge},
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
    fn key_name(&self) -> KeyName {
        KeyName { user_id: self.buyer_id, route: ROUTE, key: self.key.key.clone() }
    }
}

#[expect(clippy::large_enum_variant, reason = "a passing value; boxing it would cost more than it saves")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BeginOutcome {
    /// The attempt is stored; now charge it.
    Begun(PaymentAttempt),
    /// The key was used for the same request before: the attempt of then and the booking as they
    /// are now.
    Repeated(PaymentAttempt, Booking),
    Refused(PayRefusal),
}

/// The booking is as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayOutcome {
    Paid(Booking),
    /// The provider has not decided, or has not answered; it is polled.
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
    /// The payment deadline has passed.
    Expired,
    Declined,
}

impl Decision for BeginPayment {
    type Answer = BeginOutcome;
    const DOING: &'static str = "start the payment";

    fn needs(&self) -> Needs {
        Needs { keys: vec![self.key_name()], attempts_of: vec![self.booking_id], ..Needs::default() }
    }

    fn decide(&self, set: &mut WorkingSet) -> BeginOutcome {
        let booking = set.booking(self.booking_id).filter(|booking| booking.buyer_id == self.buyer_id);
        let Some(booking) = booking.cloned() else {
            return BeginOutcome::Refused(PayRefusal::NotFound);
        };
        let name = self.key_name();
        if let Some(used) = set.key(&name) {
            let first = match &used.resource {
                Resource::Attempt(id) if used.body_hash == self.key.body_hash => set.attempt(id),
                _ => None,
            };
            return match first {
                Some(attempt) => BeginOutcome::Repeated(attempt.clone(), booking),
                None => BeginOutcome::Refused(PayRefusal::KeyReused),
            };
        }
        match self.attempt(set, &booking) {
            Ok(attempt) => {
                let resource = Resource::Attempt(attempt.id.clone());
                let used = KeyUse { body_hash: self.key.body_hash.clone(), resource };
                if !kernel::planted("keys.of-payments-not-stored") {
                    set.put_key(name, used, self.now);
                }
                set.put_attempt(attempt.clone());
                BeginOutcome::Begun(attempt)
            }
            Err(refusal) => BeginOutcome::Refused(refusal),
        }
    }
}

impl BeginPayment {
    fn attempt(&self, set: &WorkingSet, booking: &Booking) -> Result<PaymentAttempt, PayRefusal> {
        let State::PendingPayment { grant, pay_by } = &booking.state else {
            return Err(closed(booking));
        };
        if self.now >= *pay_by && !kernel::planted("pay.deadline-ignored") {
            return Err(PayRefusal::Expired);
        }
        let open = set.attempts_of(booking.id).any(|attempt| attempt.status.is_open());
        if kernel::sabotaged!("pay.second-attempt-beside-an-open-one", open, false) {
            return Err(PayRefusal::PaymentUnderWay);
        }
        Ok(PaymentAttempt {
            id: self.attempt_id.clone(),
            booking_id: booking.id,
            buyer_id: booking.buyer_id,
            method: self.method.clone(),
            amount: kernel::sabotaged!("pay.charged-twice-the-price", grant.total(), grant.total().times(2)),
            pay_by: *pay_by,
            status: AttemptStatus::Sent,
            sent_at: self.now,
            next_poll_at: self.now + limits::PROVIDER_CALL,
            polls: 0,
        })
    }
}

/// Why a booking that awaits no payment cannot be paid.
fn closed(booking: &Booking) -> PayRefusal {
    match booking.state {
        State::Cancelled { held: Some(_), reason: CancelReason::Expired, .. } => PayRefusal::Expired,
        _ => PayRefusal::WrongState(booking.cannot_become(Status::Paid)),
    }
}

impl<S: BookingStore> Bookings<S> {
    /// The ways to pay that the provider offers.
    pub fn payment_methods(&self) -> Vec<PaymentMethod> {
        self.provider.methods()
    }

    /// Whether the provider knows such a token.
    pub fn accepts_method(&self, method: &str) -> bool {
        self.provider.accepts(method)
    }

    /// Pays a booking. `attempt_id` is new.
    ///
    /// # Errors
    /// When the store fails; the same key finds its outcome.
    pub async fn pay(
        &self,
        booking_id: BookingId,
        buyer_id: UserId,
        method: String,
        key: RequestKey,
        attempt_id: AttemptId,
    ) -> Result<PayOutcome, Fault> {
        let now = self.clock.now();
        let payment = BeginPayment { booking_id, buyer_id, method, key, attempt_id, now };
        let attempt = match self.store.decide(payment).await? {
            BeginOutcome::Begun(attempt) => attempt,
            BeginOutcome::Repeated(attempt, booking) => return Ok(repeated(&attempt, booking)),
            BeginOutcome::Refused(refusal) => return Ok(PayOutcome::Refused(refusal)),
        };
        let charge = Charge {
            key: kernel::sabotaged!("pay.charged-under-another-key", attempt.id.clone(), AttemptId::new("0")),
            booking_id,
            amount: attempt.amount,
            method: attempt.method,
            pay_by: attempt.pay_by,
        };
        // A fault of the provider leaves the outcome unknown, so the attempt stays open and is
        // polled under the same key.
        let lost =
            kernel::sabotaged!("pay.lost-answer-is-a-decline", ChargeAnswer::Unknown, ChargeAnswer::Declined);
        let answer = self.provider.charge(charge).await.unwrap_or(lost);
        let settled = self.settle(Report { attempt_id: attempt.id, answer, now: self.clock.now() }).await?;
        let Some((attempt, booking)) = settled.known else {
            return Ok(PayOutcome::Refused(PayRefusal::NotFound));
        };
        Ok(outcome(&attempt, booking))
    }
}

fn repeated(attempt: &PaymentAttempt, booking: Booking) -> PayOutcome {
    match attempt.status {
        AttemptStatus::Sent => PayOutcome::Refused(PayRefusal::KeyInUse),
        _ => outcome(attempt, booking),
    }
}

/// What a settled attempt means for its buyer.
fn outcome(attempt: &PaymentAttempt, booking: Booking) -> PayOutcome {
    match (attempt.status, &booking.state) {
        (status, State::Paid { .. }) if status.is_charged() => PayOutcome::Paid(booking),
        (status, _) if status.is_charged() => PayOutcome::Refused(closed(&booking)),
        (AttemptStatus::Declined | AttemptStatus::Voided, _) => PayOutcome::Refused(PayRefusal::Declined),
        _ => PayOutcome::NotKnownYet(booking),
    }
}
