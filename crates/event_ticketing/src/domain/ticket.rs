//! Tickets: what a hold's seats look like to people, whatever order its messages come in.
//!
//! Promises: for one hold the status only goes forward, reserved → sold or reserved → released; sold and released are final. Another hold gets a
//! ticket only for a seat that is free, which the seat engine sees to: it grants a seat again only after this service has released it.

use kernel::TicketId;
use kernel::{BookingId, EventId, Money, SeatNo, Timestamp, UserId};

/// How far a hold has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HoldStatus {
    Reserved,
    Sold,
    Released,
}

impl HoldStatus {
    /// The status after a message that asks for `asked`, where `self` is what the hold has now; none when nothing changes.
    pub fn forward(now: Option<Self>, asked: Self) -> Option<Self> {
        match now {
            None => Some(asked),
            Some(Self::Reserved) if asked != Self::Reserved => Some(asked),
            Some(_) => None,
        }
    }
}

/// The status of a ticket that exists; a seat without a ticket is available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TicketStatus {
    Reserved,
    Sold,
}

impl TicketStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Sold => "sold",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Reserved, Self::Sold].into_iter().find(|status| status.as_str() == name)
    }
}

/// One seat of one living hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    pub id: TicketId,
    pub booking_id: BookingId,
    pub buyer_id: UserId,
    pub event_id: EventId,
    pub seat: SeatNo,
    pub price: Money,
    pub status: TicketStatus,
    /// Since when it has this status.
    pub since: Timestamp,
}
