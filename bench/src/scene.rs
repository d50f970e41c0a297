//! Sections in the states that matter: empty, nearly sold out, checkerboard, half taken.

use kernel::message::{
    Envelope, Hold, Message, Partial, SectionOpened, Selection, Source, TicketReservedRequest,
};
use kernel::plan::{SectionOutline, SubsectionOutline};
use kernel::topic::{Action, Lane, Topic};
use kernel::{BookingId, Currency, EventId, Money, SeatPlace, SectionName, Timestamp, UserId};
use seat_reservation::domain::{holders::Holder, section::Section};
use stream::Record;
use uuid::Uuid;

use crate::rng::Rng;

/// How many subsections of 25 rows × 20 seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u16);

impl Size {
    const ROWS: u16 = 25;
    const SEATS_PER_ROW: u16 = 20;

    /// Seats in all.
    #[must_use]
    pub fn seats(self) -> u32 {
        u32::from(self.0) * u32::from(Self::ROWS) * u32::from(Self::SEATS_PER_ROW)
    }

    /// Every seat, in the order of the plan.
    pub fn places(self) -> impl Iterator<Item = SeatPlace> {
        let rows = move |subsection| (1..=Self::ROWS).map(move |row| (subsection, row));
        (1..=self.0).flat_map(rows).flat_map(|(subsection, row)| {
            (1..=Self::SEATS_PER_ROW).map(move |seat| SeatPlace { subsection, row, seat })
        })
    }
}

/// Which seats are taken before the clock starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    None,
    /// 99 of 100, at random.
    NearlyAll,
    /// Every other seat, so that no two free ones are neighbours.
    Checkerboard,
    /// Every second at random: most picks by hand meet a taken seat.
    Half,
}

impl Taken {
    /// The seats taken in a section of this size.
    pub fn of(self, size: Size, rng: &mut Rng) -> Vec<SeatPlace> {
        let mut taken = |place: &SeatPlace| match self {
            Self::None => false,
            Self::NearlyAll => rng.between(1, 100) > 1,
            Self::Checkerboard => (place.row + place.seat).is_multiple_of(2),
            Self::Half => rng.between(1, 2) == 1,
        };
        let mut places: Vec<_> = size.places().filter(|place| taken(place)).collect();
        // Never quite full, so that a decision always finds something.
        if places.len() == size.seats() as usize {
            places.pop();
        }
        places
    }
}

/// What the buyer asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// 1–4 seats anywhere in the section.
    BestAvailable,
    /// 1–4 neighbours in a random row.
    Manual,
}

impl Ask {
    /// The next wish.
    pub fn next(self, size: Size, rng: &mut Rng) -> Selection {
        let quantity = rng.between(1, 4);
        match self {
            Self::BestAvailable => Selection::BestAvailable { quantity, subsection: None },
            Self::Manual => {
                let (subsection, row) = (rng.between(1, size.0), rng.between(1, Size::ROWS));
                let first = rng.between(1, Size::SEATS_PER_ROW + 1 - quantity);
                let place = |seat| SeatPlace { subsection, row, seat };
                Selection::Manual { seats: (first..first + quantity).map(place).collect() }
            }
        }
    }
}

/// The `n`-th event; every section of the benchmark is of an own one.
#[must_use]
pub fn event(n: usize) -> EventId {
    EventId::new(Uuid::from_u128(1 << 100 | n as u128))
}

fn booking(n: u64) -> BookingId {
    BookingId::new(Uuid::from_u128(2 << 100 | u128::from(n)))
}

fn buyer() -> UserId {
    UserId::new(Uuid::from_u128(3 << 100))
}

/// The section's name.
///
/// # Panics
/// Never: the name is valid.
#[must_use]
pub fn name() -> SectionName {
    "A".parse().unwrap_or_else(|_| unreachable!("A is a section name"))
}

fn opened(n: usize, size: Size) -> SectionOpened {
    let currency: Currency = "TWD".parse().unwrap_or_else(|_| unreachable!("TWD is a currency"));
    let block = |number| SubsectionOutline::new(number, Size::ROWS, Size::SEATS_PER_ROW);
    SectionOpened {
        event_id: event(n),
        lane: Lane::Shared,
        section: SectionOutline::new(name(), 0, Money::new(300_000, currency), (1..=size.0).map(block)),
    }
}

/// A holder that no other one is.
#[must_use]
pub fn holder(n: u64) -> Holder {
    let hold = Hold { booking_id: booking(n), number: n };
    Holder { hold, buyer_id: buyer(), at: Timestamp::from_millis(0), sold: false }
}

/// The `n`-th section with these seats taken, one holder each.
#[must_use]
pub fn section(n: usize, size: Size, taken: &[SeatPlace]) -> Section {
    let mut section = Section::open(opened(n, size));
    for (at, place) in taken.iter().enumerate() {
        let slot = section.add_holder(holder(at as u64));
        section.take_seat(*place, slot);
    }
    section
}

/// Makes the records of one partition, each with the next position.
#[derive(Debug, Default)]
pub struct Log {
    next: u64,
}

impl Log {
    /// Opens the `n`-th section.
    pub fn open(&mut self, n: usize, size: Size) -> Record {
        self.record(Action::TicketReserveRequest, Message::SectionOpened(opened(n, size)))
    }

    /// A buyer's request for seats of the `n`-th section.
    pub fn request(&mut self, n: usize, selection: Selection) -> Record {
        let request = TicketReservedRequest {
            booking_id: booking(self.next),
            buyer_id: buyer(),
            event_id: event(n),
            section: name(),
            selection,
            partial: Partial::Accept,
        };
        self.record(Action::TicketReserveRequest, Message::TicketReservedRequest(request))
    }

    /// Any other message.
    pub fn record(&mut self, action: Action, message: Message) -> Record {
        let source = Source { topic: Topic::new(Lane::Shared, action), partition: 0, offset: self.next };
        self.next += 1;
        let envelope = Envelope { at: Timestamp::from_millis(0), source: None, message };
        Record { source, key: bytes::Bytes::new(), payload: envelope.encode() }
    }
}
