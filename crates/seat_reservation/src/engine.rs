//! From a record to its effects: validate it, advance the log's time, carry it out, remove old
//! outcomes.

use kernel::{
    Fault,
    message::{Envelope, Message},
};
use stream::{
    Record, Row,
    exactly_once::{Effects, Handler},
};

use crate::{
    app::{Step, change_price, finalize, open_section, release, reserve},
    domain::{
        invariants::{self, BrokenPromise},
        state::{LogTime, State},
    },
    stored,
};

/// The seats of one partition. See [`crate`] for what it promises.
#[derive(Debug, Default)]
pub struct SeatEngine {
    state: State,
    counters: Counters,
}

/// What the engine has done since it started, for metrics. Not part of its state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    pub requests_granted: u64,
    pub requests_failed: u64,
    /// Requests for a booking that has its answer already.
    pub requests_repeated: u64,
    pub seats_granted: u64,
    pub holds_released: u64,
    pub holds_sold: u64,
    /// Releases of a hold that is not (or no longer) reserved: late, repeated or foreign.
    pub releases_ignored: u64,
    /// Finalizes of a hold that is not (or no longer) reserved: late, repeated or foreign.
    pub finalizes_ignored: u64,
    pub sections_opened: u64,
    /// Openings of a section that is open.
    pub openings_ignored: u64,
    pub prices_changed: u64,
    /// Price changes of a section that is not open.
    pub price_changes_ignored: u64,
    /// Price changes that came again, or behind a later one.
    pub prices_outdated: u64,
    pub outcomes_forgotten: u64,
}

impl SeatEngine {
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Every stored row of the state, by key: the contents of a store that applied all effects so
    /// far.
    pub fn rows(&self) -> Vec<Row> {
        stored::rows(&self.state)
    }

    /// Checks every named invariant that the state alone can show. Looks at every seat: for tests
    /// and audits.
    ///
    /// # Errors
    /// With the first one found broken.
    pub fn check(&self) -> Result<(), BrokenPromise> {
        invariants::all(&self.state)
    }

    /// Whether the message is one that can be carried out.
    fn check_message(&self, message: &Message, partition: u16) -> Result<(), String> {
        match message {
            Message::TicketReservedRequest(request) => reserve::check(request),
            Message::SectionOpened(opened) => open_section::check(opened, partition),
            Message::SectionPriceChanged(changed) => change_price::check(&self.state, changed),
            Message::ReleaseSeat(_) | Message::FinalizeSeat(_) => Ok(()),
            _ => Err("the message is not for the seat engine".to_owned()),
        }
    }
}

impl Handler for SeatEngine {
    fn restore(rows: Vec<Row>) -> Result<Self, Fault> {
        Ok(Self { state: stored::restore(&rows)?, counters: Counters::default() })
    }

    fn handle(&mut self, record: &Record, effects: &mut Effects) -> Result<(), String> {
        let envelope = Envelope::decode(record.payload.clone()).map_err(|error| error.to_string())?;
        let partition = record.source.partition;
        self.check_message(&envelope.message, partition)?;

        let Self { state, counters } = self;
        let (now, moved_on) = state.advance(partition, envelope.at);
        let mut step = Step { now, source: record.source, effects, counters };
        if moved_on {
            step.put(stored::log_time(LogTime { partition, at: now }));
        }
        match envelope.message {
            Message::TicketReservedRequest(request) => reserve::apply(state, &request, &mut step),
            Message::ReleaseSeat(named) => release::apply(state, &named, &mut step),
            Message::FinalizeSeat(named) => finalize::apply(state, &named, &mut step),
            Message::SectionOpened(opened) => open_section::apply(state, opened, &mut step),
            Message::SectionPriceChanged(changed) => change_price::apply(state, &changed, &mut step),
            _ => unreachable!("other messages were refused above"),
        }
        state.outcomes.forget(now).for_each(|booking| step.forget(booking));
        Ok(())
    }
}
