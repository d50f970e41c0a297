//! A store in memory. It passes the same contract suite as the real one, so it cannot lie.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use kernel::{BookingId, EventId, Fault, Timestamp, UserId, message::EventOnSale};
use stream::Outgoing;

use crate::{
    AttemptId, AttemptStatus, Booking, Overdue, PaymentAttempt, Status,
    decision::{Changes, Decision, Facts, Holdings, KeyName, KeyUse, Needs, WorkingSet},
    ports::{BookingStore, History},
};

#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    bookings: BTreeMap<BookingId, Booking>,
    bookings_of: BTreeMap<UserId, BTreeSet<BookingId>>,
    /// Since when bookings are processing, and until when others may be paid.
    processing: BTreeSet<(Timestamp, BookingId)>,
    pending: BTreeSet<(Timestamp, BookingId)>,
    attempts: BTreeMap<AttemptId, PaymentAttempt>,
    attempts_of: BTreeMap<BookingId, BTreeSet<AttemptId>>,
    /// When the provider is to be called about attempts.
    attempts_due: BTreeSet<(Timestamp, AttemptId)>,
    keys: BTreeMap<KeyName, (KeyUse, Timestamp)>,
    events: BTreeMap<EventId, Arc<EventOnSale>>,
    outgoing: Vec<Outgoing>,
}

impl Memory {
    fn facts(&self, mut needs: Needs) -> Facts {
        let used = |name: &KeyName| Some((name.clone(), self.keys.get(name)?.0.clone()));
        let keys: Vec<_> = needs.keys.iter().filter_map(used).collect();
        needs.follow_keys(keys.iter().map(|(_, used)| used));
        let of_bookings = needs.attempts_of.iter().filter_map(|id| self.attempts_of.get(id)).flatten();
        let ids: BTreeSet<_> = needs.attempts.iter().chain(of_bookings).collect();
        let attempts: Vec<_> = ids.into_iter().filter_map(|id| self.attempts.get(id).cloned()).collect();
        needs.follow_attempts(&attempts);
        let bookings = needs.bookings.iter().filter_map(|id| self.bookings.get(id).cloned()).collect();
        let holdings =
            needs.holdings.iter().map(|&(buyer, event)| ((buyer, event), self.holdings(buyer, event)));
        Facts { keys, attempts, bookings, holdings: holdings.collect() }
    }

    fn holdings(&self, buyer: UserId, event: EventId) -> Holdings {
        let mut holdings = Holdings::default();
        let own = self.bookings_of.get(&buyer).into_iter().flatten().map(|id| &self.bookings[id]);
        for booking in own.filter(|booking| booking.event_id == event) {
            holdings.count(booking.status(), booking.seats());
        }
        holdings
    }

    fn put_booking(&mut self, booking: Booking) -> Option<Booking> {
        let (id, created_at) = (booking.id, booking.created_at);
        let (is, pay_by) = (booking.status(), booking.pay_by());
        self.bookings_of.entry(booking.buyer_id).or_default().insert(id);
        let before = self.bookings.insert(id, booking);
        self.processing.remove(&(created_at, id));
        if let Some(pay_by) = pay_by {
            self.pending.remove(&(pay_by, id));
        }
        match (is, pay_by) {
            (Status::Processing, _) => drop(self.processing.insert((created_at, id))),
            (Status::PendingPayment, Some(pay_by)) => drop(self.pending.insert((pay_by, id))),
            _ => {}
        }
        before
    }

    fn put_attempt(&mut self, attempt: PaymentAttempt) {
        let (id, of) = (attempt.id.clone(), attempt.booking_id);
        self.attempts_of.entry(of).or_default().insert(id.clone());
        let after = (attempt.status.is_open() || attempt.status == AttemptStatus::Refunding)
            .then_some(attempt.next_poll_at);
        if let Some(next_poll_at) = after {
            self.attempts_due.insert((next_poll_at, id.clone()));
        }
        if let Some(before) = self.attempts.insert(id.clone(), attempt)
            && after != Some(before.next_poll_at)
        {
            self.attempts_due.remove(&(before.next_poll_at, id));
        }
        let open = self.attempts_of[&of].iter().filter(|id| self.attempts[*id].status.is_open());
        assert!(open.count() <= 1, "a booking has at most one open attempt");
    }

    fn carry_out(&mut self, changes: Changes) {
        for booking in changes.new_bookings {
            assert!(self.put_booking(booking).is_none(), "a new booking has a new id");
        }
        for (revision, booking) in changes.bookings {
            let before = self.put_booking(booking);
            assert_eq!(before.map(|booking| booking.revision), Some(revision), "guarded by its revision");
        }
        for attempt in changes.attempts {
            self.put_attempt(attempt);
        }
        if let Some(before) = changes.forget_keys_before {
            self.keys.retain(|_, (_, at)| *at >= before);
        }
        for (name, used, at) in changes.keys {
            self.keys.entry(name).or_insert((used, at));
        }
        for (event, _) in changes.events {
            self.events.insert(event.event_id, Arc::new(event));
        }
        self.outgoing.extend(changes.outgoing);
    }

    fn due(&self, overdue: Overdue, now: Timestamp) -> impl Iterator<Item = BookingId> {
        let candidates = match overdue {
            Overdue::Unpaid => &self.pending,
            Overdue::Unanswered => &self.processing,
        };
        let reached = candidates.iter().take_while(move |(since, _)| *since <= now).map(|(_, id)| *id);
        reached.filter(move |id| {
            let attempts = self.attempts_of.get(id).into_iter().flatten();
            let kept = attempts.map(|id| &self.attempts[id]).any(|attempt| attempt.status.keeps_booking());
            self.bookings[id].is_overdue(overdue, kept, now)
        })
    }
}

impl MemoryStore {
    /// Everything that was sent so far, in order.
    pub fn sent(&self) -> Vec<Outgoing> {
        self.0.lock().unwrap().outgoing.clone()
    }

    /// Everything that was sent behind the first `known` messages.
    pub fn sent_after(&self, known: usize, limit: usize) -> Vec<Outgoing> {
        let memory = self.0.lock().unwrap();
        memory.outgoing[known.min(memory.outgoing.len())..].iter().take(limit).cloned().collect()
    }

    /// How many messages were sent so far.
    pub fn sent_count(&self) -> usize {
        self.0.lock().unwrap().outgoing.len()
    }

    /// Whether every booking has come to its end.
    pub fn all_ended(&self) -> bool {
        let memory = self.0.lock().unwrap();
        memory.processing.is_empty() && memory.pending.is_empty()
    }

    /// All bookings, by id.
    pub fn all(&self) -> Vec<Booking> {
        self.0.lock().unwrap().bookings.values().cloned().collect()
    }

    /// All attempts to pay, by id.
    pub fn attempts(&self) -> Vec<PaymentAttempt> {
        self.0.lock().unwrap().attempts.values().cloned().collect()
    }

    /// All keys that are remembered, each with when it was first seen.
    pub fn keys(&self) -> Vec<(KeyUse, Timestamp)> {
        self.0.lock().unwrap().keys.values().cloned().collect()
    }

    /// Bookings with a payment or a refund that is not decided.
    pub fn undecided_money(&self) -> BTreeSet<BookingId> {
        let memory = self.0.lock().unwrap();
        memory.attempts_due.iter().map(|(_, id)| memory.attempts[id].booking_id).collect()
    }

    /// Decides, and answers what was changed too.
    pub fn carry_out<D: Decision>(&self, decision: &D) -> (D::Answer, Changes) {
        self.decided(decision, Changes::clone)
    }

    /// Decides, and carries nothing out: as when a guard fails, after which it is repeated.
    pub fn decide_in_vain<D: Decision>(&self, decision: &D) {
        let memory = self.0.lock().unwrap();
        decision.decide(&mut WorkingSet::from(memory.facts(decision.needs())));
    }

    /// Decides; `look` sees the changes before they are carried out.
    fn decided<D: Decision, T>(&self, decision: &D, look: impl FnOnce(&Changes) -> T) -> (D::Answer, T) {
        let mut memory = self.0.lock().unwrap();
        let mut set = WorkingSet::from(memory.facts(decision.needs()));
        let answer = decision.decide(&mut set);
        let changes = set.into_changes();
        let seen = look(&changes);
        memory.carry_out(changes);
        (answer, seen)
    }

    #[expect(clippy::unnecessary_wraps, reason = "the answer of every method of the port")]
    fn with<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> Result<T, Fault> {
        Ok(work(&mut self.0.lock().unwrap()))
    }
}

impl BookingStore for MemoryStore {
    async fn decide<D: Decision>(&self, decision: D) -> Result<D::Answer, Fault> {
        Ok(self.decided(&decision, |_| ()).0)
    }

    async fn booking(&self, id: BookingId) -> Result<Option<Booking>, Fault> {
        self.with(|memory| memory.bookings.get(&id).cloned())
    }

    async fn history(&self, page: History) -> Result<Vec<Booking>, Fault> {
        self.with(|memory| {
            memory
                .bookings
                .values()
                .rev()
                .filter(|booking| {
                    booking.buyer_id == page.buyer_id
                        && page.status.is_none_or(|status| booking.status() == status)
                        && page.before.is_none_or(|before| booking.id < before)
                })
                .take(page.limit as usize)
                .cloned()
                .collect()
        })
    }

    async fn due(&self, overdue: Overdue, now: Timestamp, limit: u32) -> Result<Vec<BookingId>, Fault> {
        self.with(|memory| memory.due(overdue, now).take(limit as usize).collect())
    }

    async fn next_deadline(&self, after: Timestamp) -> Result<Option<Timestamp>, Fault> {
        self.with(|memory| memory.pending.iter().map(|(pay_by, _)| *pay_by).find(|pay_by| *pay_by > after))
    }

    async fn attempts_due(&self, now: Timestamp, limit: u32) -> Result<Vec<PaymentAttempt>, Fault> {
        self.with(|memory| {
            let due = memory.attempts_due.iter().take_while(|(next_poll_at, _)| *next_poll_at <= now);
            due.take(limit as usize).map(|(_, id)| memory.attempts[id].clone()).collect()
        })
    }

    async fn event(&self, id: EventId, _: Duration) -> Result<Option<Arc<EventOnSale>>, Fault> {
        self.with(|memory| memory.events.get(&id).cloned())
    }
}
