//! For tests: builders, an in-memory store, a scripted provider, and the contract suites that every
//! store and provider must pass.
//!
//! Never part of the program.

#![allow(clippy::unwrap_used, reason = "tests may stop at once")]

pub mod contract;
mod memory;
pub mod observer_contract;
mod provider;
pub mod provider_contract;

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use kernel::{
    BookingId, Currency, EventId, Money, Revision, SeatPlace, Timestamp, UserId,
    message::{EventOnSale, Failure, Grant, Hold, Partial, Selection},
    plan::{SectionOutline, SubsectionOutline},
    topic::Lane,
};

pub use memory::MemoryStore;
pub use provider::ScriptedProvider;

use crate::{
    Asked, Booking, State,
    app::seat_answer::{SeatAnswer, Verdict},
    ports::{BookingObserver, Deadlines},
};

/// How long buyers have to pay in tests.
pub const WINDOW: Duration = Duration::from_secs(100);

pub fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub fn booking_id(n: u128) -> BookingId {
    BookingId::from_slice(&n.to_be_bytes()).unwrap()
}

pub fn buyer(n: u128) -> UserId {
    UserId::from_slice(&n.to_be_bytes()).unwrap()
}

pub fn event_id() -> EventId {
    EventId::from_slice(&77_u128.to_be_bytes()).unwrap()
}

pub fn money(amount_minor: i64) -> Money {
    Money::new(amount_minor, "TWD".parse::<Currency>().unwrap())
}

/// Whose event it is.
pub fn seller() -> UserId {
    buyer(1_000)
}

/// Section A on partition 3 (subsection 1: 2 rows of 20, subsection 2: 1 row of 10) and B; at most
/// 4 seats per booking.
pub fn event_on_sale() -> EventOnSale {
    let section = |name: &str, partition, subsections: Vec<_>| {
        SectionOutline::new(name.parse().unwrap(), partition, money(3_000), subsections)
    };
    let block = SubsectionOutline::new;
    EventOnSale {
        event_id: event_id(),
        seller_id: Some(seller()),
        lane: Lane::Shared,
        max_seats_per_booking: 4,
        sections: vec![
            section("A", 3, vec![block(1, 2, 20), block(2, 1, 10)]),
            section("B", 4, vec![block(1, 1, 10)]),
        ],
    }
}

/// A booking of buyer `n`, just created.
pub fn booking(n: u128) -> Booking {
    Booking {
        id: booking_id(n),
        buyer_id: buyer(n),
        event_id: event_id(),
        lane: Lane::Shared,
        asked: Asked {
            section: "A".parse().unwrap(),
            subsection: None,
            selection: Selection::BestAvailable { quantity: 2, subsection: None },
            partial: Partial::Accept,
        },
        created_at: at(0),
        state: State::Processing,
        payment: None,
        revision: Revision::FIRST,
    }
}

/// A grant of `seats` seats at 3000 each.
pub fn grant_for(booking: &Booking, number: u64, seats: u16) -> Grant {
    Grant {
        hold: Hold { booking_id: booking.id, number },
        buyer_id: booking.buyer_id,
        event_id: booking.event_id,
        section: booking.asked.section.clone(),
        seats: (1..=seats).map(|seat| SeatPlace { subsection: 1, row: 1, seat }).collect(),
        unit_price: money(3_000),
    }
}

/// Two seats are granted, taken in at this moment.
pub fn granted(booking: &Booking, number: u64, now: Timestamp) -> SeatAnswer {
    let verdict = Verdict::Granted(grant_for(booking, number, 2));
    SeatAnswer { verdict, lane: booking.lane, source: None, payment_window: WINDOW, now }
}

/// No seats are granted.
pub fn failed(booking: &Booking, now: Timestamp) -> SeatAnswer {
    let verdict = Verdict::Failed { booking_id: booking.id, failure: Failure::NoSeatsLeft };
    SeatAnswer { verdict, lane: booking.lane, source: None, payment_window: WINDOW, now }
}

/// Keeps everything that it hears.
#[derive(Debug, Default)]
pub struct Heard(pub Mutex<Vec<Booking>>);

impl BookingObserver for Heard {
    fn changed(&self, bookings: &[Booking]) {
        self.0.lock().unwrap().extend_from_slice(bookings);
    }
}

/// Keeps every reminder, and which bookings await payment.
#[derive(Debug, Default)]
pub struct Reminders(pub Mutex<Vec<Timestamp>>, pub Mutex<BTreeMap<BookingId, Timestamp>>);

impl Deadlines for Reminders {
    fn remind(&self, at: Timestamp) {
        self.0.lock().unwrap().push(at);
    }

    fn pending(&self, bookings: &[(BookingId, Timestamp)]) {
        self.0.lock().unwrap().extend(bookings.iter().map(|(_, until)| *until));
        self.1.lock().unwrap().extend(bookings.iter().copied());
    }

    fn closed(&self, bookings: &[BookingId]) {
        let mut pending = self.1.lock().unwrap();
        for booking in bookings {
            pending.remove(booking);
        }
    }
}
