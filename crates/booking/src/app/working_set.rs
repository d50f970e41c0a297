//! The facts of one transaction and what was decided about them: bookings, attempts, keys, messages.
//!
//! Promises: later decisions of a batch see what earlier ones decided; each change of a booking is one revision more, and each changed booking
//! knows the revision that its row must still have.
//! Never: loads or stores; a store fills it and carries out its [`Changes`].

use std::collections::{BTreeMap, HashMap};

use kernel::{BookingId, Revision, Timestamp, UserId};
use stream::Outgoing;

use crate::{
    Booking,
    domain::payment::{AttemptId, PaymentAttempt, Refund},
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
    /// The id of what came of it.
    pub resource: String,
}

/// A key and the digest of the request that brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    pub key: String,
    pub body_hash: String,
}

#[derive(Debug, Default)]
pub struct WorkingSet {
    bookings: BTreeMap<BookingId, Tracked<Booking>>,
    attempts: BTreeMap<AttemptId, Tracked<PaymentAttempt>>,
    keys: HashMap<KeyName, KeyUse>,
    changes: Changes,
}

#[derive(Debug)]
struct Tracked<T> {
    now: T,
    /// The revision of the stored row; none when there is no row yet.
    stored: Option<Revision>,
    changed: bool,
}

/// What a store must carry out, all or nothing.
#[derive(Debug, Default, Clone)]
pub struct Changes {
    pub new_bookings: Vec<Booking>,
    /// Each with the revision that its row must still have.
    pub bookings: Vec<(Revision, Booking)>,
    /// New or changed.
    pub attempts: Vec<PaymentAttempt>,
    /// New ones; an attempt that has one keeps it.
    pub refunds: Vec<Refund>,
    pub keys: Vec<(KeyName, KeyUse, Timestamp)>,
    pub outgoing: Vec<Outgoing>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.new_bookings.is_empty()
            && self.bookings.is_empty()
            && self.attempts.is_empty()
            && self.refunds.is_empty()
            && self.keys.is_empty()
            && self.outgoing.is_empty()
    }

    /// All bookings as they are after this.
    pub fn all_bookings(&self) -> impl Iterator<Item = &Booking> {
        self.new_bookings.iter().chain(self.bookings.iter().map(|(_, booking)| booking))
    }
}

impl WorkingSet {
    /// Takes in stored facts.
    pub fn load(
        &mut self,
        bookings: impl IntoIterator<Item = Booking>,
        attempts: impl IntoIterator<Item = PaymentAttempt>,
        keys: impl IntoIterator<Item = (KeyName, KeyUse)>,
    ) {
        self.bookings.extend(bookings.into_iter().map(|booking| {
            (booking.id, Tracked { stored: Some(booking.revision), now: booking, changed: false })
        }));
        self.attempts.extend(
            attempts
                .into_iter()
                .map(|attempt| (attempt.id.clone(), Tracked { stored: None, now: attempt, changed: false })),
        );
        self.keys.extend(keys);
    }

    pub fn booking(&self, id: BookingId) -> Option<&Booking> {
        self.bookings.get(&id).map(|tracked| &tracked.now)
    }

    /// The ids of all bookings loaded.
    pub fn booking_ids(&self) -> Vec<BookingId> {
        self.bookings.keys().copied().collect()
    }

    pub fn attempt(&self, id: &AttemptId) -> Option<&PaymentAttempt> {
        self.attempts.get(id).map(|tracked| &tracked.now)
    }

    pub fn open_attempt(&self, booking: BookingId) -> Option<&PaymentAttempt> {
        self.attempts
            .values()
            .map(|tracked| &tracked.now)
            .find(|attempt| attempt.booking_id == booking && attempt.status.is_open())
    }

    pub fn key(&self, name: &KeyName) -> Option<&KeyUse> {
        self.keys.get(name)
    }

    /// Keeps a new booking as it is, and a changed one under its next revision; answers it as it is kept.
    pub(crate) fn put_booking(&mut self, mut booking: Booking) -> Booking {
        let before = self.bookings.get(&booking.id);
        let stored = before.and_then(|tracked| tracked.stored);
        if let Some(before) = before {
            booking.revision = before.now.revision.next();
        }
        self.bookings.insert(booking.id, Tracked { now: booking.clone(), stored, changed: true });
        booking
    }

    pub(crate) fn put_attempt(&mut self, attempt: PaymentAttempt) {
        self.attempts.insert(attempt.id.clone(), Tracked { now: attempt, stored: None, changed: true });
    }

    pub(crate) fn put_refund(&mut self, refund: Refund) {
        self.changes.refunds.push(refund);
    }

    pub(crate) fn put_key(&mut self, name: KeyName, used: KeyUse, at: Timestamp) {
        self.changes.keys.push((name.clone(), used.clone(), at));
        self.keys.insert(name, used);
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
        let attempts = self.attempts.into_values().filter(|tracked| tracked.changed);
        self.changes.attempts.extend(attempts.map(|tracked| tracked.now));
        self.changes
    }
}
