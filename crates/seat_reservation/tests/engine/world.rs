//! Builders: ids, plans, records, and an engine beside the store that takes its rows in.

use std::collections::BTreeMap;

use bytes::Bytes;
use kernel::{
    BookingId, EventId, Money, SeatPlace, SectionName, Timestamp, UserId,
    message::{
        Envelope, Hold, HoldOfSection, Message, Partial, SectionOpened, SectionPriceChanged, Selection,
        Source, TicketReservedRequest,
    },
    plan::{SectionOutline, SubsectionOutline},
    topic::{Action, Lane, Topic},
};
use seat_reservation::SeatEngine;
use stream::{
    Outgoing, Record, Row,
    exactly_once::{Effects, Handler},
};
use uuid::Uuid;

pub(crate) const PARTITION: u16 = 3;

pub(crate) fn event(n: u128) -> EventId {
    EventId::new(Uuid::from_u128(n))
}

pub(crate) fn booking(n: u128) -> BookingId {
    BookingId::new(Uuid::from_u128(0xb000 + n))
}

pub(crate) fn buyer(n: u128) -> UserId {
    UserId::new(Uuid::from_u128(0xc000 + n))
}

pub(crate) fn name(text: &str) -> SectionName {
    text.parse().unwrap()
}

pub(crate) fn twd(amount: i64) -> Money {
    Money::new(amount, "TWD".parse().unwrap())
}

pub(crate) fn place(subsection: u16, row: u16, seat: u16) -> SeatPlace {
    SeatPlace { subsection, row, seat }
}

/// A section of subsections given as (number, rows, seats per row), at 100 a seat, of event 1 on
/// its own lane.
pub(crate) fn opened(section: &str, subsections: &[(u16, u16, u16)]) -> SectionOpened {
    let subsections =
        subsections.iter().map(|&(number, rows, seats)| SubsectionOutline::new(number, rows, seats));
    let section = SectionOutline::new(name(section), PARTITION, twd(100), subsections);
    SectionOpened { event_id: event(1), lane: Lane::Own(event(1)), section }
}

pub(crate) fn best(n: u128, section: &str, quantity: u16) -> TicketReservedRequest {
    TicketReservedRequest {
        booking_id: booking(n),
        buyer_id: buyer(n),
        event_id: event(1),
        section: name(section),
        selection: Selection::BestAvailable { quantity, subsection: None },
        partial: Partial::Accept,
    }
}

pub(crate) fn manual(n: u128, section: &str, seats: &[SeatPlace]) -> TicketReservedRequest {
    TicketReservedRequest { selection: Selection::Manual { seats: seats.to_vec() }, ..best(n, section, 1) }
}

pub(crate) fn hold(n: u128, section: &str, number: u64) -> HoldOfSection {
    HoldOfSection {
        hold: Hold { booking_id: booking(n), number },
        event_id: event(1),
        section: name(section),
    }
}

pub(crate) fn price(section: &str, price: Money, price_version: u32) -> Message {
    let (event_id, section) = (event(1), name(section));
    Message::SectionPriceChanged(SectionPriceChanged { event_id, section, price, price_version })
}

/// A record of the topic that the message travels on.
pub(crate) fn record(offset: u64, at: i64, message: Message) -> Record {
    let action = match &message {
        Message::ReleaseSeat(_) => Action::ReleaseTicketToAvailable,
        Message::FinalizeSeat(_) => Action::FinalizeTicketToPaid,
        _ => Action::TicketReserveRequest,
    };
    let topic = Topic::new(Lane::Own(event(1)), action);
    let envelope = Envelope { at: Timestamp::from_millis(at), source: None, message };
    let source = Source { topic, partition: PARTITION, offset };
    Record { source, key: Bytes::new(), payload: envelope.encode() }
}

/// What one record changed and sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) puts: Vec<(Bytes, Option<Bytes>)>,
    pub(crate) outgoing: Vec<Outgoing>,
    pub(crate) refused: Option<String>,
}

impl Done {
    pub(crate) fn messages(&self) -> Vec<Message> {
        let decode = |outgoing: &Outgoing| Envelope::decode(outgoing.payload.clone()).unwrap().message;
        self.outgoing.iter().map(decode).collect()
    }
}

/// An engine and a store that takes in its rows.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) engine: SeatEngine,
    pub(crate) store: BTreeMap<Bytes, Bytes>,
    pub(crate) offset: u64,
    pub(crate) now: i64,
}

impl World {
    pub(crate) fn with(sections: &[SectionOpened]) -> Self {
        let mut world = Self::default();
        for opened in sections {
            world.send(Message::SectionOpened(opened.clone()));
        }
        world
    }

    /// The next record, at the world's time.
    pub(crate) fn send(&mut self, message: Message) -> Done {
        self.offset += 1;
        let record = record(self.offset, self.now, message);
        self.handle(&record)
    }

    /// Handles a record, takes its rows in and checks every promise.
    pub(crate) fn handle(&mut self, record: &Record) -> Done {
        let mut effects = Effects::default();
        let refused = self.engine.handle(record, &mut effects).err();
        let puts: Vec<_> = effects.rows().map(|(key, value)| (key.clone(), value.cloned())).collect();
        for (key, value) in &puts {
            match value {
                Some(value) => self.store.insert(key.clone(), value.clone()),
                None => self.store.remove(key),
            };
        }
        self.engine.check().unwrap();
        Done { puts, outgoing: effects.outgoing().to_vec(), refused }
    }

    pub(crate) fn stored(&self) -> Vec<Row> {
        self.store.clone().into_iter().collect()
    }

    /// Stops and starts again from the store.
    pub(crate) fn restart(&mut self) {
        self.engine = SeatEngine::restore(self.stored()).unwrap();
    }
}
