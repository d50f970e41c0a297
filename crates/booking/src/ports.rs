//! What the booking service needs of the world. Each duty is stated here; `adapters` keeps them, one contract suite checks every store.
//!
//! Never: a rule. Stores load facts, let the pure decisions of `app` judge them, and carry out what was decided in the same transaction.

use std::{future::Future, sync::Arc};

use kernel::{BookingId, EventId, Fault, Money, Timestamp, UserId, message::EventOnSale};

use crate::{
    Booking, Status,
    app::{
        cancel::{CancelBooking, Cancelling},
        create_booking::{Creation, NewBooking},
        pay::{BeginPayment, Beginning},
        seat_answer::SeatAnswer,
        settle_payment::{Report, Settled},
    },
    domain::payment::{AttemptId, ChargeAnswer, PaymentAttempt, Refund},
};

/// Which page of a buyer's history.
#[derive(Debug, Clone, Copy)]
pub struct History {
    pub buyer_id: UserId,
    pub status: Option<Status>,
    /// Only what is older than this booking.
    pub before: Option<BookingId>,
    pub limit: u32,
}

/// Where bookings, payments and keys are kept.
///
/// Every method that changes something loads the facts, calls the decision that is named after it, and stores all it decided (rows and
/// outgoing messages) in one transaction, each row guarded by the status that it was decided from. When the method answers, the change is
/// durable; on a fault nothing was changed. Decisions of concurrent calls for one booking happen one after another.
pub trait BookingStore: Send + Sync + 'static {
    /// [`crate::app::create_booking::decide`].
    fn create(&self, new: NewBooking) -> impl Future<Output = Result<Creation, Fault>> + Send;

    fn booking(&self, id: BookingId) -> impl Future<Output = Result<Option<Booking>, Fault>> + Send;

    /// The newest first.
    fn history(&self, page: History) -> impl Future<Output = Result<Vec<Booking>, Fault>> + Send;

    /// [`crate::app::seat_answer::decide`] for each answer in turn; the bookings that changed.
    fn answer(
        &self,
        answers: Vec<SeatAnswer>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<Booking>, Fault>> + Send;

    /// [`crate::app::pay::begin`].
    fn begin_payment(&self, payment: BeginPayment) -> impl Future<Output = Result<Beginning, Fault>> + Send;

    /// [`crate::app::settle_payment::decide`].
    fn settle_payment(&self, report: Report) -> impl Future<Output = Result<Settled, Fault>> + Send;

    /// [`crate::app::cancel::decide`].
    fn cancel(&self, cancel: CancelBooking) -> impl Future<Output = Result<Cancelling, Fault>> + Send;

    /// [`crate::app::expire::decide`] for up to `limit` bookings whose time to pay is over, the longest over first. A booking with an attempt that
    /// [keeps it](crate::AttemptStatus::keeps_booking) counts only after [`kernel::limits::PAYMENT_UNKNOWN_GRACE`].
    fn expire(&self, now: Timestamp, limit: u32) -> impl Future<Output = Result<Vec<Booking>, Fault>> + Send;

    /// [`crate::app::expire::decide`] for up to `limit` bookings that are processing since before `created_before`.
    fn cancel_stuck(
        &self,
        created_before: Timestamp,
        now: Timestamp,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Booking>, Fault>> + Send;

    /// When the next booking's time to pay ends.
    fn next_deadline(&self) -> impl Future<Output = Result<Option<Timestamp>, Fault>> + Send;

    /// Open attempts whose time to be asked about has come.
    fn attempts_to_poll(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<PaymentAttempt>, Fault>> + Send;

    /// Refunds that are not done.
    fn refunds_due(&self, limit: u32) -> impl Future<Output = Result<Vec<Refund>, Fault>> + Send;

    /// [`crate::app::refund::decide`]: notes that the provider gave the money back.
    fn refunded(&self, attempt: AttemptId) -> impl Future<Output = Result<Option<Booking>, Fault>> + Send;

    /// The latest outline of an event, if it is on sale.
    fn event(&self, id: EventId) -> impl Future<Output = Result<Option<Arc<EventOnSale>>, Fault>> + Send;

    /// Keeps an outline; it replaces an earlier one of the event.
    fn put_event(&self, event: EventOnSale, at: Timestamp) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Forgets keys that were first seen before this moment.
    fn forget_keys(&self, before: Timestamp) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// A charge as the provider is asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The provider never charges twice for one key.
    pub key: AttemptId,
    pub booking_id: BookingId,
    pub amount: Money,
    pub method: String,
    /// Money is of use until then only.
    pub pay_by: Timestamp,
}

/// What the provider knows of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Answer(ChargeAnswer),
    /// It never heard of it.
    Nothing,
}

/// Takes and returns money. Calls end within [`crate::domain::payment::CALL_LIMIT`]; a fault means that the outcome is not known.
pub trait PaymentProvider: Send + Sync + 'static {
    /// Whether a text can be one of its tokens.
    fn accepts(&self, method: &str) -> bool;

    /// Charges once per key; a repeat gives the first answer.
    fn charge(&self, charge: Charge) -> impl Future<Output = Result<ChargeAnswer, Fault>> + Send;

    /// What became of a charge.
    fn find(&self, key: AttemptId) -> impl Future<Output = Result<Found, Fault>> + Send;

    /// Makes sure that this key is never charged; answers `Voided`, or what became of it before.
    fn void(&self, key: AttemptId) -> impl Future<Output = Result<ChargeAnswer, Fault>> + Send;

    /// Gives a charge back, once per key of the refund.
    fn refund(&self, refund: Refund) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// Hears of bookings after their change is durable. Changes of one booking may be told late, so a listener keeps the furthest state.
pub trait BookingObserver: Send + Sync {
    /// Must be quick: it is called on the way of every change.
    fn changed(&self, bookings: &[Booking]);
}

/// Remembers deadlines so that expiry comes in time. It only wakes: the truth is in the store, and losing a reminder costs the seconds to
/// the next sweep. No call waits or fails.
pub trait Deadlines: Send + Sync {
    /// Wakes the sweep of this process then.
    fn remind(&self, at: Timestamp);

    /// These bookings await payment until then. Telling it again is the same.
    fn pending(&self, bookings: &[(BookingId, Timestamp)]);

    /// These bookings do not await payment any more.
    fn closed(&self, bookings: &[BookingId]);
}
