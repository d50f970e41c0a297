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
    /// Since when bookings are processing, and until when others may be paid.
    processing: BTreeSet<(Timestamp, BookingId)>,
    pending: BTreeSet<(Timestamp, BookingId)>,
    attempts: BTreeMap<AttemptId, PaymentAttempt>,
    attempts_of: BTreeMap<BookingId, BTreeSet<AttemptId>>,
    /// When to ask about each open attempt.
    open: BTreeSet<(Timestamp, AttemptId)>,
    refunds: BTreeMap<AttemptId, Refund>,
    /// Those of the refunds that are not done.
    due: BTreeSet<AttemptId>,
    keys: BTreeMap<KeyName, (KeyUse, Timestamp)>,
    events: BTreeMap<EventId, Arc<EventOnSale>>,
    outgoing: Vec<Outgoing>,
}

impl Memory {
    /// Everything there is of these bookings, and what this key was used for.
    fn facts(&self, ids: impl IntoIterator<Item = BookingId>, key: Option<KeyName>) -> WorkingSet {
        let used = key.and_then(|name| self.keys.get(&name).map(|(used, _)| (name, used.clone())));
        let mut ids: BTreeSet<BookingId> = ids.into_iter().collect();
        let mut attempts: BTreeSet<&AttemptId> = BTreeSet::new();
        if let Some((_, used)) = &used {
            ids.extend(used.resource.parse::<BookingId>());
            attempts.extend(
                self.attempts.get(&AttemptId::new(used.resource.as_str())).map(|attempt| &attempt.id),
            );
        }
        attempts.extend(ids.iter().filter_map(|id| self.attempts_of.get(id)).flatten());
        let mut set = WorkingSet::default();
        set.load(
            ids.iter().filter_map(|id| self.bookings.get(id).cloned()),
            attempts.into_iter().map(|id| self.attempts[id].clone()),
            used,
        );
        set
    }

    fn put_booking(&mut self, booking: Booking) -> Option<Booking> {
        let (id, created_at) = (booking.id, booking.created_at);
        let (is, pay_by) = (booking.status(), booking.pay_by());
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
        let id = attempt.id.clone();
        self.attempts_of.entry(attempt.booking_id).or_default().insert(id.clone());
        if attempt.status.is_open() {
            self.open.insert((attempt.next_poll_at, id.clone()));
        }
        let after = attempt.status.is_open().then_some(attempt.next_poll_at);
        if let Some(before) = self.attempts.insert(id.clone(), attempt)
            && after != Some(before.next_poll_at)
        {
            self.open.remove(&(before.next_poll_at, id));
        }
    }

    fn carry_out(&mut self, changes: Changes) {
        for booking in changes.new_bookings {
            assert!(self.put_booking(booking).is_none(), "a new booking has a new id");
        }
        for (status, booking) in changes.bookings {
            let before = self.put_booking(booking);
            assert_eq!(before.map(|booking| booking.status()), Some(status), "guarded by its status");
        }
        changes.attempts.into_iter().for_each(|attempt| self.put_attempt(attempt));
        for refund in changes.refunds {
            if !self.refunds.contains_key(&refund.attempt_id) {
                self.due.insert(refund.attempt_id.clone());
                self.refunds.insert(refund.attempt_id.clone(), refund);
            }
        }
        for (name, used, at) in changes.keys {
            self.keys.entry(name).or_insert((used, at));
        }
        self.outgoing.extend(changes.outgoing);
    }

    fn is_due(&self, booking: &Booking, now: Timestamp) -> bool {
        let kept = self
            .attempts_of
            .get(&booking.id)
            .is_some_and(|attempts| attempts.iter().any(|id| self.attempts[id].status.keeps_booking()));
        let grace = if kept { limits::PAYMENT_UNKNOWN_GRACE } else { std::time::Duration::ZERO };
        booking.status() == Status::PendingPayment
            && booking.pay_by().is_some_and(|pay_by| pay_by + grace <= now)
    }

    fn end(&mut self, mut due: Vec<(Timestamp, BookingId)>, now: Timestamp, limit: u32) -> Vec<Booking> {
        due.sort();
        due.truncate(limit as usize);
        let mut set = self.facts(due.into_iter().map(|(_, id)| id), None);
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

    /// Everything that was sent behind the first `known` messages.
    pub fn sent_after(&self, known: usize, limit: usize) -> Vec<Outgoing> {
        self.0.lock().unwrap().outgoing.iter().skip(known).take(limit).cloned().collect()
    }

    /// How many messages were sent so far.
    pub fn sent_count(&self) -> usize {
        self.0.lock().unwrap().outgoing.len()
    }

    /// All bookings, by id.
    pub fn all(&self) -> Vec<Booking> {
        self.0.lock().unwrap().bookings.values().cloned().collect()
    }

    /// Bookings with a payment or a refund that is not decided.
    pub fn undecided_money(&self) -> BTreeSet<BookingId> {
        let memory = self.0.lock().unwrap();
        let open = memory.open.iter().map(|(_, id)| memory.attempts[id].booking_id);
        open.chain(memory.due.iter().map(|id| memory.refunds[id].booking_id)).collect()
    }

    #[expect(clippy::unnecessary_wraps, reason = "the answer of every method of the port")]
    fn with<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> Result<T, Fault> {
        Ok(work(&mut self.0.lock().unwrap()))
    }

    fn decide<T>(
        &self,
        ids: impl IntoIterator<Item = BookingId>,
        key: Option<KeyName>,
        decide: impl FnOnce(&mut WorkingSet) -> T,
    ) -> Result<T, Fault> {
        self.with(|memory| {
            let mut set = memory.facts(ids, key);
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
        self.decide([], new.key_name(), |set| create_booking::decide(set, &new))
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
            let mut set = memory.facts(ids, None);
            for answer in &answers {
                seat_answer::decide(&mut set, answer, now);
            }
            let changes = set.into_changes();
            memory.carry_out(changes.clone());
            changes.bookings.into_iter().map(|(_, booking)| booking).collect()
        })
    }

    async fn begin_payment(&self, payment: BeginPayment) -> Result<Beginning, Fault> {
        self.decide([payment.booking_id], Some(payment.key_name()), |set| pay::begin(set, &payment))
    }

    async fn settle_payment(&self, report: Report) -> Result<Settled, Fault> {
        self.decide(self.booking_of(&report.attempt_id), None, |set| settle_payment::decide(set, &report))
    }

    async fn cancel(&self, cancel: CancelBooking) -> Result<Cancelling, Fault> {
        self.decide([cancel.booking_id], None, |set| cancel::decide(set, &cancel))
    }

    async fn expire(&self, now: Timestamp, limit: u32) -> Result<Vec<Booking>, Fault> {
        self.with(|memory| {
            let over = memory.pending.iter().take_while(|(pay_by, _)| *pay_by <= now);
            let due = over.filter(|(_, id)| memory.is_due(&memory.bookings[id], now)).copied().collect();
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
            let stuck = memory.processing.iter().take_while(|(created_at, _)| *created_at < created_before);
            let stuck = stuck.copied().collect();
            memory.end(stuck, now, limit)
        })
    }

    async fn next_deadline(&self) -> Result<Option<Timestamp>, Fault> {
        self.with(|memory| memory.pending.first().map(|(pay_by, _)| *pay_by))
    }

    async fn attempts_to_poll(&self, now: Timestamp, limit: u32) -> Result<Vec<PaymentAttempt>, Fault> {
        self.with(|memory| {
            let due = memory.open.iter().take_while(|(next_poll_at, _)| *next_poll_at <= now);
            due.take(limit as usize).map(|(_, id)| memory.attempts[id].clone()).collect()
        })
    }

    async fn refunds_due(&self, limit: u32) -> Result<Vec<Refund>, Fault> {
        self.with(|memory| {
            memory.due.iter().take(limit as usize).map(|id| memory.refunds[id].clone()).collect()
        })
    }

    async fn refunded(&self, attempt: AttemptId) -> Result<Option<Booking>, Fault> {
        let shown = self.decide(self.booking_of(&attempt), None, |set| refund::decide(set, &attempt))?;
        self.with(|memory| memory.due.remove(&attempt))?;
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
