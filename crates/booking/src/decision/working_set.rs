//! The facts of one transaction and what was decided about them: bookings, attempts, keys,
//! outlines, messages (a unit of work).
//!
//! Promises: later decisions of a batch see what earlier ones decided; each change of a booking is
//! one revision more, and each changed booking knows the revision that its row must still have.
//! Never: loads or stores; a store fills it and carries out its [`Changes`].

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use kernel::{BookingId, EventId, Revision, Timestamp, UserId, message::EventOnSale};
use stream::Outgoing;

use crate::domain::{
    booking::{Booking, Status},
    payment::{AttemptId, PaymentAttempt},
};

/// A caller's own name for one attempt, in the scope that it counts in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyName {
    pub user_id: UserId,
    pub route: &'static str,
    pub key: String,
}

/// What a key was first used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// A digest of everything that the request said.
    pub body_hash: String,
    pub resource: Resource,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    Booking(BookingId),
    Attempt(AttemptId),
}

impl Resource {
    /// Reads what [`fmt::Display`] wrote: ids of bookings have a form of their own.
    pub fn read(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Attempt(AttemptId::new(text)), Self::Booking)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Booking(id) => id.fmt(f),
            Self::Attempt(id) => id.fmt(f),
        }
    }
}

/// A key and the digest of the request that brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    pub key: String,
    pub body_hash: String,
}

/// How many seats a buyer has of an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Asked for by bookings that are processing.
    pub asked: u32,
    /// Held until they are paid.
    pub held: u32,
    pub bought: u32,
}

impl Holdings {
    /// Counts the seats of bookings of this status.
    pub fn count(&mut self, status: Status, seats: u32) {
        if let Some(counter) = self.counter(status) {
            *counter += seats;
        }
    }

    fn uncount(&mut self, booking: &Booking) {
        if let Some(counter) = self.counter(booking.status()) {
            *counter -= booking.seats();
        }
    }

    fn counter(&mut self, status: Status) -> Option<&mut u32> {
        match status {
            Status::Processing => Some(&mut self.asked),
            Status::PendingPayment => Some(&mut self.held),
            Status::Paid => Some(&mut self.bought),
            // The others have no seats.
            _ => None,
        }
    }
}

/// What a store found of the needs.
#[derive(Debug, Default)]
pub struct Facts {
    pub keys: Vec<(KeyName, KeyUse)>,
    pub attempts: Vec<PaymentAttempt>,
    pub bookings: Vec<Booking>,
    /// One for each that was asked for.
    pub holdings: Vec<((UserId, EventId), Holdings)>,
}

#[derive(Debug, Default)]
pub struct WorkingSet {
    bookings: BTreeMap<BookingId, Tracked<Booking>>,
    attempts: BTreeMap<AttemptId, Tracked<PaymentAttempt>>,
    keys: HashMap<KeyName, KeyUse>,
    holdings: BTreeMap<(UserId, EventId), Holdings>,
    changes: Changes,
}

#[derive(Debug)]
struct Tracked<T> {
    now: T,
    /// The revision of the stored row; none when there is no row yet. That of an attempt is not
    /// counted.
    stored: Option<Revision>,
    changed: bool,
}

impl<T> Tracked<T> {
    fn loaded(now: T, revision: Revision) -> Self {
        Self { now, stored: Some(revision), changed: false }
    }
}

/// What a store must carry out, all or nothing.
#[derive(Debug, Default, Clone)]
pub struct Changes {
    pub new_bookings: Vec<Booking>,
    /// Each with the revision that its row must still have.
    pub bookings: Vec<(Revision, Booking)>,
    /// Changed ones before new ones: one that closes makes room for the next of its booking.
    pub attempts: Vec<PaymentAttempt>,
    pub keys: Vec<(KeyName, KeyUse, Timestamp)>,
    /// Keys that were first seen before this moment go.
    pub forget_keys_before: Option<Timestamp>,
    /// Outlines; a later one of an event replaces an earlier one.
    pub events: Vec<(EventOnSale, Timestamp)>,
    pub outgoing: Vec<Outgoing>,
}

impl Changes {
    /// All bookings as they are after this.
    pub fn all_bookings(&self) -> impl Iterator<Item = &Booking> {
        self.new_bookings.iter().chain(self.bookings.iter().map(|(_, booking)| booking))
    }
}

impl From<Facts> for WorkingSet {
    fn from(facts: Facts) -> Self {
        let bookings = facts.bookings.into_iter().map(|booking| {
            let revision = booking.revision;
            (booking.id, Tracked::loaded(booking, revision))
        });
        let attempts = facts
            .attempts
            .into_iter()
            .map(|attempt| (attempt.id.clone(), Tracked::loaded(attempt, Revision::FIRST)));
        Self {
            bookings: bookings.collect(),
            attempts: attempts.collect(),
            keys: facts.keys.into_iter().collect(),
            holdings: facts.holdings.into_iter().collect(),
            changes: Changes::default(),
        }
    }
}

impl WorkingSet {
    pub fn booking(&self, id: BookingId) -> Option<&Booking> {
        self.bookings.get(&id).map(|tracked| &tracked.now)
    }

    pub fn attempt(&self, id: &AttemptId) -> Option<&PaymentAttempt> {
        self.attempts.get(id).map(|tracked| &tracked.now)
    }

    /// All attempts of a booking.
    pub fn attempts_of(&self, booking: BookingId) -> impl Iterator<Item = &PaymentAttempt> {
        self.attempts
            .values()
            .map(|tracked| &tracked.now)
            .filter(move |attempt| attempt.booking_id == booking)
    }

    pub fn key(&self, name: &KeyName) -> Option<&KeyUse> {
        self.keys.get(name)
    }

    /// What a buyer has of an event; nothing when it was not among the needs.
    pub fn holdings(&self, buyer: UserId, event: EventId) -> Option<Holdings> {
        self.holdings.get(&(buyer, event)).copied()
    }

    /// Keeps a new booking as it is, and a changed one under its next revision; answers it as it is
    /// kept.
    pub(crate) fn put_booking(&mut self, mut booking: Booking) -> Booking {
        let before = self.bookings.get(&booking.id);
        let holdings = self.holdings.get_mut(&(booking.buyer_id, booking.event_id));
        if let Some(before) = before {
            booking.revision = before.now.revision.next();
        }
        if let Some(holdings) = holdings {
            if let Some(before) = before {
                holdings.uncount(&before.now);
            }
            holdings.count(booking.status(), booking.seats());
        }
        let stored = before.and_then(|tracked| tracked.stored);
        self.bookings.insert(booking.id, Tracked { now: booking.clone(), stored, changed: true });
        booking
    }

    pub(crate) fn put_attempt(&mut self, attempt: PaymentAttempt) {
        let stored = self.attempts.get(&attempt.id).and_then(|tracked| tracked.stored);
        self.attempts.insert(attempt.id.clone(), Tracked { now: attempt, stored, changed: true });
    }

    pub(crate) fn put_key(&mut self, name: KeyName, used: KeyUse, at: Timestamp) {
        self.changes.keys.push((name.clone(), used.clone(), at));
        self.keys.insert(name, used);
    }

    pub(crate) fn forget_keys(&mut self, before: Timestamp) {
        self.changes.forget_keys_before = self.changes.forget_keys_before.max(Some(before));
    }

    pub(crate) fn put_event(&mut self, event: EventOnSale, at: Timestamp) {
        self.changes.events.push((event, at));
    }

    pub(crate) fn send(&mut self, message: Outgoing) {
        self.changes.outgoing.push(message);
    }

    /// Everything that was decided.
    pub fn into_changes(mut self) -> Changes {
        for tracked in self.bookings.into_values().filter(|tracked| tracked.changed) {
            match tracked.stored {
                Some(revision) => self.changes.bookings.push((revision, tracked.now)),
                None => self.changes.new_bookings.push(tracked.now),
            }
        }
        let changed = self.attempts.into_values().filter(|tracked| tracked.changed);
        let (known, new): (Vec<_>, Vec<_>) = changed.partition(|tracked| tracked.stored.is_some());
        self.changes.attempts.extend(known.into_iter().chain(new).map(|tracked| tracked.now));
        self.changes
    }
}
