//! The reference: what the engine shall do, in the plainest words, seat by seat, with no thought of
//! speed. Shares no code with the engine.

use std::collections::BTreeMap;

use kernel::{
    BookingId, EventId, Money, SeatPlace, SectionName,
    message::{
        BookingUpdatedToFailed, Failure, Grant, Hold, HoldOfSection, Message, Partial, SectionOpened,
        Selection, TicketReservedRequest,
    },
};

const RETENTION_MS: i64 = 15 * 60 * 1000;

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Seat {
    Free,
    Reserved(Hold),
    Sold(Hold),
}

pub(crate) struct Hall {
    /// The price in force, and its version.
    pub(crate) price: (Money, u32),
    pub(crate) grants: u64,
    /// In the order (subsection, row, seat).
    pub(crate) seats: BTreeMap<SeatPlace, Seat>,
}

#[derive(Clone)]
pub(crate) enum Answer {
    Grant(Grant),
    Failure(BookingUpdatedToFailed),
}

/// How and when a booking's request came to its end.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum End {
    Living,
    Failed(i64),
    Released(i64),
    Sold(i64),
}

impl End {
    fn at(self) -> Option<i64> {
        match self {
            Self::Living => None,
            Self::Failed(at) | Self::Released(at) | Self::Sold(at) => Some(at),
        }
    }
}

#[derive(Default)]
pub(crate) struct Reference {
    pub(crate) halls: BTreeMap<(EventId, SectionName), Hall>,
    pub(crate) answers: BTreeMap<BookingId, (Answer, End)>,
    pub(crate) now: i64,
}

impl Hall {
    fn new(opened: &SectionOpened) -> Self {
        let mut seats = BTreeMap::new();
        for subsection in &opened.section.subsections {
            for row in 1..=subsection.rows {
                for seat in 1..=subsection.seats_per_row {
                    seats.insert(SeatPlace { subsection: subsection.number, row, seat }, Seat::Free);
                }
            }
        }
        Self { price: (opened.section.price, opened.section.price_version), grants: 0, seats }
    }

    pub(crate) fn free(&self, subsection: Option<u16>) -> usize {
        let here = |place: &SeatPlace| subsection.is_none_or(|number| number == place.subsection);
        self.seats.iter().filter(|(place, seat)| here(place) && **seat == Seat::Free).count()
    }

    /// Tries every seat in order as the left end of a run.
    fn run(&self, subsection: Option<u16>, length: u16) -> Option<Vec<SeatPlace>> {
        self.seats.keys().filter(|first| subsection.is_none_or(|n| n == first.subsection)).find_map(|first| {
            let run: Vec<_> =
                (0..length).map(|next| SeatPlace { seat: first.seat + next, ..*first }).collect();
            run.iter().all(|place| self.seats.get(place) == Some(&Seat::Free)).then_some(run)
        })
    }

    fn best_available(&mut self, subsection: Option<u16>, quantity: u16, hold: Hold) -> Vec<SeatPlace> {
        if let Some(run) = self.run(subsection, quantity) {
            for place in &run {
                self.seats.insert(*place, Seat::Reserved(hold));
            }
            return run;
        }
        if quantity == 1 {
            return Vec::new();
        }
        let larger = quantity.div_ceil(2);
        let mut seats = self.best_available(subsection, larger, hold);
        seats.extend(self.best_available(subsection, quantity - larger, hold));
        seats
    }

    fn decide(&mut self, request: &TicketReservedRequest) -> Result<Vec<SeatPlace>, Failure> {
        let hold = Hold { booking_id: request.booking_id, number: self.grants + 1 };
        let before = self.seats.clone();
        let (mut seats, asked, none) = match &request.selection {
            Selection::BestAvailable { quantity, subsection } => {
                let seats = self.best_available(*subsection, *quantity, hold);
                (seats, usize::from(*quantity), Failure::NoSeatsLeft)
            }
            Selection::Manual { seats } => {
                let mut asked = seats.clone();
                asked.sort();
                asked.dedup();
                let mut had = asked.clone();
                had.retain(|place| self.seats.get(place) == Some(&Seat::Free));
                for place in &had {
                    self.seats.insert(*place, Seat::Reserved(hold));
                }
                (had, asked.len(), Failure::SeatsTaken)
            }
        };
        if seats.is_empty() {
            return Err(none);
        }
        if seats.len() < asked && request.partial == Partial::Refuse {
            self.seats = before;
            return Err(Failure::NotEnoughSeats);
        }
        self.grants += 1;
        seats.sort();
        Ok(seats)
    }
}

impl Reference {
    /// The messages that the record makes the engine send.
    pub(crate) fn handle(&mut self, at: i64, message: &Message) -> Vec<Message> {
        self.now = self.now.max(at);
        let sent = match message {
            Message::SectionOpened(opened) => {
                let key = (opened.event_id, opened.section.name.clone());
                self.halls.entry(key).or_insert_with(|| Hall::new(opened));
                Vec::new()
            }
            Message::SectionPriceChanged(changed) => {
                let hall = self.halls.get_mut(&(changed.event_id, changed.section.clone()));
                let (version, latest) = (changed.price_version, hall.as_ref().map(|hall| hall.price.1));
                // Versions are counted from 1; while there are none, each change counts.
                if latest.is_some_and(|latest| latest < version || (latest, version) == (0, 0)) {
                    hall.unwrap().price = (changed.price, version);
                }
                Vec::new()
            }
            Message::TicketReservedRequest(request) => self.reserve(request),
            Message::ReleaseSeat(hold) => self.end(hold, Seat::Free),
            Message::FinalizeSeat(hold) => self.end(hold, Seat::Sold(hold.hold)),
            _ => unreachable!(),
        };
        for _ in 0..4 {
            let finals = self.answers.iter().filter_map(|(id, (_, end))| Some((end.at()?, *id)));
            let Some((at, id)) = finals.min() else { break };
            if at + RETENTION_MS < self.now {
                self.answers.remove(&id);
            }
        }
        sent
    }

    fn reserve(&mut self, request: &TicketReservedRequest) -> Vec<Message> {
        let id = request.booking_id;
        if !self.answers.contains_key(&id) {
            let hall = self.halls.get_mut(&(request.event_id, request.section.clone()));
            let decided = hall.ok_or(Failure::SectionNotOpen).and_then(|hall| {
                let seats = hall.decide(request)?;
                Ok(Grant {
                    hold: Hold { booking_id: id, number: hall.grants },
                    buyer_id: request.buyer_id,
                    event_id: request.event_id,
                    section: request.section.clone(),
                    seats,
                    unit_price: hall.price.0,
                })
            });
            let kept = match decided {
                Ok(grant) => (Answer::Grant(grant), End::Living),
                Err(failure) => {
                    let event_id = request.event_id;
                    let failed = BookingUpdatedToFailed { booking_id: id, event_id, failure };
                    (Answer::Failure(failed), End::Failed(self.now))
                }
            };
            self.answers.insert(id, kept);
        }
        match self.answers[&id].0.clone() {
            Answer::Grant(grant) => vec![
                Message::SeatUpdatedToReserved(grant.clone()),
                Message::BookingUpdatedToPendingPayment(grant),
            ],
            Answer::Failure(failed) => vec![Message::BookingUpdatedToFailed(failed)],
        }
    }

    fn end(&mut self, named: &HoldOfSection, becomes: Seat) -> Vec<Message> {
        let hall = self.halls.get_mut(&(named.event_id, named.section.clone()));
        let mut ended = false;
        for seat in hall.into_iter().flat_map(|hall| hall.seats.values_mut()) {
            if *seat == Seat::Reserved(named.hold) {
                *seat = becomes;
                ended = true;
            }
        }
        if ended {
            self.answers.get_mut(&named.hold.booking_id).unwrap().1 =
                if becomes == Seat::Free { End::Released(self.now) } else { End::Sold(self.now) };
        }
        Vec::new()
    }
}
