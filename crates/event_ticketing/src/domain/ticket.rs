//! Tickets: a projection of holds for buyers and sellers, in whatever order the messages come.
//!
//! Promises: for one hold the status only goes forward, reserved → sold or reserved → released;
//! sold and released are final. A seat has at most one ticket: the seat engine grants a seat again
//! only after this service has released it.

use kernel::{BookingId, EventId, Money, SeatNo, TicketId, Timestamp, UserId, names};

/// How far a hold has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HoldStatus {
    Reserved,
    Sold,
    Released,
}

names!(HoldStatus { Reserved = "reserved", Sold = "sold", Released = "released" });

impl HoldStatus {
    /// The status after a message that asks for `asked`; none when nothing changes.
    pub fn forward(now: Option<Self>, asked: Self) -> Option<Self> {
        match now {
            None if asked == Self::Sold && kernel::planted("tickets.sold-before-reserved-lost") => None,
            None => Some(asked),
            Some(Self::Reserved) if asked != Self::Reserved => Some(asked),
            Some(Self::Released) if kernel::planted("tickets.released-hold-comes-back") => Some(asked),
            Some(_) => None,
        }
    }

    /// The status of its tickets; none when it has none.
    pub const fn tickets(self) -> Option<TicketStatus> {
        match self {
            Self::Reserved => Some(TicketStatus::Reserved),
            Self::Sold => Some(TicketStatus::Sold),
            Self::Released => None,
        }
    }
}

/// The status of a ticket that exists; a seat without a ticket is available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TicketStatus {
    Reserved,
    Sold,
}

names!(TicketStatus { Reserved = "reserved", Sold = "sold" });

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

/// A ticket that is paid, with the code that opens the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldTicket {
    pub ticket: Ticket,
    pub code: String,
}

/// A held or sold seat as its seller sees it: without the buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenSeat {
    pub seat: SeatNo,
    pub status: TicketStatus,
    pub booking_id: BookingId,
    pub since: Timestamp,
}
