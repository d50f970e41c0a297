//! What the auditor looks at: everything that log and stores hold, as plain facts.
//!
//! Never: a rule of the services. Only the record schema (`kernel::message`, `seat_reservation::row`) is shared with them.

use std::collections::HashSet;

use kernel::{
    BookingId, EventId, Money, SeatNo,
    message::{Hold, Message, Source},
};
use seat_reservation::row::SeatRow;

/// Everything there is to check.
#[derive(Debug, Default)]
pub struct Evidence {
    /// By topic, partition and offset.
    pub records: Vec<Logged>,
    pub seat_rows: Vec<SeatRow>,
    pub bookings: Vec<BookingRow>,
    pub tickets: Vec<TicketRow>,
    pub payments: Vec<PaymentRow>,
    /// Bookings with a payment or a refund that is not decided yet: their money may still move.
    pub undecided_money: HashSet<BookingId>,
    /// Records that some service has not read yet.
    pub unread: u64,
    /// Messages that a service has not published yet.
    pub unsent: u64,
    /// What of the seat servers' checkpoints is not what the log says.
    pub unlike_log: Vec<String>,
    /// Records that a service could not understand, with its reason.
    pub dead_letters: Vec<String>,
}

/// One record of the log.
#[derive(Debug)]
pub struct Logged {
    pub source: Source,
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

/// A booking as its service stores it.
#[derive(Debug)]
pub struct BookingRow {
    pub id: BookingId,
    pub event_id: EventId,
    pub status: BookingStatus,
    /// None until seats were granted.
    pub hold: Option<Hold>,
    pub seats: Vec<SeatNo>,
    pub total: Option<Money>,
}

/// A living ticket: reserved or sold.
#[derive(Debug)]
pub struct TicketRow {
    pub event_id: EventId,
    pub seat: SeatNo,
    pub hold: Hold,
    pub sold: bool,
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
