//! Counters while the rush runs: for the progress bar, and the errors by kind.
//!
//! Holds no latencies; those are in the records of the bookings.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, PoisonError};

use super::mix::MixTally;

/// Something that no buyer should have met, by kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    /// Short and stable, such as `book-500-internal`.
    pub(super) kind: String,
    /// What exactly, for the one example that is shown.
    pub(super) example: String,
}

impl Trouble {
    /// A trouble with an example.
    pub(super) fn new(kind: impl Into<String>, example: impl Into<String>) -> Self {
        Self { kind: kind.into(), example: example.into() }
    }
}

/// How often a trouble was met, with the first example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Met {
    pub(super) times: u64,
    pub(super) example: String,
}

/// The counters that all lines of all buyers share.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Bookings that buyers set out to make.
    pub(super) offered: AtomicU64,
    /// Bookings answered with 200.
    pub(super) accepted: AtomicU64,
    /// Seats that were granted.
    pub(super) granted_seats: AtomicU64,
    /// Seats in bookings that were paid.
    pub(super) sold_seats: AtomicU64,
    /// Payments that came after the hold had ended.
    pub(super) late_payments: AtomicU64,
    /// Times a live stream ended before the rush did.
    pub(super) dropped_streams: AtomicU64,
    /// What only the real mix has.
    pub(super) mix: MixTally,
    errors: Mutex<BTreeMap<String, Met>>,
    retried: Mutex<BTreeMap<String, u64>>,
}

impl Tally {
    /// Adds to a counter.
    pub(super) fn add(counter: &AtomicU64, more: usize) {
        counter.fetch_add(more as u64, Relaxed);
    }

    /// Counts a trouble.
    pub(super) fn error(&self, trouble: Trouble) {
        let mut errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        errors.entry(trouble.kind).or_insert(Met { times: 0, example: trouble.example }).times += 1;
    }

    /// Counts a request that was sent again, as the protocol allows.
    pub(super) fn retry(&self, kind: &str) {
        let mut retried = self.retried.lock().unwrap_or_else(PoisonError::into_inner);
        *retried.entry(kind.to_owned()).or_default() += 1;
    }

    /// The troubles so far.
    pub(super) fn errors(&self) -> BTreeMap<String, Met> {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The repeated requests so far, by reason.
    pub(super) fn retried(&self) -> BTreeMap<String, u64> {
        self.retried.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
