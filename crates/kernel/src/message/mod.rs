//! The messages between the services: typed, valid, versioned. `encode` and `decode` are the only
//! way to and from bytes.
//!
//! Promises: what decodes is valid (ids, names, currencies parsed); a record of an unknown version
//! is distinguished from a broken one.
//! Never: a business rule. The wire format is `proto/ticketing/v1/message.proto`; golden files keep
//! old records readable.

mod wire;

use bytes::Bytes;

use crate::{
    BookingId, Currency, EventId, Money, SeatNo, SeatPlace, SectionName, Timestamp, UserId, names,
    plan::SectionOutline,
    topic::{Lane, Topic},
};

/// The version that this program writes.
pub const SCHEMA_VERSION: u32 = 1;

/// A record's content: what happened, when it was decided and which record caused it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    pub at: Timestamp,
    pub source: Option<Source>,
    pub message: Message,
}

/// The place in the log of the record that caused this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source {
    pub topic: Topic,
    pub partition: u16,
    pub offset: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    TicketReservedRequest(TicketReservedRequest),
    SeatUpdatedToReserved(Grant),
    BookingUpdatedToPendingPayment(Grant),
    BookingUpdatedToFailed(BookingUpdatedToFailed),
    BookingPaidSuccess(Grant),
    /// Expired, or cancelled by its buyer: the seats of this hold are released.
    BookingExpiredReleaseTickets(Grant),
    ReleaseSeat(HoldOfSection),
    FinalizeSeat(HoldOfSection),
    SectionOpened(SectionOpened),
    SectionPriceChanged(SectionPriceChanged),
    EventOnSale(EventOnSale),
}

/// A booking's claim on seats. `number` rises per section, so a later hold of the same booking is
/// another hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hold {
    pub booking_id: BookingId,
    pub number: u64,
}

/// The seats of one hold, at the price of one seat that was in force when they were granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub hold: Hold,
    pub buyer_id: UserId,
    pub event_id: EventId,
    pub section: SectionName,
    /// Ascending; at least one.
    pub seats: Vec<SeatPlace>,
    pub unit_price: Money,
}

impl Grant {
    pub fn total(&self) -> Money {
        let free = usize::from(crate::planted("price.one-seat-free") && self.seats.len() > 1);
        self.unit_price.times(u32::try_from(self.seats.len() - free).unwrap_or(u32::MAX))
    }

    pub fn seat_nos(&self) -> impl Iterator<Item = SeatNo> + '_ {
        self.seats.iter().map(|&place| SeatNo { section: self.section.clone(), place })
    }

    pub fn hold_of_section(&self) -> HoldOfSection {
        HoldOfSection { hold: self.hold, event_id: self.event_id, section: self.section.clone() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketReservedRequest {
    pub booking_id: BookingId,
    pub buyer_id: UserId,
    pub event_id: EventId,
    pub section: SectionName,
    pub selection: Selection,
    pub partial: Partial,
}

/// Which seats a booking asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// `subsection` none: anywhere in the section.
    BestAvailable { quantity: u16, subsection: Option<u16> },
    /// At least one, all different.
    Manual { seats: Vec<SeatPlace> },
}

impl Selection {
    /// How many seats are asked for.
    pub fn requested(&self) -> u16 {
        match self {
            Self::BestAvailable { quantity, .. } => *quantity,
            Self::Manual { seats } => u16::try_from(seats.len()).unwrap_or(u16::MAX),
        }
    }
}

/// What to do when not all seats that were asked for can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partial {
    Accept,
    Refuse,
}

/// Why a booking got no seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Best available found no free seat.
    NoSeatsLeft,
    /// None of the seats picked by hand is free.
    SeatsTaken,
    /// Some are free, but the buyer wanted all or nothing.
    NotEnoughSeats,
    /// The seat engine does not know the section: it is not open.
    SectionNotOpen,
}

names!(Failure {
    NoSeatsLeft = "no-seats-left",
    SeatsTaken = "seats-taken",
    NotEnoughSeats = "not-enough-seats",
    SectionNotOpen = "section-not-open",
});

impl Failure {
    /// A sentence for the buyer.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::NoSeatsLeft => "No seats are left in the requested section or subsection.",
            Self::SeatsTaken => "The requested seats are taken.",
            Self::NotEnoughSeats => "Not enough seats are left to book all of them.",
            Self::SectionNotOpen => "The section is not on sale.",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingUpdatedToFailed {
    pub booking_id: BookingId,
    pub event_id: EventId,
    pub failure: Failure,
}

/// A hold and the section whose seats it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldOfSection {
    pub hold: Hold,
    pub event_id: EventId,
    pub section: SectionName,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionOpened {
    pub event_id: EventId,
    pub lane: Lane,
    pub section: SectionOutline,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionPriceChanged {
    pub event_id: EventId,
    pub section: SectionName,
    pub price: Money,
    /// Of two changes of a section the later has the higher one, in whatever order they come. 0 in
    /// records that were written before it was sent.
    pub price_version: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventOnSale {
    pub event_id: EventId,
    /// None in records that were written before it was sent.
    pub seller_id: Option<UserId>,
    pub lane: Lane,
    pub max_seats_per_booking: u16,
    pub sections: Vec<SectionOutline>,
}

/// Why bytes are no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A newer program wrote it; this one must not guess.
    #[error("schema version {0} is not known to this program")]
    UnknownVersion(u32),
    #[error("not a protobuf envelope: {0}")]
    Malformed(String),
    #[error("field {0} is missing or out of its range")]
    Invalid(&'static str),
}

impl Envelope {
    pub fn encode(&self) -> Bytes {
        wire::encode(self)
    }

    /// # Errors
    /// When `bytes` have an unknown version, are no protobuf, or hold an impossible value.
    pub fn decode(bytes: Bytes) -> Result<Self, DecodeError> {
        wire::decode(bytes)
    }
}

/// An amount and its currency's code as they cross the wire.
fn money(amount_minor: i64, code: &str) -> Result<Money, DecodeError> {
    let currency: Currency = code.parse().map_err(|_| DecodeError::Invalid("currency"))?;
    Ok(Money::new(amount_minor, currency))
}
