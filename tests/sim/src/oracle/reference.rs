//! A naive finder, seat by seat: who must get which seats, at which price, from which place of the
//! log on. Shares no code with the engine.

use std::collections::{BTreeMap, BTreeSet};

use audit::evidence::Logged;
use kernel::{
    BookingId, EventId, Money, SeatPlace, SectionName, Timestamp, limits,
    message::{
        EventOnSale, Failure, Grant, Hold, HoldOfSection, Message, Partial, Selection, Source,
        TicketReservedRequest,
    },
};

use seat_reservation::row::{SeatRow, decode_row};

use super::Reading;
use crate::town::Town;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seat {
    Free,
    Held(Hold),
    Sold(Hold),
}

struct Hall {
    /// The price in force, and its version.
    price: (Money, u32),
    holds: u64,
    /// In order, each row with all its seats.
    seats: Vec<(SeatPlace, Seat)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    Granted(Grant),
    Failed(Failure),
}

/// An answer in the log.
#[derive(Debug)]
enum Given<'a> {
    Granted(&'a Grant),
    Failed(Failure),
}

impl PartialEq<&Answer> for Given<'_> {
    fn eq(&self, due: &&Answer) -> bool {
        match (self, due) {
            (Given::Granted(given), Answer::Granted(due)) => *given == due,
            (Given::Failed(given), Answer::Failed(due)) => given == due,
            _ => false,
        }
    }
}

/// What the naive finder saw on its way.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) contended: BTreeSet<BookingId>,
    pub(crate) decided: u64,
    pub(crate) filled: u64,
    pub(crate) short: u64,
    pub(crate) repeated: u64,
    pub(crate) stale: u64,
    /// Prices that came again, or behind later ones.
    pub(crate) outdated: u64,
}

impl Seen {
    pub(crate) fn merge(&mut self, other: Self) {
        self.contended.extend(other.contended);
        self.decided += other.decided;
        self.filled += other.filled;
        self.short += other.short;
        self.repeated += other.repeated;
        self.stale += other.stale;
        self.outdated += other.outdated;
    }
}

#[derive(Default)]
struct Reference {
    halls: BTreeMap<(EventId, SectionName), Hall>,
    answers: BTreeMap<BookingId, (Answer, Option<Timestamp>)>,
    began: Option<Timestamp>,
    now: Option<Timestamp>,
    seen: Seen,
}

/// I8, I11, I15: the answers in the log are those of the naive finder, cause by cause.
pub(super) fn agrees(town: &Town, reading: &Reading) -> Seen {
    let mut seen = Seen::default();
    let mut given = answers(town, &reading.records);
    for (partition, commits) in reading.commits() {
        let mut reference = Reference::default();
        for commit in commits {
            reference.rivals(&commit);
            for record in commit {
                let Some(answer) = reference.handle(record) else { continue };
                let cause = record.source;
                let got = given.remove(&cause).unwrap_or_default();
                if got[..] != [&answer] {
                    town.world.violated(format!("I15 {cause:?} must be answered {answer:?} and is {got:?}"));
                }
            }
        }
        reference.has_the_rows(town, partition);
        seen.merge(reference.seen);
    }
    if let Some((cause, answers)) = given.first_key_value() {
        town.world.violated(format!("I10 {cause:?} is answered {answers:?} and was not consumed"));
    }
    seen
}

/// The answers to booking in the log, by the record that caused each.
fn answers<'a>(town: &Town, records: &'a [Logged]) -> BTreeMap<Source, Vec<Given<'a>>> {
    let mut given: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for record in records {
        let (Some(cause), at) = (record.caused_by, record.source) else { continue };
        let (answer, event) = match &record.message {
            Message::BookingUpdatedToPendingPayment(grant) => (Given::Granted(grant), grant.event_id),
            Message::BookingUpdatedToFailed(failed) => (Given::Failed(failed.failure), failed.event_id),
            _ => continue,
        };
        // An answer elsewhere reaches nobody.
        let arrives = |house: &EventOnSale| {
            let to = kernel::topic::event_partition(event);
            (house.event_id, house.lane, to) == (event, at.topic.lane, at.partition)
        };
        if town.houses.iter().any(arrives) {
            given.entry(cause).or_default().push(answer);
        }
    }
    given
}

impl Hall {
    /// The first free seats side by side in one row.
    fn run(&self, subsection: Option<u16>, length: u16) -> Option<Vec<SeatPlace>> {
        let (mut free, mut row) = (0, None);
        for (at, (place, seat)) in self.seats.iter().enumerate() {
            let same_row = row.replace((place.subsection, place.row)) == row;
            let fits = *seat == Seat::Free && subsection.is_none_or(|n| n == place.subsection);
            free = if !fits {
                0
            } else if same_row {
                free + 1
            } else {
                1
            };
            if free == usize::from(length) {
                return Some(self.seats[at + 1 - free..=at].iter().map(|(place, _)| *place).collect());
            }
        }
        None
    }

    fn at(&self, place: SeatPlace) -> Option<usize> {
        self.seats.binary_search_by_key(&place, |(place, _)| *place).ok()
    }

    fn is_free(&self, place: SeatPlace) -> bool {
        self.at(place).is_some_and(|at| self.seats[at].1 == Seat::Free)
    }

    fn put(&mut self, places: &[SeatPlace], seat: Seat) {
        for place in places {
            if let Some(at) = self.at(*place) {
                self.seats[at].1 = seat;
            }
        }
    }

    fn take(&mut self, subsection: Option<u16>, quantity: u16, hold: Hold) -> Vec<SeatPlace> {
        if let Some(run) = self.run(subsection, quantity) {
            self.put(&run, Seat::Held(hold));
            return run;
        }
        if quantity == 1 {
            return Vec::new();
        }
        let larger = quantity.div_ceil(2);
        let mut seats = self.take(subsection, larger, hold);
        seats.extend(self.take(subsection, quantity - larger, hold));
        seats
    }

    fn free(&self) -> usize {
        self.seats.iter().filter(|(_, seat)| *seat == Seat::Free).count()
    }

    fn decide(&mut self, request: &TicketReservedRequest) -> Result<Vec<SeatPlace>, Failure> {
        let hold = Hold { booking_id: request.booking_id, number: self.holds + 1 };
        let (mut seats, asked, none) = match &request.selection {
            Selection::BestAvailable { quantity, subsection } => {
                (self.take(*subsection, *quantity, hold), usize::from(*quantity), Failure::NoSeatsLeft)
            }
            Selection::Manual { seats } => {
                let asked: BTreeSet<_> = seats.iter().copied().collect();
                let had: Vec<_> = asked.iter().copied().filter(|place| self.is_free(*place)).collect();
                self.put(&had, Seat::Held(hold));
                (had, asked.len(), Failure::SeatsTaken)
            }
        };
        if seats.is_empty() {
            return Err(none);
        }
        if seats.len() < asked && request.partial == Partial::Refuse {
            self.put(&seats, Seat::Free);
            return Err(Failure::NotEnoughSeats);
        }
        self.holds += 1;
        seats.sort();
        Ok(seats)
    }
}

impl Reference {
    /// Notes which requests of one commit compete: for a section's best seats, for a seat by name,
    /// or for what is held.
    fn rivals(&mut self, commit: &[&Logged]) {
        let requests: Vec<_> = commit
            .iter()
            .filter_map(|record| match &record.message {
                Message::TicketReservedRequest(request) => Some(request),
                _ => None,
            })
            .collect();
        for request in &requests {
            let rival = requests.iter().any(|other| {
                other.booking_id != request.booking_id
                    && (other.event_id, &other.section) == (request.event_id, &request.section)
            });
            let short =
                self.halls.get(&(request.event_id, request.section.clone())).is_some_and(
                    |hall| match &request.selection {
                        Selection::BestAvailable { quantity, .. } => hall.free() < usize::from(*quantity) + 1,
                        Selection::Manual { seats } => !seats.iter().all(|seat| hall.is_free(*seat)),
                    },
                );
            if rival || short {
                self.seen.contended.insert(request.booking_id);
            }
        }
    }

    fn handle(&mut self, record: &Logged) -> Option<Answer> {
        let now = self.now.map_or(record.at, |now| now.max(record.at));
        self.now = Some(now);
        let began = *self.began.get_or_insert(now);
        let answer = match &record.message {
            Message::SectionOpened(opened) => {
                let places = opened.section.subsections.iter().flat_map(|block| {
                    (1..=block.rows).flat_map(move |row| {
                        let place = move |seat| SeatPlace { subsection: block.number, row, seat };
                        (1..=block.seats_per_row).map(place)
                    })
                });
                let mut seats: Vec<_> = places.map(|place| (place, Seat::Free)).collect();
                seats.sort_by_key(|(place, _)| *place);
                let price = (opened.section.price, opened.section.price_version);
                let hall = Hall { price, holds: 0, seats };
                self.halls.entry((opened.event_id, opened.section.name.clone())).or_insert(hall);
                None
            }
            Message::SectionPriceChanged(changed) => {
                if let Some(hall) = self.halls.get_mut(&(changed.event_id, changed.section.clone())) {
                    // Sellers change prices here after the opening, so each change has a version.
                    let newer = hall.price.1 < changed.price_version;
                    if newer {
                        hall.price = (changed.price, changed.price_version);
                    }
                    self.seen.outdated += u64::from(!newer);
                }
                None
            }
            Message::TicketReservedRequest(request) => Some(self.reserve(request, now)),
            Message::ReleaseSeat(named) => self.end(named, Seat::Free, now),
            Message::FinalizeSeat(named) => self.end(named, Seat::Sold(named.hold), now),
            _ => None,
        };
        if began + limits::OUTCOME_RETENTION < now {
            self.forget(now);
        }
        answer
    }

    fn reserve(&mut self, request: &TicketReservedRequest, now: Timestamp) -> Answer {
        if let Some((first, _)) = self.answers.get(&request.booking_id) {
            self.seen.repeated += 1;
            return first.clone();
        }
        self.seen.decided += 1;
        let Some(hall) = self.halls.get_mut(&(request.event_id, request.section.clone())) else {
            return Answer::Failed(Failure::SectionNotOpen);
        };
        let answer = match hall.decide(request) {
            Ok(seats) => {
                self.seen.short += u64::from(seats.len() < usize::from(request.selection.requested()));
                self.seen.filled += u64::from(hall.free() == 0);
                Answer::Granted(Grant {
                    hold: Hold { booking_id: request.booking_id, number: hall.holds },
                    buyer_id: request.buyer_id,
                    event_id: request.event_id,
                    section: request.section.clone(),
                    seats,
                    unit_price: hall.price.0,
                })
            }
            Err(failure) => Answer::Failed(failure),
        };
        let over = matches!(answer, Answer::Failed(_)).then_some(now);
        self.answers.insert(request.booking_id, (answer.clone(), over));
        answer
    }

    fn end(&mut self, named: &HoldOfSection, becomes: Seat, now: Timestamp) -> Option<Answer> {
        let hall = self.halls.get_mut(&(named.event_id, named.section.clone()));
        let held = hall.into_iter().flat_map(|hall| hall.seats.iter_mut());
        let mut ended = false;
        for (_, seat) in held.filter(|(_, seat)| *seat == Seat::Held(named.hold)) {
            *seat = becomes;
            ended = true;
        }
        if ended && let Some((_, over)) = self.answers.get_mut(&named.hold.booking_id) {
            *over = Some(now);
        }
        self.seen.stale += u64::from(!ended);
        None
    }

    /// I3: who holds what in the store of the engine is what follows from the records, seat by
    /// seat.
    fn has_the_rows(&self, town: &Town, partition: u16) {
        let mut stored = BTreeMap::new();
        for (key, value) in town.log.rows(partition) {
            // A row that cannot be read is found elsewhere.
            let Ok(SeatRow::Seats(row)) = decode_row(&key, &value) else { continue };
            for holder in row.holders {
                let seat = if holder.sold { Seat::Sold(holder.hold) } else { Seat::Held(holder.hold) };
                for n in holder.seats {
                    let place = SeatPlace { subsection: row.subsection, row: row.row, seat: n };
                    stored.insert((row.event_id, row.section.clone(), place), seat);
                }
            }
        }
        for ((event, section), hall) in &self.halls {
            for (place, seat) in &hall.seats {
                let is = stored.remove(&(*event, section.clone(), *place)).unwrap_or(Seat::Free);
                if is != *seat {
                    let what = format!("I3 {event} {section} {place:?} must be {seat:?} and is {is:?}");
                    town.world.violated(what);
                }
            }
        }
        if let Some((seat, _)) = stored.first_key_value() {
            town.world.violated(format!("I3 {seat:?} is in no section"));
        }
    }

    /// A record forgets up to four answers that are long over, the oldest first.
    fn forget(&mut self, now: Timestamp) {
        for _ in 0..4 {
            let over = self.answers.iter().filter_map(|(id, (_, over))| Some(((*over)?, *id))).min();
            match over {
                Some((at, id)) if at + limits::OUTCOME_RETENTION < now => self.answers.remove(&id),
                _ => break,
            };
        }
    }
}
