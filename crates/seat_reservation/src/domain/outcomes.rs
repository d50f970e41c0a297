//! The outcome of each booking's request, so that a repeated request gets the first answer again.
//!
//! Promises: the outcome of a living hold is kept as long as the hold lives; a final one is kept
//! for [`limits::OUTCOME_RETENTION`] by the log's time, then removed, oldest first, a bounded
//! number at a time.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    BookingId, EventId, Timestamp, limits,
    message::{Failure, Grant, HoldOfSection},
    topic::Lane,
};

/// How many outcomes one record may remove: more than it can add, so that removal keeps up.
pub const FORGOTTEN_PER_RECORD: usize = 4;

/// The first answer to a booking's request, and the lane that it went out on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub own_lane: bool,
    pub answer: Answer,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Failed { event_id: EventId, failure: Failure, at: Timestamp },
    Granted { grant: Box<Grant>, standing: Standing },
}

/// What happened to a granted hold since. Only a reserved one is alive; the times are the log's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Reserved,
    Released { at: Timestamp },
    Sold { at: Timestamp },
}

impl Outcome {
    pub fn lane(&self) -> Lane {
        let event = match &self.answer {
            Answer::Failed { event_id, .. } => *event_id,
            Answer::Granted { grant, .. } => grant.event_id,
        };
        if self.own_lane { Lane::Own(event) } else { Lane::Shared }
    }

    /// Since when it is final; a living hold is not.
    pub fn final_at(&self) -> Option<Timestamp> {
        match &self.answer {
            Answer::Granted { standing: Standing::Reserved, .. } => None,
            Answer::Granted { standing: Standing::Released { at } | Standing::Sold { at }, .. }
            | Answer::Failed { at, .. } => Some(*at),
        }
    }
}

#[derive(Debug, Default)]
pub struct Outcomes {
    by_booking: BTreeMap<BookingId, Outcome>,
    /// The final ones by age. Ordered by booking within a millisecond, so that it is the same after
    /// a restart.
    finals: BTreeSet<(Timestamp, BookingId)>,
}

impl Outcomes {
    pub fn get(&self, booking: BookingId) -> Option<&Outcome> {
        self.by_booking.get(&booking)
    }

    /// All outcomes by booking.
    pub fn iter(&self) -> impl Iterator<Item = (BookingId, &Outcome)> {
        self.by_booking.iter().map(|(&booking, outcome)| (booking, outcome))
    }

    /// When the youngest final outcome became final.
    pub fn latest_final(&self) -> Option<Timestamp> {
        self.finals.last().map(|&(at, _)| at)
    }

    /// Whether exactly the final outcomes wait to be forgotten.
    pub fn finals_agree(&self) -> bool {
        let finals = self.iter().filter_map(|(booking, outcome)| Some((outcome.final_at()?, booking)));
        let mut count = 0;
        finals.inspect(|_| count += 1).all(|entry| self.finals.contains(&entry)) && count == self.finals.len()
    }

    /// Keeps the outcome of a booking that has none.
    pub fn insert(&mut self, booking: BookingId, outcome: Outcome) {
        if let Some(at) = outcome.final_at() {
            self.finals.insert((at, booking));
        }
        let before = self.by_booking.insert(booking, outcome);
        assert!(before.is_none(), "SEAT-4: a booking's request is decided once");
    }

    /// The grant of the hold that the message names, if that hold is alive in that section.
    pub fn living(&self, named: &HoldOfSection) -> Option<&Grant> {
        match &self.by_booking.get(&named.hold.booking_id)?.answer {
            Answer::Granted { grant, standing: Standing::Reserved }
                if (grant.hold == named.hold || kernel::planted("seats.any-hold-of-the-booking"))
                    && grant.event_id == named.event_id
                    && grant.section == named.section =>
            {
                Some(grant)
            }
            _ => None,
        }
    }

    /// Ends a living hold and answers with its outcome.
    pub fn end(&mut self, booking: BookingId, end: Standing) -> &Outcome {
        let outcome = self.by_booking.get_mut(&booking);
        let outcome = outcome.unwrap_or_else(|| unreachable!("SEAT-4: a living hold has its outcome"));
        let Answer::Granted { standing, .. } = &mut outcome.answer else {
            unreachable!("SEAT-4: a living hold was granted")
        };
        assert!(*standing == Standing::Reserved, "SEAT-3: a hold ends once");
        *standing = end;
        if let Some(at) = outcome.final_at() {
            self.finals.insert((at, booking));
        }
        outcome
    }

    /// Removes some of the outcomes that were final long enough, and returns their bookings.
    pub fn forget(&mut self, now: Timestamp) -> impl Iterator<Item = BookingId> {
        let mut left = FORGOTTEN_PER_RECORD;
        std::iter::from_fn(move || {
            let &(at, booking) = self.finals.first()?;
            let retention = kernel::sabotaged!(
                "seats.answers-forgotten-at-once",
                limits::OUTCOME_RETENTION,
                std::time::Duration::ZERO
            );
            if left == 0 || at + retention >= now {
                return None;
            }
            left -= 1;
            self.finals.pop_first();
            self.by_booking.remove(&booking);
            Some(booking)
        })
    }
}
