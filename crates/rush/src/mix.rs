//! What the buyers of `--mix real` do with their bookings, and how often each of it happened.
//!
//! Pure: a habit follows from the seed.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::Serialize;

use super::rng::Rng;

/// Which crowd comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Mix {
    /// Buyers book, and pay or walk away.
    Plain,
    /// As people do: also decline, cancel, pay late, press twice, repeat keys; a seller changes
    /// prices, viewers watch.
    Real,
}

/// What a buyer does with a booking that was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    Pay,
    /// Is declined, then pays.
    PayAfterDecline,
    /// Pays twice at once, under two keys, then tries to give the seats back.
    PressTwice,
    /// Sends the payment again under its key, then another payment under that key.
    RepeatPayment,
    /// The provider charges after the payment deadline; meanwhile a second payment.
    PayLate,
    /// The provider's answer is lost.
    PayUnknown,
    /// The provider reports the payment twice.
    PayReportedTwice,
    /// Gives the seats back, and once more.
    Cancel,
    /// Pays once the time to pay has passed.
    PayTooLate,
    WalkAway,
}

/// Each habit with its share of 100.
const SHARES: [(Habit, u8); 10] = [
    (Habit::Pay, 44),
    (Habit::PayAfterDecline, 8),
    (Habit::PressTwice, 8),
    (Habit::RepeatPayment, 8),
    (Habit::PayLate, 6),
    (Habit::PayUnknown, 5),
    (Habit::PayReportedTwice, 5),
    (Habit::Cancel, 10),
    (Habit::PayTooLate, 3),
    (Habit::WalkAway, 3),
];

impl Habit {
    pub(super) fn next(rng: &mut Rng) -> Self {
        let mut drawn = rng.below(100);
        for (habit, share) in SHARES {
            match drawn.checked_sub(share.into()) {
                Some(rest) => drawn = rest,
                None => return habit,
            }
        }
        Self::WalkAway
    }
}

/// Counters of what only the real mix has.
#[derive(Debug, Default)]
pub(super) struct MixTally {
    /// Payments that were declined, as was asked for.
    pub(super) declined: AtomicU64,
    /// Bookings that their buyers gave back.
    pub(super) given_back: AtomicU64,
    /// Requests that were sent again under their key and had the same answer.
    pub(super) repeated: AtomicU64,
    /// Other requests under a used key that were refused.
    pub(super) keys_refused: AtomicU64,
    /// Payments that were pressed twice at once and counted once.
    pub(super) pressed_twice: AtomicU64,
    /// Payments that are charged after the deadline.
    pub(super) paid_late: AtomicU64,
    /// Payments after the deadline, and attempts of strangers, that were refused.
    pub(super) refused: AtomicU64,
    /// Late money that was seen to go back.
    pub(super) refunded: AtomicU64,
    /// Prices that the seller set.
    pub(super) price_changes: AtomicU64,
    /// Changes of seats that viewers saw and checked.
    pub(super) changes_seen: AtomicU64,
}

/// The counters for the report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct MixReport {
    pub(super) declined: u64,
    pub(super) given_back: u64,
    pub(super) repeated: u64,
    pub(super) keys_refused: u64,
    pub(super) pressed_twice: u64,
    pub(super) paid_late: u64,
    pub(super) refused: u64,
    pub(super) refunded: u64,
    pub(super) price_changes: u64,
    pub(super) changes_seen: u64,
}

impl MixTally {
    pub(super) fn report(&self) -> MixReport {
        MixReport {
            declined: self.declined.load(Relaxed),
            given_back: self.given_back.load(Relaxed),
            repeated: self.repeated.load(Relaxed),
            keys_refused: self.keys_refused.load(Relaxed),
            pressed_twice: self.pressed_twice.load(Relaxed),
            paid_late: self.paid_late.load(Relaxed),
            refused: self.refused.load(Relaxed),
            refunded: self.refunded.load(Relaxed),
            price_changes: self.price_changes.load(Relaxed),
            changes_seen: self.changes_seen.load(Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_habit_comes_in_its_share() {
        assert_eq!(SHARES.iter().map(|(_, share)| u32::from(*share)).sum::<u32>(), 100);
        let mut rng = Rng::of(1, 2, 3);
        let drawn: Vec<_> = (0..10_000).map(|_| Habit::next(&mut rng)).collect();
        for (habit, share) in SHARES {
            let times = drawn.iter().filter(|one| **one == habit).count();
            let expected = usize::from(share) * 100;
            assert!(times.abs_diff(expected) < 200, "{habit:?} came {times} times of {expected}");
        }
    }
}
