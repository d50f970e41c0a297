//! A store in memory. It passes the same contract suite as the real one, so it cannot lie.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use kernel::{BookingId, EventId, Fault, Timestamp, limits, message::EventOnSale};
use stream::Outgoing;

use crate::{
    AttemptId, Booking, PaymentAttempt, Refund, Status,
    app::{
        cancel::{self, CancelBooking, Cancelling},
        create_booking::{self, Creation, NewBooking},
        expire,
        pay::{self, BeginPayment, Beginning},
        refund,
        seat_answer::{self, SeatAnswer},
        settle_payment::{self, Report, Settled},
        working_set::{Changes, KeyName, KeyUse, WorkingSet},
    },
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
    /// Everything there is of these bookings, and all keys.
    fn facts(&self, ids: impl IntoIterator<Item = BookingId>) -> WorkingSet {
        let ids: BTreeSet<BookingId> = ids.into_iter().collect();
        let mut set = WorkingSet::default();
        set.load(
            ids.iter().filter_map(|id| self.bookings.get(id).cloned()),
            self.attempts.values().cloned(),
            self.keys.iter().map(|(name, (used, _))| (name.clone(), used.clone())),
        );
        set
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
        for (name, used, at) in changes.keys {
            self.keys.entry(name).or_insert((used, at));
        }
        self.outgoing.extend(changes.outgoing);
    }

    fn is_due(&self, booking: &Booking, now: Timestamp) -> bool {
        let kept = self
            .attempts
            .values()
            .any(|attempt| attempt.booking_id == booking.id && attempt.status.keeps_booking());
        let grace = if kept { limits::PAYMENT_UNKNOWN_GRACE } else { std::time::Duration::ZERO };
        booking.status() == Status::PendingPayment
            && booking.pay_by().is_some_and(|pay_by| pay_by + grace <= now)
    }

    fn end(&mut self, mut due: Vec<(Timestamp, BookingId)>, now: Timestamp, limit: u32) -> Vec<Booking> {
        due.sort();
        due.truncate(limit as usize);
        let mut set = self.facts(due.into_iter().map(|(_, id)| id));
        let ended = expire::decide(&mut set, now);
        self.carry_out(set.into_changes());
        ended
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

    fn decide<T>(
        &self,
        ids: impl IntoIterator<Item = BookingId>,
        decide: impl FnOnce(&mut WorkingSet) -> T,
    ) -> Result<T, Fault> {
        self.with(|memory| {
            let mut set = memory.facts(ids);
            let decided = decide(&mut set);
            memory.carry_out(set.into_changes());
            decided
        })
    }

    fn booking_of(&self, attempt: &AttemptId) -> Option<BookingId> {
        self.0.lock().unwrap().attempts.get(attempt).map(|attempt| attempt.booking_id)
    }
}

impl BookingStore for MemoryStore {
    async fn create(&self, new: NewBooking) -> Result<Creation, Fault> {
        let first = new.key_name().and_then(|name| {
            let memory = self.0.lock().unwrap();
            memory.keys.get(&name).and_then(|(used, _)| used.resource.parse().ok())
        });
        self.decide(first, |set| create_booking::decide(set, &new))
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

    async fn answer(&self, answers: Vec<SeatAnswer>, now: Timestamp) -> Result<Vec<Booking>, Fault> {
        let ids: Vec<_> = answers.iter().map(SeatAnswer::booking_id).collect();
        self.with(|memory| {
            let mut set = memory.facts(ids);
            for answer in &answers {
                seat_answer::decide(&mut set, answer, now);
            }
            let changes = set.into_changes();
            memory.carry_out(changes.clone());
            changes.bookings.into_iter().map(|(_, booking)| booking).collect()
        })
    }

    async fn begin_payment(&self, payment: BeginPayment) -> Result<Beginning, Fault> {
        self.decide([payment.booking_id], |set| pay::begin(set, &payment))
    }

    async fn settle_payment(&self, report: Report) -> Result<Settled, Fault> {
        self.decide(self.booking_of(&report.attempt_id), |set| settle_payment::decide(set, &report))
    }

    async fn cancel(&self, cancel: CancelBooking) -> Result<Cancelling, Fault> {
        self.decide([cancel.booking_id], |set| cancel::decide(set, &cancel))
    }

    async fn expire(&self, now: Timestamp, limit: u32) -> Result<Vec<Booking>, Fault> {
        self.with(|memory| {
            let due = memory.bookings.values().filter(|booking| memory.is_due(booking, now));
            let due = due.filter_map(|booking| Some((booking.pay_by()?, booking.id))).collect();
            memory.end(due, now, limit)
        })
    }

    async fn cancel_stuck(
        &self,
        created_before: Timestamp,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Booking>, Fault> {
        self.with(|memory| {
            let stuck = memory.bookings.values().filter(|booking| {
                booking.status() == Status::Processing && booking.created_at < created_before
            });
            let stuck = stuck.map(|booking| (booking.created_at, booking.id)).collect();
            memory.end(stuck, now, limit)
        })
    }

    async fn next_deadline(&self) -> Result<Option<Timestamp>, Fault> {
        self.with(|memory| {
            let pending = memory.bookings.values().filter(|b| b.status() == Status::PendingPayment);
            pending.filter_map(Booking::pay_by).min()
        })
    }

    async fn attempts_to_poll(&self, now: Timestamp, limit: u32) -> Result<Vec<PaymentAttempt>, Fault> {
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

    async fn refunded(&self, attempt: AttemptId) -> Result<Option<Booking>, Fault> {
        let shown = self.decide(self.booking_of(&attempt), |set| refund::decide(set, &attempt))?;
        self.with(|memory| memory.refunded.insert(attempt))?;
        Ok(shown)
    }

    async fn event(&self, id: EventId) -> Result<Option<Arc<EventOnSale>>, Fault> {
        self.with(|memory| memory.events.get(&id).cloned())
    }

    async fn put_event(&self, event: EventOnSale, _: Timestamp) -> Result<(), Fault> {
        self.with(|memory| memory.events.insert(event.event_id, Arc::new(event))).map(drop)
    }

    async fn forget_keys(&self, before: Timestamp) -> Result<(), Fault> {
        self.with(|memory| memory.keys.retain(|_, (_, at)| *at >= before))
    }
}
