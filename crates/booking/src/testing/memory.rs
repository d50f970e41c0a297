//! A store in memory. It passes the same contract suite as the real one, so it cannot lie.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use kernel::{BookingId, EventId, Fault, Timestamp, UserId, message::EventOnSale};
use stream::Outgoing;

use crate::{
    AttemptId, Booking, Overdue, PaymentAttempt, Refund, Status,
    decision::{Changes, Decision, Facts, Holdings, KeyName, KeyUse, Needs, WorkingSet},
    ports::{BookingStore, History},
};

#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    bookings: BTreeMap<BookingId, Booking>,
    attempts: BTreeMap<AttemptId, PaymentAttempt>,
    refunds: BTreeMap<AttemptId, Refund>,
    refunded: BTreeSet<AttemptId>,
    keys: BTreeMap<KeyName, (KeyUse, Timestamp)>,
    events: BTreeMap<EventId, Arc<EventOnSale>>,
    outgoing: Vec<Outgoing>,
}

impl Memory {
    fn facts(&self, mut needs: Needs) -> Facts {
        let used = |name: &KeyName| Some((name.clone(), self.keys.get(name)?.0.clone()));
        let keys: Vec<_> = needs.keys.iter().filter_map(used).collect();
        needs.follow_keys(keys.iter().map(|(_, used)| used));
        let attempts = self.attempts.values().filter(|attempt| {
            needs.attempts.contains(&attempt.id) || needs.attempts_of.contains(&attempt.booking_id)
        });
        let attempts: Vec<_> = attempts.cloned().collect();
        needs.follow_attempts(&attempts);
        let bookings = needs.bookings.iter().filter_map(|id| self.bookings.get(id).cloned()).collect();
        let holdings =
            needs.holdings.iter().map(|&(buyer, event)| ((buyer, event), self.holdings(buyer, event)));
        Facts { keys, attempts, bookings, holdings: holdings.collect() }
    }

    fn holdings(&self, buyer: UserId, event: EventId) -> Holdings {
        let mut holdings = Holdings::default();
        let own = |booking: &&Booking| (booking.buyer_id, booking.event_id) == (buyer, event);
        for booking in self.bookings.values().filter(own) {
            holdings.count(booking.status(), booking.seats());
        }
        holdings
    }

    fn carry_out(&mut self, changes: Changes) {
        for booking in changes.new_bookings {
            assert!(self.bookings.insert(booking.id, booking).is_none(), "a new booking has a new id");
        }
        for (revision, booking) in changes.bookings {
            let before = self.bookings.insert(booking.id, booking);
            assert_eq!(before.map(|booking| booking.revision), Some(revision), "guarded by its revision");
        }
        self.attempts.extend(changes.attempts.into_iter().map(|attempt| (attempt.id.clone(), attempt)));
        for refund in changes.refunds {
            self.refunds.entry(refund.attempt_id.clone()).or_insert(refund);
        }
        self.refunded.extend(changes.refunds_done);
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

    fn due(&self, overdue: Overdue, now: Timestamp) -> Vec<(Timestamp, BookingId)> {
        let kept = |booking: &Booking| {
            let mut of_it = self.attempts.values().filter(|attempt| attempt.booking_id == booking.id);
            of_it.any(|attempt| attempt.status.keeps_booking())
        };
        let due = self.bookings.values().filter(|booking| booking.is_overdue(overdue, kept(booking), now));
        let mut due: Vec<_> =
            due.map(|booking| (booking.pay_by().unwrap_or(booking.created_at), booking.id)).collect();
        due.sort();
        due
    }
}

impl MemoryStore {
    /// Everything that was sent so far, in order.
    pub fn sent(&self) -> Vec<Outgoing> {
        self.0.lock().unwrap().outgoing.clone()
    }

    #[expect(clippy::unnecessary_wraps, reason = "the answer of every method of the port")]
    fn with<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> Result<T, Fault> {
        Ok(work(&mut self.0.lock().unwrap()))
    }
}

impl BookingStore for MemoryStore {
    async fn decide<D: Decision>(&self, decision: D) -> Result<D::Answer, Fault> {
        self.with(|memory| {
            let mut set = WorkingSet::from(memory.facts(decision.needs()));
            let answer = decision.decide(&mut set);
            memory.carry_out(set.into_changes());
            answer
        })
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
        let due = self.with(|memory| memory.due(overdue, now))?;
        Ok(due.into_iter().take(limit as usize).map(|(_, id)| id).collect())
    }

    async fn next_deadline(&self) -> Result<Option<Timestamp>, Fault> {
        self.with(|memory| {
            let pending = memory.bookings.values().filter(|b| b.status() == Status::PendingPayment);
            pending.filter_map(Booking::pay_by).min()
        })
    }

    async fn attempts_due(&self, now: Timestamp, limit: u32) -> Result<Vec<PaymentAttempt>, Fault> {
        self.with(|memory| {
            let mut due: Vec<_> = memory
                .attempts
                .values()
                .filter(|attempt| attempt.status.is_open() && attempt.next_poll_at <= now)
                .cloned()
                .collect();
            due.sort_by_key(|attempt| attempt.next_poll_at);
            due.truncate(limit as usize);
            due
        })
    }

    async fn refunds_due(&self, limit: u32) -> Result<Vec<Refund>, Fault> {
        self.with(|memory| {
            let due = memory.refunds.values().filter(|refund| !memory.refunded.contains(&refund.attempt_id));
            due.take(limit as usize).cloned().collect()
        })
    }

    async fn event(&self, id: EventId, _: Duration) -> Result<Option<Arc<EventOnSale>>, Fault> {
        self.with(|memory| memory.events.get(&id).cloned())
    }
}
