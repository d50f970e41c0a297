//! A booking and its states. Each state carries exactly its own data; a transition consumes the
//! booking and gives the next one back.
//!
//! Promises: `processing → pending_payment | failed | cancelled`, `pending_payment → paid |
//! cancelled`, and nothing else.
//! Never: reads a clock, or knows how a state is stored.

use std::time::Duration;

use kernel::{
    BookingId, EventId, Money, Revision, SectionName, Timestamp, UserId, limits,
    message::{Failure, Grant, Partial, Selection},
    names,
    topic::Lane,
};

use super::payment::PaymentStatus;

/// One buyer's request for seats and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    pub id: BookingId,
    pub buyer_id: UserId,
    pub event_id: EventId,
    /// Whose topics its messages use.
    pub lane: Lane,
    pub asked: Asked,
    pub created_at: Timestamp,
    pub state: State,
    /// What is known of its latest payment; none before the first.
    pub payment: Option<PaymentStatus>,
    /// Counts its stored changes; the working set moves it on.
    pub revision: Revision,
}

/// What the buyer asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub section: SectionName,
    /// The subsection that the buyer named, in either mode.
    pub subsection: Option<u16>,
    pub selection: Selection,
    pub partial: Partial,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The seat engine has not answered yet.
    Processing,
    /// The seats are held until `pay_by`.
    PendingPayment {
        grant: Grant,
        pay_by: Timestamp,
    },
    Paid {
        grant: Grant,
        pay_by: Timestamp,
        paid_at: Timestamp,
    },
    Failed {
        failure: Failure,
        failed_at: Timestamp,
    },
    /// Without a grant when it was cancelled before the seat engine answered.
    Cancelled {
        held: Option<(Grant, Timestamp)>,
        reason: CancelReason,
        cancelled_at: Timestamp,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelReason {
    Buyer,
    /// Nobody paid in time, or the seat engine did not answer in time.
    Expired,
}

/// Why a booking must end by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Overdue {
    /// Nobody paid in time.
    Unpaid,
    /// The seat engine did not answer in time.
    Unanswered,
}

/// The name of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    Processing,
    PendingPayment,
    Paid,
    Failed,
    Cancelled,
}

/// A transition that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a booking in state {is} cannot become {wanted}")]
pub struct WrongState {
    pub is: Status,
    pub wanted: Status,
}

/// What a grant means for a booking.
#[expect(clippy::large_enum_variant, reason = "a passing value; boxing it would cost more than it saves")]
#[derive(Debug, PartialEq, Eq)]
pub enum Granted {
    /// The seats are held for it now.
    Held(Booking),
    /// It has or had this very hold; nothing changes.
    Known,
    /// It does not want seats any more, or has others: the hold must be released.
    Orphan,
}

impl Booking {
    pub fn status(&self) -> Status {
        match self.state {
            State::Processing => Status::Processing,
            State::PendingPayment { .. } => Status::PendingPayment,
            State::Paid { .. } => Status::Paid,
            State::Failed { .. } => Status::Failed,
            State::Cancelled { .. } => Status::Cancelled,
        }
    }

    /// The seats that it holds or held.
    pub fn grant(&self) -> Option<&Grant> {
        match &self.state {
            State::PendingPayment { grant, .. } | State::Paid { grant, .. } => Some(grant),
            State::Cancelled { held, .. } => held.as_ref().map(|(grant, _)| grant),
            State::Processing | State::Failed { .. } => None,
        }
    }

    /// Until when it could be paid.
    pub fn pay_by(&self) -> Option<Timestamp> {
        match &self.state {
            State::PendingPayment { pay_by, .. } | State::Paid { pay_by, .. } => Some(*pay_by),
            State::Cancelled { held, .. } => held.as_ref().map(|(_, pay_by)| *pay_by),
            State::Processing | State::Failed { .. } => None,
        }
    }

    /// How many seats it holds, held or asks for.
    pub fn seats(&self) -> u32 {
        let seats = self.grant().map(|grant| grant.seats.len());
        seats.map_or(u32::from(self.asked.selection.requested()), |seats| {
            u32::try_from(seats).unwrap_or(u32::MAX)
        })
    }

    /// Whether it must end now for this reason. A payment that `may_be_charged` keeps it for
    /// [`limits::PAYMENT_UNKNOWN_GRACE`].
    pub fn is_overdue(&self, overdue: Overdue, may_be_charged: bool, now: Timestamp) -> bool {
        let grace = if may_be_charged { limits::PAYMENT_UNKNOWN_GRACE } else { Duration::ZERO };
        let early = kernel::planted("expiry.declined-early") && self.payment == Some(PaymentStatus::Declined);
        match (overdue, &self.state) {
            (Overdue::Unpaid, State::PendingPayment { pay_by, .. }) => *pay_by + grace <= now || early,
            (Overdue::Unanswered, State::Processing) => self.created_at + limits::PROCESSING_DEADLINE < now,
            _ => false,
        }
    }

    /// What the seats granted cost, at the price that was in force when they were.
    pub fn total(&self) -> Option<Money> {
        self.grant().map(Grant::total)
    }

    /// The seat engine granted seats.
    #[must_use]
    pub fn granted(self, grant: Grant, now: Timestamp, window: Duration) -> Granted {
        if self.grant().is_some_and(|held| held.hold == grant.hold) {
            return Granted::Known;
        }
        match self.state {
            State::Processing => {
                let window = kernel::sabotaged!("booking.two-windows-to-pay", window, window * 2);
                Granted::Held(Self { state: State::PendingPayment { grant, pay_by: now + window }, ..self })
            }
            State::Cancelled { held: None, .. } if kernel::planted("booking.grant-revives-what-ended") => {
                Granted::Held(Self { state: State::PendingPayment { grant, pay_by: now + window }, ..self })
            }
            _ => Granted::Orphan,
        }
    }

    /// The seat engine granted none.
    ///
    /// # Errors
    /// When it is not processing any more: the answer comes again or too late.
    pub fn refused(self, failure: Failure, now: Timestamp) -> Result<Self, WrongState> {
        match self.state {
            State::Processing => Ok(Self { state: State::Failed { failure, failed_at: now }, ..self }),
            _ => Err(self.cannot_become(Status::Failed)),
        }
    }

    /// Its payment is in.
    ///
    /// # Errors
    /// When it does not await payment.
    pub fn paid(self, now: Timestamp) -> Result<Self, WrongState> {
        match self.state {
            State::PendingPayment { grant, pay_by } => {
                Ok(Self { state: State::Paid { grant, pay_by, paid_at: now }, ..self })
            }
            _ => Err(self.cannot_become(Status::Paid)),
        }
    }

    /// Its buyer or the clock ended it.
    ///
    /// # Errors
    /// When it is final.
    pub fn cancelled(self, reason: CancelReason, now: Timestamp) -> Result<Self, WrongState> {
        let held = match self.state {
            State::Processing => None,
            State::PendingPayment { grant, pay_by } => Some((grant, pay_by)),
            State::Paid { .. } if kernel::planted("cancel.ends-a-paid-booking") => None,
            _ => return Err(self.cannot_become(Status::Cancelled)),
        };
        Ok(Self { state: State::Cancelled { held, reason, cancelled_at: now }, ..self })
    }

    pub(crate) fn cannot_become(&self, wanted: Status) -> WrongState {
        WrongState { is: self.status(), wanted }
    }
}

names!(Status {
    Processing = "processing",
    PendingPayment = "pending_payment",
    Paid = "paid",
    Failed = "failed",
    Cancelled = "cancelled",
});

names!(CancelReason { Buyer = "buyer", Expired = "expired" });

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, booking, grant_for};

    const WINDOW: Duration = Duration::from_mins(15);

    fn pending() -> Booking {
        let asked = booking(1);
        let grant = grant_for(&asked, 7, 2);
        match asked.granted(grant, at(10), WINDOW) {
            Granted::Held(held) => held,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_grant_starts_the_time_to_pay() {
        assert_eq!(pending().pay_by(), Some(at(10) + WINDOW));
        assert_eq!(pending().total().unwrap().amount_minor, 6_000);
    }

    #[test]
    fn the_same_hold_twice_is_known_and_another_is_an_orphan() {
        let grant = pending().grant().unwrap().clone();
        let other = grant_for(&booking(1), 8, 1);
        assert_eq!(pending().granted(grant.clone(), at(20), WINDOW), Granted::Known);
        assert_eq!(pending().granted(other.clone(), at(20), WINDOW), Granted::Orphan);
        let cancelled = pending().cancelled(CancelReason::Buyer, at(30)).unwrap();
        assert_eq!(cancelled.clone().granted(grant, at(40), WINDOW), Granted::Known);
        assert_eq!(cancelled.granted(other.clone(), at(40), WINDOW), Granted::Orphan);
        let early = booking(1).cancelled(CancelReason::Buyer, at(5)).unwrap();
        assert_eq!(early.granted(other, at(40), WINDOW), Granted::Orphan);
    }

    #[test]
    fn only_the_transitions_of_the_table_exist() {
        let all = || {
            [
                booking(1),
                pending(),
                pending().paid(at(20)).unwrap(),
                booking(1).refused(Failure::SeatsTaken, at(20)).unwrap(),
                pending().cancelled(CancelReason::Expired, at(20)).unwrap(),
            ]
        };
        let check =
            |wanted: Status, may: &dyn Fn(Booking) -> Result<Booking, WrongState>, from: &[Status]| {
                for before in all() {
                    let is = before.status();
                    match may(before) {
                        Ok(after) => {
                            assert_eq!(after.status(), wanted);
                            assert!(from.contains(&is), "{is} became {wanted}");
                        }
                        Err(refusal) => {
                            assert_eq!(refusal, WrongState { is, wanted });
                            assert!(!from.contains(&is), "{is} did not become {wanted}");
                        }
                    }
                }
            };
        check(Status::Paid, &|b| b.paid(at(99)), &[Status::PendingPayment]);
        check(Status::Failed, &|b| b.refused(Failure::NoSeatsLeft, at(99)), &[Status::Processing]);
        check(
            Status::Cancelled,
            &|b| b.cancelled(CancelReason::Buyer, at(99)),
            &[Status::Processing, Status::PendingPayment],
        );
    }
}
