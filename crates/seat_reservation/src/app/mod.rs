//! The handlers of messages, one file each. `check` validates a message and changes nothing;
//! `apply` carries it out.

pub(crate) mod change_price;
pub(crate) mod finalize;
pub(crate) mod open_section;
pub(crate) mod release;
pub(crate) mod reserve;

use bytes::Bytes;
use kernel::{
    EventId, SeatPlace, Timestamp,
    message::{Envelope, Message, Source},
    topic::{Action, Lane},
};
use stream::{Outgoing, exactly_once::Effects};

use crate::{
    Counters,
    domain::{invariants, section::Section},
    row, stored,
};

/// The context of one record: its time, its cause, and the effects that it collects.
pub(crate) struct Step<'a> {
    /// The log's time.
    pub(crate) now: Timestamp,
    pub(crate) source: Source,
    pub(crate) effects: &'a mut Effects,
    pub(crate) counters: &'a mut Counters,
}

impl Step<'_> {
    pub(crate) fn put(&mut self, (key, value): (Bytes, Bytes)) {
        self.effects.put(key, value);
    }

    /// Stores the rows of these seats (ascending) as they are now.
    pub(crate) fn put_seats(&mut self, section: &Section, seats: &[SeatPlace]) {
        if let Err(violation) = invariants::conserved(section) {
            panic!("{violation}");
        }
        let same_row = |a: &SeatPlace, b: &SeatPlace| (a.subsection, a.row) == (b.subsection, b.row);
        for row in seats.chunk_by(same_row).skip(usize::from(kernel::planted("seats.first-row-not-stored"))) {
            let at = section.row_at(row[0]).unwrap_or_else(|| unreachable!("the seats are in the plan"));
            self.put(stored::seats(section, at));
        }
    }

    pub(crate) fn tell_section(&mut self, section: &Section, action: Action, message: Message) {
        let (event, outline) = (section.event_id, &section.outline);
        let envelope = self.envelope(message);
        let outgoing =
            Outgoing::to_section(section.lane, action, event, &outline.name, outline.partition, &envelope);
        self.effects.send(outgoing);
    }

    pub(crate) fn tell_event(&mut self, lane: Lane, action: Action, event: EventId, message: Message) {
        let envelope = self.envelope(message);
        self.effects.send(Outgoing::to_event(lane, action, event, &envelope));
    }

    pub(crate) fn forget(&mut self, booking: kernel::BookingId) {
        self.counters.outcomes_forgotten += 1;
        self.effects.remove(row::outcome_key(booking));
    }

    fn envelope(&self, message: Message) -> Envelope {
        Envelope { at: self.now, source: Some(self.source), message }
    }
}
