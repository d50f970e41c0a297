//! What the auditor found: a count for every invariant that was checked, and each violation in
//! words.

use std::collections::BTreeMap;

use serde::Serialize;

/// Violations of one invariant that are written out; the rest are counted.
const EXAMPLES: usize = 20;

/// The result of an audit.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Nothing is in flight: all records read, all messages sent, no refund and no sweep due. Only
    /// then must the stores agree.
    pub settled: bool,
    /// What is on its way, in words.
    pub on_their_way: Vec<String>,
    /// What could not be checked, in words.
    pub unchecked: Vec<&'static str>,
    pub records: usize,
    pub bookings: usize,
    pub seats_sold: usize,
    pub seats_reserved: usize,
    pub(super) invariants: BTreeMap<&'static str, Invariant>,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Invariant {
    checked: usize,
    violated: usize,
    examples: Vec<String>,
}

impl Report {
    /// Counts one check of `invariant`, and records the violation if it does not hold.
    pub fn check(&mut self, invariant: &'static str, holds: bool, wrong: impl FnOnce() -> String) {
        let entry = self.invariants.entry(invariant).or_default();
        entry.checked += 1;
        if !holds {
            entry.violated += 1;
            if entry.examples.len() < EXAMPLES {
                entry.examples.push(wrong());
            }
        }
    }

    /// How often each invariant was checked.
    pub fn checked(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.invariants.iter().map(|(name, invariant)| (*name, invariant.checked))
    }

    /// Notes that so much is on its way; nothing when it is 0.
    pub fn waits_for(&mut self, count: u64, what: &str) {
        if count > 0 {
            self.on_their_way.push(format!("{count} {what}"));
        }
    }

    /// Every invariant was checked and holds, and nothing is in flight.
    pub fn clean(&self) -> bool {
        self.exit_code() == 0
    }

    /// The exit code of `ticketing audit`: 0 when it is clean, 6 when what was checked holds but
    /// not all could be checked, else 1.
    pub fn exit_code(&self) -> u8 {
        match (self.settled, self.violations()) {
            (true, 0) if self.unchecked.is_empty() => 0,
            (true, 0) => 6,
            _ => 1,
        }
    }

    /// The names of the invariants that do not hold.
    #[cfg(test)]
    pub(super) fn violated(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.invariants.iter().filter(|(_, invariant)| invariant.violated > 0).map(|(name, _)| *name)
    }

    pub fn violations(&self) -> usize {
        self.invariants.values().map(|invariant| invariant.violated).sum()
    }

    /// For people: a line per invariant, then the violations.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{} records, {} bookings, {} seats sold, {} reserved",
            self.records, self.bookings, self.seats_sold, self.seats_reserved
        )];
        for (name, invariant) in &self.invariants {
            let mark = if invariant.violated == 0 { "ok  " } else { "FAIL" };
            let Invariant { checked, violated, .. } = invariant;
            lines.push(format!("{mark} {name}: {checked} checked, {violated} violated"));
            lines.extend(invariant.examples.iter().map(|example| format!("       {example}")));
        }
        lines.extend(self.unchecked.iter().map(|what| format!("skip {what}")));
        lines.extend(self.on_their_way.iter().map(|what| format!("wait {what}")));
        lines.push(match (self.exit_code(), self.violations()) {
            (0, _) => "clean: every invariant holds".to_owned(),
            (6, _) => {
                "incomplete: every invariant that was checked holds; see the lines that begin with skip"
                    .to_owned()
            }
            (_, 0) => "not settled: start the server, let it come to rest, and audit again".to_owned(),
            (_, violations) => format!("{violations} violations"),
        });
        lines
    }
}
