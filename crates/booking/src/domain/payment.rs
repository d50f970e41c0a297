//! A payment attempt, the provider's possible answers, and the refund of late money.
//!
//! Promises: an attempt has one idempotency key (its id), so repeating a call never charges twice.

use std::{fmt, time::Duration};

use kernel::{BookingId, Money, Timestamp, UserId, limits, names};

/// One attempt to pay a booking; the provider knows it by this text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttemptId(Box<str>);

impl AttemptId {
    /// `text` must be globally unique; the caller generates it.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Stored before the provider is called, so that no charge is ever unknown to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentAttempt {
    pub id: AttemptId,
    pub booking_id: BookingId,
    pub buyer_id: UserId,
    /// The provider's token, never a card number.
    pub method: String,
    pub amount: Money,
    /// When the time to pay ends.
    pub pay_by: Timestamp,
    pub status: AttemptStatus,
    pub sent_at: Timestamp,
    /// When to call the provider next, while it is open or its refund is not made.
    pub next_poll_at: Timestamp,
    /// How often the provider was called for it in vain, as far as its back-off counts.
    pub polls: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptStatus {
    /// The provider is being called, or was when we stopped.
    Sent,
    /// The provider took it and will decide later.
    Pending,
    /// The provider did not answer; it may or may not have charged.
    Unknown,
    Charged,
    /// Charged, but it pays for no booking: the money is on its way back.
    Refunding,
    Refunded,
    Declined,
    /// The provider promises never to charge it.
    Voided,
}

impl PaymentAttempt {
    /// Its money goes back.
    #[must_use]
    pub fn refunding(self, now: Timestamp) -> Self {
        let status =
            kernel::sabotaged!("pay.late-money-kept", AttemptStatus::Refunding, AttemptStatus::Charged);
        Self { status, next_poll_at: now, polls: 0, ..self }
    }

    /// Puts the next call of the provider off (back-off).
    #[must_use]
    pub fn put_off(self, now: Timestamp) -> Self {
        let pause =
            kernel::sabotaged!("pay.asked-about-once", poll_after(self.polls), limits::PROVIDER_CALL * 360);
        Self { next_poll_at: now + pause, polls: self.polls.saturating_add(1), ..self }
    }

    /// The refund of all its money.
    pub fn refund(&self) -> Refund {
        let amount = kernel::sabotaged!("refund.twice-the-money", self.amount, self.amount.times(2));
        Refund { attempt_id: self.id.clone(), booking_id: self.booking_id, amount }
    }
}

impl AttemptStatus {
    /// Not decided: another attempt might charge twice.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Sent | Self::Pending | Self::Unknown)
    }

    /// The provider took its money, whether or not it gave it back.
    pub const fn is_charged(self) -> bool {
        matches!(self, Self::Charged | Self::Refunding | Self::Refunded)
    }

    /// Money may have been taken in time with an unknown outcome: expiry waits for it, within a
    /// limit.
    pub fn keeps_booking(self) -> bool {
        matches!(self, Self::Sent | Self::Unknown) && !kernel::planted("expiry.ignores-open-payments")
    }
}

names!(AttemptStatus {
    Sent = "sent",
    Pending = "pending",
    Unknown = "unknown",
    Charged = "charged",
    Refunding = "refunding",
    Refunded = "refunded",
    Declined = "declined",
    Voided = "voided",
});

/// What the provider says of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeAnswer {
    /// The money was taken at this moment, by the provider's clock.
    Charged {
        at: Timestamp,
    },
    Declined,
    Pending,
    /// No answer came.
    Unknown,
    /// It was not charged and never will be.
    Voided,
}

/// What the buyer is shown of the latest payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentStatus {
    Pending,
    Unknown,
    Declined,
    Voided,
    Paid,
    /// The money is on its way back.
    Refunding,
    Refunded,
}

names!(PaymentStatus {
    Pending = "pending",
    Unknown = "unknown",
    Declined = "declined",
    Voided = "voided",
    Paid = "paid",
    Refunding = "refunding",
    Refunded = "refunded",
});

const FIRST_POLL: Duration = Duration::from_millis(400);

/// The back-off before the n-th poll of the provider (from 0).
fn poll_after(polls: u32) -> Duration {
    FIRST_POLL.saturating_mul(1 << polls.min(10)).min(limits::PAYMENT_POLL_PAUSE)
}

/// A way to pay that the provider offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentMethod {
    /// What a buyer sends to pay with it.
    pub token: &'static str,
    /// What pages translate.
    pub code: &'static str,
}

/// Money that must go back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub attempt_id: AttemptId,
    pub booking_id: BookingId,
    pub amount: Money,
}

impl Refund {
    /// The provider's key: one refund per attempt, however often it is asked for.
    pub fn key(&self) -> String {
        format!("refund:{}", self.attempt_id)
    }
}
