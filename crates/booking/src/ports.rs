//! The ports of the booking service. Each duty is stated here; `adapters` implements them,
//! and one contract suite per port checks every adapter and its fake.
//!
//! Never: a rule, or the name of a use case.

use std::{future::Future, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use kernel::{BookingId, EventId, Fault, Money, Timestamp, UserId, message::EventOnSale};

use crate::{
    decision::Decision,
    domain::{
        booking::{Booking, Overdue, Status},
        payment::{AttemptId, ChargeAnswer, PaymentAttempt, PaymentMethod, Refund},
    },
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

/// Where bookings, payments, keys and outlines are kept.
pub trait BookingStore: Send + Sync + 'static {
    /// Loads what the decision needs, lets it decide, and carries out its changes in one
    /// transaction, which it may share with other decisions: each then sees what those before it
    /// changed. Bookings are guarded by their revision.
    ///
    /// When it answers, the changes are durable. On a fault nothing was changed; only when the
    /// outcome of the commit is not known, it may have been. Decisions of concurrent calls come one
    /// after another.
    fn decide<D: Decision>(&self, decision: D) -> impl Future<Output = Result<D::Answer, Fault>> + Send;

    fn booking(&self, id: BookingId) -> impl Future<Output = Result<Option<Booking>, Fault>> + Send;

    /// The newest first.
    fn history(&self, page: History) -> impl Future<Output = Result<Vec<Booking>, Fault>> + Send;

    /// Up to `limit` bookings that [are overdue](Booking::is_overdue), the longest first. A
    /// decision about each checks it again.
    fn due(
        &self,
        overdue: Overdue,
        now: Timestamp,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<BookingId>, Fault>> + Send;

    /// The first time to pay that ends after this moment. Those before it are due, or kept by an
    /// undecided payment.
    fn next_deadline(
        &self,
        after: Timestamp,
    ) -> impl Future<Output = Result<Option<Timestamp>, Fault>> + Send;

    /// Attempts that the provider is to be called about now, open ones and refunds, the longest due
    /// first.
    fn attempts_due(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<PaymentAttempt>, Fault>> + Send;

    /// The latest outline of an event, if it is on sale. One that is absent is awaited for at most
    /// `longest`.
    fn event(
        &self,
        id: EventId,
        longest: Duration,
    ) -> impl Future<Output = Result<Option<Arc<EventOnSale>>, Fault>> + Send;
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
    /// It has no record of it.
    Nothing,
}

/// Charges and refunds. A fault means that the outcome is not known. The wiring ends each call
/// after [`kernel::limits::PROVIDER_CALL`], and logs and counts its faults.
pub trait PaymentProvider: Send + Sync + 'static {
    /// The methods that a page offers, in this order.
    fn methods(&self) -> Vec<PaymentMethod>;

    /// Whether a text can be one of its tokens.
    fn accepts(&self, method: &str) -> bool;

    /// Charges once per key; a repeat gives the first answer.
    fn charge(&self, charge: Charge) -> BoxFuture<'_, Result<ChargeAnswer, Fault>>;

    /// The outcome of a charge.
    fn find(&self, key: AttemptId) -> BoxFuture<'_, Result<Found, Fault>>;

    /// Makes sure that this key is never charged; answers `Voided`, or the outcome that it had
    /// before.
    fn void(&self, key: AttemptId) -> BoxFuture<'_, Result<ChargeAnswer, Fault>>;

    /// Gives a charge back, once per key of the refund.
    fn refund(&self, refund: Refund) -> BoxFuture<'_, Result<(), Fault>>;
}

/// Observes changes of bookings after they are durable. Changes of one booking may come late; their
/// revision orders them.
pub trait BookingObserver: Send + Sync {
    /// Must be quick: it is called on the way of every change.
    fn changed(&self, bookings: &[Booking]);
}

/// Timers for deadlines. They only wake the sweep: the deadline in the store decides, and a lost
/// timer costs the time to the next sweep. No call waits or fails.
pub trait Deadlines: Send + Sync {
    /// Wakes the sweep of this process then.
    fn remind(&self, at: Timestamp);

    /// These bookings await payment until then. A repeat is the same.
    fn pending(&self, bookings: &[(BookingId, Timestamp)]);

    /// These bookings do not await payment any more.
    fn closed(&self, bookings: &[BookingId]);
}
