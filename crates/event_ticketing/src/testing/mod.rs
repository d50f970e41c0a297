//! For tests: builders, an in-memory store, and the contract suite that every store must pass.
//!
//! Never: part of the program.

#![allow(clippy::unwrap_used, reason = "tests may stop at once")]

pub mod contract;
mod memory;

use kernel::{
    BookingId, Clock, EventId, Money, SeatPlace, Timestamp, UserId,
    message::{Envelope, Grant, Hold, Message, Source},
    topic::{Action, Lane, Topic},
};
use stream::Record;

pub use memory::{MemoryHolds, MemoryStore};

use crate::{
    app::create_event::EventDraft,
    domain::{
        event::DetailsDraft,
        plan::{SectionDraft, SubsectionDraft},
    },
};

/// The middle of a minute.
pub const NOON: Timestamp = Timestamp::from_millis(43_230_000);

pub fn event_id(n: u128) -> EventId {
    EventId::from_slice(&n.to_be_bytes()).unwrap()
}

pub fn user(n: u128) -> UserId {
    UserId::from_slice(&n.to_be_bytes()).unwrap()
}

pub fn section(name: &str, price_minor: i64, rows: i64) -> SectionDraft {
    let subsections = vec![SubsectionDraft::new(1, rows, 10)];
    SectionDraft { name: name.to_owned(), price_minor, subsections }
}

/// Sections B (20 seats at 500) and A (20 seats at 1000), in this order.
pub fn draft(name: &str) -> EventDraft {
    let details = DetailsDraft {
        name: name.to_owned(),
        description: "An evening".to_owned(),
        venue_name: "City Hall".to_owned(),
        time_zone: "Asia/Taipei".to_owned(),
        starts_at: Timestamp::from_millis(9),
        currency: "TWD".to_owned(),
        max_seats_per_booking: None,
    };
    EventDraft { details, sections: vec![section("B", 500, 2), section("A", 1_000, 2)] }
}

/// A clock that has stopped at [`NOON`].
#[derive(Debug)]
pub struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        NOON
    }
}

/// Hold 1 of booking `n` on these seats of row 1 of section A of event 1, at 1000 each.
pub fn grant(booking: u128, seats: &[u16]) -> Grant {
    Grant {
        hold: Hold { booking_id: BookingId::from_slice(&booking.to_be_bytes()).unwrap(), number: 1 },
        buyer_id: user(booking),
        event_id: event_id(1),
        section: "A".parse().unwrap(),
        seats: seats.iter().map(|&seat| SeatPlace { subsection: 1, row: 1, seat }).collect(),
        unit_price: Money::new(1_000, "TWD".parse().unwrap()),
    }
}

/// Records of one partition, in the order in which they are read.
#[derive(Debug, Default)]
pub struct Records {
    next: u64,
}

impl Records {
    pub fn of(&mut self, message: Message) -> Record {
        self.raw(Envelope { at: NOON, source: None, message }.encode().to_vec())
    }

    pub fn raw(&mut self, payload: Vec<u8>) -> Record {
        let topic = Topic::new(Lane::Shared, Action::UpdateTicketStatusToReserved);
        let source = Source { topic, partition: 0, offset: self.next };
        self.next += 1;
        Record { source, key: Vec::new().into(), payload: payload.into() }
    }
}
