//! A use case as a value: the facts that it needs, and the pure function that decides on them.
//!
//! Promises: a decision changes nothing but its working set, so it may be decided again (optimistic
//! concurrency: a batch whose guard fails is repeated, then split). An answer leaves only after the
//! commit. Never: loads, stores or waits; a store does.

mod working_set;

use std::sync::{Mutex, MutexGuard, PoisonError};

use kernel::{BookingId, EventId, UserId};

pub use working_set::{Changes, Facts, Holdings, KeyName, KeyUse, RequestKey, Resource, WorkingSet};

use crate::domain::payment::{AttemptId, PaymentAttempt};

/// A use case as a value. To add one, see the crate's documentation.
pub trait Decision: Send + Sync + 'static {
    type Answer: Send + 'static;

    /// What it does, for a fault's text: "could not …".
    const DOING: &'static str;

    /// The facts that the set must hold.
    fn needs(&self) -> Needs;

    /// Decides on the facts and on what decisions before it in the set have changed.
    fn decide(&self, set: &mut WorkingSet) -> Self::Answer;
}

/// The facts that decisions need. References are followed: a key gives what it names, an attempt
/// gives its booking.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Uses of these keys, and the bookings and attempts that they name.
    pub keys: Vec<KeyName>,
    /// These attempts and their bookings.
    pub attempts: Vec<AttemptId>,
    /// All attempts of these bookings, and the bookings.
    pub attempts_of: Vec<BookingId>,
    pub bookings: Vec<BookingId>,
    /// What these buyers have of these events.
    pub holdings: Vec<(UserId, EventId)>,
}

impl Needs {
    /// Adds the needs of another decision.
    pub fn extend(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.attempts.extend(other.attempts);
        self.attempts_of.extend(other.attempts_of);
        self.bookings.extend(other.bookings);
        self.holdings.extend(other.holdings);
    }

    /// Adds what the uses of keys name. Stores call it when the keys are read.
    pub fn follow_keys<'a>(&mut self, used: impl IntoIterator<Item = &'a KeyUse>) {
        for used in used {
            match &used.resource {
                Resource::Booking(id) => self.bookings.push(*id),
                Resource::Attempt(id) => self.attempts.push(id.clone()),
            }
        }
    }

    /// Adds the bookings of the attempts. Stores call it when the attempts are read.
    pub fn follow_attempts<'a>(&mut self, found: impl IntoIterator<Item = &'a PaymentAttempt>) {
        self.bookings.extend_from_slice(&self.attempts_of);
        self.bookings.extend(found.into_iter().map(|attempt| attempt.booking_id));
    }
}

/// Decisions of one kind, decided in turn.
impl<D: Decision> Decision for Vec<D> {
    type Answer = Vec<D::Answer>;
    const DOING: &'static str = D::DOING;

    fn needs(&self) -> Needs {
        united(self.iter().map(Decision::needs))
    }

    fn decide(&self, set: &mut WorkingSet) -> Self::Answer {
        self.iter().map(|one| one.decide(set)).collect()
    }
}

fn united(all: impl Iterator<Item = Needs>) -> Needs {
    let mut united = Needs::default();
    all.for_each(|needs| united.extend(needs));
    united
}

/// A decision that waits in a store's queue, whatever its answer is. It keeps the answer until the
/// commit.
pub trait Queued<E>: Send {
    fn needs(&self) -> Needs;

    /// Decides; a repeat replaces the answer before.
    fn decide(&mut self, set: &mut WorkingSet);

    /// Sends the answer, or the fault that kept it from being committed.
    fn answer(self: Box<Self>, committed: Result<(), E>);
}

/// Puts a decision and its reply channel together.
pub fn queued<D: Decision, E: 'static>(
    decision: D,
    reply: impl FnOnce(Result<D::Answer, E>) + Send + 'static,
) -> Box<dyn Queued<E>> {
    Box::new(Waiting { decision, answer: None, reply })
}

struct Waiting<D: Decision, R> {
    decision: D,
    answer: Option<D::Answer>,
    reply: R,
}

impl<D: Decision, E, R: FnOnce(Result<D::Answer, E>) + Send> Queued<E> for Waiting<D, R> {
    fn needs(&self) -> Needs {
        self.decision.needs()
    }

    fn decide(&mut self, set: &mut WorkingSet) {
        self.answer = Some(self.decision.decide(set));
    }

    fn answer(self: Box<Self>, committed: Result<(), E>) {
        match (committed, self.answer) {
            (Ok(()), Some(answer)) => (self.reply)(Ok(answer)),
            (Ok(()), None) => unreachable!("a decision is committed only after it was decided"),
            (Err(fault), _) => (self.reply)(Err(fault)),
        }
    }
}

/// Waiting decisions of any kinds that share one commit.
pub struct Batch<E>(Mutex<Vec<Box<dyn Queued<E>>>>);

impl<E: 'static> Batch<E> {
    pub fn new(decisions: Vec<Box<dyn Queued<E>>>) -> Self {
        Self(Mutex::new(decisions))
    }

    /// Takes the decisions out, to be answered or to be split.
    pub fn take(&self) -> Vec<Box<dyn Queued<E>>> {
        std::mem::take(&mut *self.locked())
    }

    /// A panic while deciding leaves the decisions as they were, to be split.
    fn locked(&self) -> MutexGuard<'_, Vec<Box<dyn Queued<E>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E: 'static> Decision for Batch<E> {
    type Answer = ();
    const DOING: &'static str = "carry out decisions";

    fn needs(&self) -> Needs {
        united(self.locked().iter().map(|one| one.needs()))
    }

    fn decide(&self, set: &mut WorkingSet) {
        self.locked().iter_mut().for_each(|one| one.decide(set));
    }
}
