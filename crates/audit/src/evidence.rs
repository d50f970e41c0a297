//! The auditor's evidence: everything that log and stores hold, as plain facts.
//!
//! Never: a rule of the services. Only the record schema (`kernel::message`,
//! `seat_reservation::row`) is shared with them.

use std::collections::HashSet;

use kernel::{
    BookingId, EventId, Money, SeatNo, SectionName, Timestamp, UserId,
    message::{Hold, Message, Source},
    names,
};
use seat_reservation::row::SeatRow;

/// Everything there is to check.
#[derive(Debug, Default)]
pub struct Evidence {
    /// The wall clock before anything was read. Without it, what may have been forgotten by now is
    /// not checked.
    pub taken_at: Option<Timestamp>,
    /// By topic, partition and offset.
    pub records: Vec<Logged>,
    pub seat_rows: Vec<SeatRow>,
    pub bookings: Vec<BookingRow>,
    pub tickets: Vec<TicketRow>,
    /// What the provider's ledger says. Without it the checks on money are left out.
    pub payments: Option<Vec<PaymentRow>>,
    /// Bookings with a payment or a refund that is not decided yet: their money may still move.
    pub undecided_money: HashSet<BookingId>,
    /// Without it the checks on attempts and keys are left out.
    pub books: Option<Books>,
    /// Without it the checks on what the seller sees are left out.
    pub seller: Option<SellerFacts>,
    /// Records that some service has not read yet.
    pub unread: u64,
    /// Readers whose position is beyond the end of their topic partition.
    pub ahead: Vec<String>,
    /// Messages that a service has not published yet.
    pub unsent: u64,
    /// Where the seat servers' checkpoints differ from the log.
    pub unlike_log: Vec<String>,
    /// Records that a service could not decode, with its reason.
    pub dead_letters: Vec<String>,
}

/// What booking and the payment provider keep of each payment.
#[derive(Debug, Default)]
pub struct Books {
    pub attempts: Vec<AttemptRow>,
    pub keys: Vec<KeyRow>,
    /// The payment provider's own ledger.
    pub ledger: Vec<LedgerRow>,
}

/// What `event_ticketing` keeps beside the tickets, and what booking knows of it.
#[derive(Debug, Default)]
pub struct SellerFacts {
    pub sections: Vec<SectionRow>,
    pub minutes: Vec<MinuteRow>,
    /// How far each hold was followed.
    pub holds: Vec<HoldRow>,
    /// Events that booking can sell.
    pub outlines: HashSet<EventId>,
}

/// One record of the log.
#[derive(Debug)]
pub struct Logged {
    pub source: Source,
    /// When it was decided.
    pub at: Timestamp,
    /// The record that caused it.
    pub caused_by: Option<Source>,
    pub message: Message,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookingStatus {
    Processing,
    PendingPayment,
    Paid,
    Failed,
    Cancelled,
}

names!(BookingStatus {
    Processing = "processing",
    PendingPayment = "pending_payment",
    Paid = "paid",
    Failed = "failed",
    Cancelled = "cancelled",
});

impl BookingStatus {
    /// How far its hold has come, if it ever had one.
    pub(crate) fn hold(self) -> Option<HoldStatus> {
        match self {
            Self::PendingPayment => Some(HoldStatus::Reserved),
            Self::Paid => Some(HoldStatus::Sold),
            Self::Cancelled => Some(HoldStatus::Released),
            Self::Processing | Self::Failed => None,
        }
    }
}

/// A booking as its service stores it.
#[derive(Debug)]
pub struct BookingRow {
    pub id: BookingId,
    pub event_id: EventId,
    pub buyer_id: UserId,
    pub status: BookingStatus,
    /// None until seats were granted.
    pub hold: Option<Hold>,
    pub seats: Vec<SeatNo>,
    /// Of one seat, once seats were granted.
    pub unit_price: Option<Money>,
    pub created_at: Timestamp,
    /// When the time to pay ends, once seats were granted.
    pub expires_at: Option<Timestamp>,
    /// When it became paid, failed or cancelled.
    pub ended_at: Option<Timestamp>,
    /// Cancelled because a time limit was reached, not by its buyer.
    pub expired: bool,
}

impl BookingRow {
    /// The price of all its seats, minor units; 0 while there are none.
    pub fn total_minor(&self) -> i64 {
        // Not by a method of `Money`: a mistake there must not hide here.
        let seats = i64::try_from(self.seats.len()).unwrap_or(i64::MAX);
        self.unit_price.map_or(0, |price| price.amount_minor * seats)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptStatus {
    /// The provider has not decided, or its answer is not known.
    Open,
    /// The money pays the booking, or the provider has confirmed its refund.
    Charged,
    /// Charged, and the provider has not confirmed the refund.
    Refunding,
    Declined,
    Voided,
}

impl AttemptStatus {
    /// What booking's word for the status of an attempt comes to; none of an unknown word.
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "sent" | "pending" | "unknown" => Self::Open,
            "charged" | "refunded" => Self::Charged,
            "refunding" => Self::Refunding,
            "declined" => Self::Declined,
            "voided" => Self::Voided,
            _ => return None,
        })
    }
}

/// An attempt to pay, as booking stores it.
#[derive(Debug)]
pub struct AttemptRow {
    /// The key under which the provider knows it.
    pub id: String,
    pub booking_id: BookingId,
    pub amount_minor: i64,
    pub status: AttemptStatus,
    pub sent_at: Timestamp,
}

/// An idempotency key that booking remembers.
#[derive(Debug)]
pub struct KeyRow {
    /// The booking or the attempt that the first request with the key made.
    pub resource: String,
    pub first_seen: Timestamp,
}

/// A section with the seller's figures, as `event_ticketing` stores it.
#[derive(Debug)]
pub struct SectionRow {
    pub event_id: EventId,
    pub section: SectionName,
    pub on_sale: bool,
    pub price: Money,
    /// How often it was changed.
    pub price_version: u32,
    pub available: i64,
    pub reserved: i64,
    pub sold: i64,
    pub revenue_minor: i64,
}

/// What an event sold in one minute, as `event_ticketing` stores it.
#[derive(Debug)]
pub struct MinuteRow {
    pub event_id: EventId,
    /// The minute's beginning.
    pub at: Timestamp,
    pub sold: i64,
    pub revenue_minor: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldStatus {
    Reserved,
    Sold,
    Released,
}

names!(HoldStatus { Reserved = "reserved", Sold = "sold", Released = "released" });

impl HoldStatus {
    /// Whether its seats are sold (true) or reserved (false); none when they are free again.
    pub(crate) fn sold(self) -> Option<bool> {
        match self {
            Self::Reserved => Some(false),
            Self::Sold => Some(true),
            Self::Released => None,
        }
    }
}

#[derive(Debug)]
pub struct HoldRow {
    pub hold: Hold,
    pub status: HoldStatus,
}

/// A ticket.
#[derive(Debug)]
pub struct TicketRow {
    pub event_id: EventId,
    pub seat: SeatNo,
    pub hold: Hold,
    /// Its hold's status.
    pub status: HoldStatus,
    /// Without it the checks on it are left out.
    pub sale: Option<Sale>,
}

/// Whose ticket it is.
#[derive(Debug)]
pub struct Sale {
    pub buyer_id: UserId,
    pub price: Money,
    /// When the ticket became what it is.
    pub since: Timestamp,
}

/// What the payment provider's own ledger says of one booking.
#[derive(Debug)]
pub struct PaymentRow {
    pub booking_id: BookingId,
    /// Money taken, minor units.
    pub captured_minor: i64,
    /// Money given back, minor units.
    pub refunded_minor: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    Charge,
    Decline,
    Void,
    Refund,
}

names!(Entry { Charge = "charge", Decline = "decline", Void = "void", Refund = "refund" });

/// A line of the payment provider's ledger.
#[derive(Debug)]
pub struct LedgerRow {
    pub entry: Entry,
    /// The attempt's id; of a refund `refund:` and the attempt's id.
    pub key: String,
    /// None of a void.
    pub booking_id: Option<BookingId>,
    pub amount_minor: i64,
    /// When the money moves; it may be later than the entry.
    pub at: Timestamp,
}
