//! What the runs have met: a count for each thing that must come up, and for each step at which a
//! process died, froze or got a fault.
//!
//! Promises: a thing that comes up less often than its least count fails a run of the full size.

use serde::{Deserialize, Serialize};

use std::{collections::BTreeMap, fmt::Write as _};

/// What must come up, and how often in 100,000 bookings at least.
pub const LEAST: &[(&str, u64)] = &[
    ("answers that were lost", 5_000),
    ("batches of several decisions", 1_000),
    ("batches that were repeated", 100),
    ("batches that were split", 20),
    ("bookings found again by their key", 1_000),
    ("bookings pressed twice", 5_000),
    ("bookings that expired", 5_000),
    ("bookings that the watchdog cancelled", 20),
    ("bookings whose money went back", 500),
    ("cancels that meet a payment", 1_000),
    ("clock jumps", 50),
    ("commits of an owner that was replaced", 15),
    ("commits that nobody answered", 150),
    ("grants of fewer seats than asked for", 500),
    ("holds that nobody wanted any more", 20),
    ("keys used again a day later", 100),
    ("last seats of a section", 300),
    ("looks between two steps", 100),
    ("messages that came again", 200),
    ("payments at the deadline", 500),
    ("prices changed", 500),
    ("prices that came again or behind later ones", 12),
    ("processes replaced while they stood still", 30),
    ("readers that were replaced and refused", 50),
    ("rebalances", 200),
    ("releases and finalizes of a hold that is over", 300),
    ("requests that were repeated", 200),
    ("runs whose viewers were compared", 20),
    ("sessions that a process knew", 300),
    ("sessions that ended overnight", 5),
    ("sign-ins that were refused", 50),
    ("sign-outs that another process knew", 150),
    ("sweeps with bookings that are not due", 100),
    ("takeovers that ended a commit on its way", 5),
    ("takeovers that found a commit on its way stored", 15),
    ("writes that died with their process", 10),
    ("writes that outlived their process", 20),
];

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Coverage {
    pub(crate) counts: BTreeMap<String, u64>,
}

impl Coverage {
    pub(crate) fn add(&mut self, what: &str, count: u64) {
        if let Some(known) = self.counts.get_mut(what) {
            *known += count;
        } else {
            self.counts.insert(what.to_owned(), count);
        }
    }

    pub(crate) fn add_step(&mut self, kind: &str, step: &str) {
        self.add(&format!("{kind} at {step}"), 1);
    }

    pub fn merge(&mut self, other: &Self) {
        for (what, count) in &other.counts {
            self.add(what, *count);
        }
    }

    pub fn get(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or(0)
    }

    /// What of [`LEAST`] came up too rarely in a run of so many bookings.
    pub fn missing(&self, bookings: u64) -> Vec<String> {
        let too_few = LEAST.iter().filter(|(what, least)| self.get(what) * 100_000 < least * bookings);
        too_few
            .map(|(what, least)| format!("{what}: {} of {}", self.get(what), least * bookings / 100_000))
            .collect()
    }

    /// One line for each.
    pub fn lines(&self) -> String {
        self.counts.iter().fold(String::new(), |mut text, (what, count)| {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "  {count:>12} {what}");
            text
        })
    }
}
