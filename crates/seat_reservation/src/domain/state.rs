//! The state of one partition's engine: its open sections, the outcomes of requests, the time of
//! its log.

use std::collections::BTreeMap;

use kernel::{EventId, SectionName, Timestamp, message::Grant};

use super::{holders::Slot, outcomes::Outcomes, section::Section};

#[derive(Debug, Default)]
pub struct State {
    pub sections: Sections,
    pub outcomes: Outcomes,
    /// None before the first record.
    pub log_time: Option<LogTime>,
}

/// The latest time of any record of the partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogTime {
    pub partition: u16,
    pub at: Timestamp,
}

impl State {
    /// Advances the log's time to that of a record; it never goes back. Returns whether it
    /// advanced.
    pub fn advance(&mut self, partition: u16, at: Timestamp) -> (Timestamp, bool) {
        let before = self.log_time.map(|time| time.at);
        assert!(
            self.log_time.is_none_or(|time| time.partition == partition),
            "SEAT-8: one engine decides the records of one partition"
        );
        let at = before.map_or(at, |before| kernel::sabotaged!("seats.time-goes-back", before.max(at), at));
        self.log_time = Some(LogTime { partition, at });
        (at, before != Some(at))
    }
}

/// The open sections by event and name.
#[derive(Debug, Default)]
pub struct Sections(BTreeMap<EventId, BTreeMap<SectionName, Section>>);

impl Sections {
    pub fn get(&self, event: EventId, name: &SectionName) -> Option<&Section> {
        self.0.get(&event)?.get(name)
    }

    pub fn get_mut(&mut self, event: EventId, name: &SectionName) -> Option<&mut Section> {
        self.0.get_mut(&event)?.get_mut(name)
    }

    /// The section of a living hold, and its holder there.
    pub fn hold_of(&mut self, grant: &Grant) -> (&mut Section, Slot) {
        let section = self.get_mut(grant.event_id, &grant.section);
        let section = section.unwrap_or_else(|| unreachable!("SEAT-4: a living hold has its section"));
        let slot = grant.seats.first().and_then(|&seat| section.holder_of(seat));
        let slot = slot.unwrap_or_else(|| unreachable!("SEAT-4: a living hold holds its seats"));
        let hold = section.holders().get(slot).map(|holder| holder.hold);
        assert!(hold == Some(grant.hold), "SEAT-4: a living hold holds its seats");
        (section, slot)
    }

    pub fn insert(&mut self, section: Section) {
        self.0.entry(section.event_id).or_default().insert(section.outline.name.clone(), section);
    }

    pub fn iter(&self) -> impl Iterator<Item = &Section> {
        self.0.values().flat_map(BTreeMap::values)
    }
}
