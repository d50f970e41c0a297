//! What the auditor found: a count for every invariant that was checked, and each violation in
//! words.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::invariants::{self, Promise};

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
    #[serde(serialize_with = "in_order")]
    pub(super) invariants: BTreeMap<&'static str, Invariant>,
}

#[derive(Debug, Serialize)]
pub(super) struct Invariant {
    #[serde(skip)]
    place: usize,
    #[serde(skip)]
    words: &'static str,
    /// What was counted in `checked`.
    looked_at: &'static str,
    checked: usize,
    violated: usize,
    examples: Vec<String>,
}

impl Invariant {
    fn of(name: &'static str) -> Self {
        let (place, Promise { words, looked_at, .. }) = invariants::of(name);
        Self { place, words, looked_at, checked: 0, violated: 0, examples: Vec::new() }
    }

    fn line(&self, name: &str) -> String {
        let mark = if self.violated == 0 { "ok  " } else { "FAIL" };
        let number = invariants::number(name).unwrap_or("-");
        let Self { words, looked_at, .. } = self;
        let violated = match self.violated {
            0 => String::new(),
            violated => format!(", {} VIOLATED", grouped(violated)),
        };
        format!("{mark} {number:<3} {words}: {} {looked_at}{violated}", grouped(self.checked))
    }
}

/// By the numbers of the names: I2 before I10.
fn ordered<'a>(invariants: &'a BTreeMap<&'static str, Invariant>) -> Vec<(&'static str, &'a Invariant)> {
    let mut all: Vec<_> = invariants.iter().map(|(name, invariant)| (*name, invariant)).collect();
    all.sort_by_key(|(_, invariant)| invariant.place);
    all
}

fn in_order<S: Serializer>(
    invariants: &BTreeMap<&'static str, Invariant>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(ordered(invariants))
}

/// With a comma between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Report {
    /// Counts one check of `invariant`, and records the violation if it does not hold.
    pub fn check(&mut self, invariant: &'static str, holds: bool, wrong: impl FnOnce() -> String) {
        let entry = self.invariants.entry(invariant).or_insert_with(|| Invariant::of(invariant));
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
            grouped(self.records),
            grouped(self.bookings),
            grouped(self.seats_sold),
            grouped(self.seats_reserved)
        )];
        for (name, invariant) in ordered(&self.invariants) {
            lines.push(invariant.line(name));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_holds_and_what_was_looked_at() {
        let mut report = Report::default();
        for n in 0..1_234 {
            report.check("I11 holds are numbered in order", n > 0, || "7 after 5".to_owned());
        }
        report.check("I2 seats conserved", true, String::new);
        report.check("a check without words", true, String::new);
        let lines = report.lines();
        let holder = "is of the plan and has one holder";
        assert_eq!(lines[1], format!("ok   I2  each seat held or sold {holder}: 1 seats held or sold"));
        assert_eq!(
            lines[2],
            "FAIL I11 the holds of a section are numbered 1, 2, 3 …: 1,234 holds, 1 VIOLATED"
        );
        assert_eq!(lines[3], "       7 after 5");
        assert_eq!(lines[4], "ok   -   a check without words: 1 checks");
    }

    #[test]
    fn thousands_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
