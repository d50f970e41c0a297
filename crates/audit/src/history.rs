//! The log read from the outside: for each booking its request, its answers and what followed; for
//! each seat the holds on it, in order.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::{
    BookingId, EventId, Money, SeatNo, SectionName, Timestamp, limits,
    message::{Failure, Grant, Hold, Message, SectionOpened, Selection, Source, TicketReservedRequest},
    topic::Topic,
};

use super::evidence::{HoldStatus, Logged};

/// An event's section.
pub(super) type SectionId = (EventId, SectionName);

/// What one request record led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer<'a> {
    Granted(&'a Grant),
    Failed(Failure),
}

/// The answers of the seat engine in the order in which it gave them, and everything else that the
/// checks need.
#[derive(Debug, Default)]
pub(super) struct History<'a> {
    /// Every request record.
    pub(super) requests: BTreeMap<Source, &'a TicketReservedRequest>,
    /// The answers to booking, by the request that caused each. More than one per request is a
    /// violation.
    pub(super) answers: HashMap<Source, Vec<Answer<'a>>>,
    /// The answers to event_ticketing, likewise.
    pub(super) reservations: HashMap<Source, Vec<&'a Grant>>,
    /// Each hold as it was first granted.
    pub(super) granted: BTreeMap<Hold, &'a Grant>,
    /// The log's time at that.
    pub(super) granted_at: HashMap<Hold, Timestamp>,
    /// Per section the reservations in log order, with the requests that caused them.
    pub(super) grants: BTreeMap<SectionId, Vec<(Option<Source>, &'a Grant)>>,
    pub(super) opened: BTreeMap<SectionId, &'a SectionOpened>,
    /// Per section the price that is in force from each record of the request topic on, and its
    /// version.
    pub(super) prices: HashMap<SectionId, Vec<(Source, Money, u32)>>,
    /// When each hold was paid.
    pub(super) paid: HashMap<Hold, Timestamp>,
    /// Holds whose seats booking gave back.
    pub(super) given_back: HashSet<Hold>,
    pub(super) released: HashSet<Hold>,
    pub(super) finalized: HashSet<Hold>,
    /// The log's time at the answer to each request.
    pub(super) answered_at: HashMap<Source, Timestamp>,
    /// When each hold was first asked to end: its seats are released or sold then, or later.
    pub(super) ended_at: HashMap<Hold, Timestamp>,
}

impl<'a> History<'a> {
    pub(super) fn read(records: &'a [Logged]) -> Self {
        let mut history = Self::default();
        for record in records {
            history.add(record);
        }
        history
    }

    fn add(&mut self, record: &'a Logged) {
        match &record.message {
            Message::TicketReservedRequest(request) => {
                self.requests.insert(record.source, request);
            }
            Message::SectionOpened(opened) => {
                let section = (opened.event_id, opened.section.name.clone());
                // A section that is opened again keeps its plan and its price.
                if !self.opened.contains_key(&section) {
                    let (price, version) = (opened.section.price, opened.section.price_version);
                    self.prices.insert(section.clone(), vec![(record.source, price, version)]);
                    self.opened.insert(section, opened);
                }
            }
            Message::SectionPriceChanged(changed) => {
                let section = (changed.event_id, changed.section.clone());
                // What comes behind a later price changes nothing, nor does the price of a section
                // that is not open. Without versions each change is later than the one before.
                let version = changed.price_version;
                if let Some(prices) = self.prices.get_mut(&section)
                    && prices.last().is_some_and(|(.., last)| version > *last || (version, *last) == (0, 0))
                {
                    prices.push((record.source, changed.price, version));
                }
            }
            Message::SeatUpdatedToReserved(grant) => {
                let section = (grant.event_id, grant.section.clone());
                self.grants.entry(section).or_default().push((record.caused_by, grant));
                self.granted.entry(grant.hold).or_insert(grant);
                self.granted_at.entry(grant.hold).or_insert(record.at);
                if let Some(cause) = record.caused_by {
                    self.reservations.entry(cause).or_default().push(grant);
                }
            }
            Message::BookingUpdatedToPendingPayment(grant) => self.answer(record, Answer::Granted(grant)),
            Message::BookingUpdatedToFailed(failed) => self.answer(record, Answer::Failed(failed.failure)),
            Message::BookingPaidSuccess(grant) => {
                self.paid.entry(grant.hold).or_insert(record.at);
            }
            Message::BookingExpiredReleaseTickets(grant) => {
                self.given_back.insert(grant.hold);
            }
            Message::ReleaseSeat(hold) => {
                self.released.insert(hold.hold);
                self.end(hold.hold, record.at);
            }
            Message::FinalizeSeat(hold) => {
                self.finalized.insert(hold.hold);
                self.end(hold.hold, record.at);
            }
            Message::EventOnSale(_) => {}
        }
    }

    fn answer(&mut self, record: &Logged, answer: Answer<'a>) {
        if let Some(cause) = record.caused_by {
            self.answers.entry(cause).or_default().push(answer);
            self.answered_at.insert(cause, record.at);
        }
    }

    fn end(&mut self, hold: Hold, at: Timestamp) {
        self.ended_at.entry(hold).and_modify(|first| *first = at.min(*first)).or_insert(at);
    }

    /// How far booking let a hold come.
    pub(super) fn end_of(&self, hold: &Hold) -> HoldStatus {
        if self.paid.contains_key(hold) {
            HoldStatus::Sold
        } else if self.given_back.contains(hold) {
            HoldStatus::Released
        } else {
            HoldStatus::Reserved
        }
    }

    /// Whether the answer to this request has been final for so long, at this time of the log, that
    /// the seat engine may have forgotten it.
    pub(super) fn may_be_forgotten(
        &self,
        request: Source,
        answer: &Answer,
        log_time: Option<&Timestamp>,
    ) -> bool {
        let final_since = match answer {
            Answer::Failed(_) => self.answered_at.get(&request),
            Answer::Granted(grant) => self.ended_at.get(&grant.hold),
        };
        final_since.zip(log_time).is_some_and(|(since, now)| now.since(*since) >= limits::OUTCOME_RETENTION)
    }

    /// The price in force for a request at this place of the log.
    pub(super) fn price_at(&self, section: &SectionId, request: Source) -> Option<Money> {
        let same_log = |at: &Source| same_partition(at.topic, at.partition, request);
        let prices = self.prices.get(section)?;
        let mut before = prices.iter().filter(|(at, ..)| same_log(at) && at.offset < request.offset);
        before.next_back().map(|(_, price, _)| *price)
    }

    /// The price in force at the end of the log, and its version.
    pub(super) fn last_price(&self, section: &SectionId) -> Option<(Money, u32)> {
        self.prices.get(section)?.last().map(|(_, price, version)| (*price, *version))
    }

    /// The number of a section's latest hold; 0 while it has none.
    pub(super) fn last_number(&self, section: &SectionId) -> u64 {
        let grants = self.grants.get(section).into_iter().flatten();
        grants.map(|(_, grant)| grant.hold.number).max().unwrap_or(0)
    }

    /// Each hold that was granted, once, in the order of its section.
    pub(super) fn holds(&self) -> impl Iterator<Item = &'a Grant> + '_ {
        self.grants.values().flat_map(|grants| {
            let mut seen = HashSet::new();
            grants.iter().filter_map(move |(_, grant)| seen.insert(grant.hold).then_some(*grant))
        })
    }

    /// Who must hold each seat once everything has been read: the last hold on it, unless that was
    /// released unpaid.
    pub(super) fn holders(&self) -> BTreeMap<(EventId, SeatNo), (Hold, bool)> {
        let mut holders = BTreeMap::new();
        for grant in self.holds() {
            for seat in grant.seat_nos() {
                holders.insert((grant.event_id, seat), (grant.hold, self.finalized.contains(&grant.hold)));
            }
        }
        holders.retain(|_, (hold, sold)| *sold || !self.released.contains(hold));
        holders
    }

    /// The bookings that some request names.
    pub(super) fn requested_bookings(&self) -> HashSet<BookingId> {
        self.requests.values().map(|request| request.booking_id).collect()
    }
}

fn same_partition(topic: Topic, partition: u16, other: Source) -> bool {
    topic == other.topic && partition == other.partition
}

/// How many seats a request asks for, and whether a seat may be one of them.
pub(super) fn asks_for(request: &TicketReservedRequest, seat: &SeatNo) -> bool {
    match &request.selection {
        Selection::BestAvailable { subsection, .. } => {
            seat.section == request.section && subsection.is_none_or(|number| number == seat.place.subsection)
        }
        Selection::Manual { seats } => seat.section == request.section && seats.contains(&seat.place),
    }
}
