//! What the runs have met: a count for each thing that must come up, and for each step at which a process died, froze or got a fault.
//!
//! Promises: a thing that comes up less often than its least count fails a run of the full size.

use serde::{Deserialize, Serialize};

use std::{collections::BTreeMap, fmt::Write as _};

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

    /// One line for each.
    pub fn lines(&self) -> String {
        self.counts.iter().fold(String::new(), |mut text, (what, count)| {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "  {count:>12} {what}");
            text
        })
    }
}
