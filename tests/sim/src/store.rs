//! Booking's database: the store in memory that passes booking's contract suite, behind steps at which the seed strikes.
//!
//! Promises: a transaction is done in one go between its first and its last step. A fault before it means that nothing was done; one after it
//! is the COMMIT that nobody answered.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use booking::{
    AttemptId, Booking, PaymentAttempt, Refund,
    app::{
        cancel::{CancelBooking, Cancelling},
        create_booking::{Creation, NewBooking},
        pay::{BeginPayment, Beginning},
        seat_answer::SeatAnswer,
        settle_payment::{Report, Settled},
    },
    ports::{BookingStore, History},
    testing::MemoryStore,
};
use kernel::{BookingId, EventId, Fault, Timestamp, message::EventOnSale};
use stream::testing::Director;

use crate::{
    relay::Relayed,
    sql::{Known, Moves, Outbox, Positions, locked},
    world::World,
};

/// The database of booking. It outlives every process.
#[derive(Debug)]
pub(crate) struct BookingDb {
    world: World,
    pub(crate) memory: MemoryStore,
    pub(crate) positions: Positions,
    pub(crate) outbox: Outbox,
    pub(crate) dead_letters: Mutex<Vec<String>>,
}

/// The answer of a future that never waits: the store in memory does its work at once.
fn at_once<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("the store in memory never waits"),
    }
}

impl BookingDb {
    pub(crate) fn new(world: World) -> Self {
        Self {
            world,
            memory: MemoryStore::default(),
            positions: Positions::default(),
            outbox: Outbox::default(),
            dead_letters: Mutex::default(),
        }
    }

    /// One transaction.
    async fn write<T>(
        &self,
        steps: [&'static str; 2],
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        self.world.reach(steps[0]).await?;
        let answer = at_once(work)?;
        self.outbox.written.ring();
        self.world.reach(steps[1]).await?;
        Ok(answer)
    }

    async fn read<T>(&self, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        self.world.reach("booking.read").await?;
        at_once(work)
    }

    pub(crate) async fn load(&self, known: &mut Known) -> Result<Vec<stream::Position>, Fault> {
        self.world.reach("booking.positions").await?;
        Ok(known.load(&self.positions))
    }

    /// A batch of records with its positions, in one transaction.
    pub(crate) async fn take_in(
        &self,
        moves: &Moves,
        answers: Vec<SeatAnswer>,
        events: Vec<(EventOnSale, Timestamp)>,
        dead_letters: Vec<String>,
        now: Timestamp,
    ) -> Result<Vec<Booking>, Fault> {
        self.write(["booking.batch.read", "booking.batch.committed"], async {
            self.positions
                .make(moves)
                .inspect_err(|_| self.world.cover("a reader that was replaced is refused"))?;
            for (event, at) in events {
                self.memory.put_event(event, at).await?;
            }
            locked(&self.dead_letters).extend(dead_letters);
            self.memory.answer(answers, now).await
        })
        .await
    }
}

impl Relayed for BookingDb {
    fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    fn sent_after(&self, place: usize, limit: usize) -> Vec<stream::Outgoing> {
        self.memory.sent_after(place, limit)
    }

    fn sent_count(&self) -> usize {
        self.memory.sent_count()
    }
}

/// A process's way to the database.
#[derive(Debug, Clone)]
pub(crate) struct SimStore(pub(crate) Arc<BookingDb>);

impl BookingStore for SimStore {
    async fn create(&self, new: NewBooking) -> Result<Creation, Fault> {
        self.0.write(["booking.create.begun", "booking.created"], self.0.memory.create(new)).await
    }

    async fn booking(&self, id: BookingId) -> Result<Option<Booking>, Fault> {
        self.0.read(self.0.memory.booking(id)).await
    }

    async fn history(&self, page: History) -> Result<Vec<Booking>, Fault> {
        self.0.read(self.0.memory.history(page)).await
    }

    async fn answer(&self, answers: Vec<SeatAnswer>, now: Timestamp) -> Result<Vec<Booking>, Fault> {
        self.0
            .write(["booking.batch.read", "booking.batch.committed"], self.0.memory.answer(answers, now))
            .await
    }

    async fn begin_payment(&self, payment: BeginPayment) -> Result<Beginning, Fault> {
        self.0
            .write(["booking.pay.begun", "booking.payment.begun"], self.0.memory.begin_payment(payment))
            .await
    }

    async fn settle_payment(&self, report: Report) -> Result<Settled, Fault> {
        self.0
            .write(["booking.settle.begun", "booking.payment.settled"], self.0.memory.settle_payment(report))
            .await
    }

    async fn cancel(&self, cancel: CancelBooking) -> Result<Cancelling, Fault> {
        self.0.write(["booking.cancel.begun", "booking.cancelled"], self.0.memory.cancel(cancel)).await
    }

    async fn expire(&self, now: Timestamp, limit: u32) -> Result<Vec<Booking>, Fault> {
        self.0
            .write(["booking.expiry.found", "booking.expiry.committed"], self.0.memory.expire(now, limit))
            .await
    }

    async fn cancel_stuck(
        &self,
        created_before: Timestamp,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Booking>, Fault> {
        let stuck = self.0.memory.cancel_stuck(created_before, now, limit);
        let ended = self.0.write(["booking.stuck.found", "booking.stuck.committed"], stuck).await?;
        self.0.world.cover_by("bookings that the watchdog cancelled", ended.len() as u64);
        Ok(ended)
    }

    async fn next_deadline(&self) -> Result<Option<Timestamp>, Fault> {
        self.0.read(self.0.memory.next_deadline()).await
    }

    async fn attempts_to_poll(&self, now: Timestamp, limit: u32) -> Result<Vec<PaymentAttempt>, Fault> {
        self.0.read(self.0.memory.attempts_to_poll(now, limit)).await
    }

    async fn refunds_due(&self, limit: u32) -> Result<Vec<Refund>, Fault> {
        self.0.read(self.0.memory.refunds_due(limit)).await
    }

    async fn refunded(&self, attempt: AttemptId) -> Result<Option<Booking>, Fault> {
        self.0
            .write(["booking.refund.noted", "booking.refund.committed"], self.0.memory.refunded(attempt))
            .await
    }

    async fn event(&self, id: EventId) -> Result<Option<Arc<EventOnSale>>, Fault> {
        self.0.read(self.0.memory.event(id)).await
    }

    async fn put_event(&self, event: EventOnSale, at: Timestamp) -> Result<(), Fault> {
        self.0
            .write(["booking.event.begun", "booking.event.committed"], self.0.memory.put_event(event, at))
            .await
    }

    async fn forget_keys(&self, before: Timestamp) -> Result<(), Fault> {
        self.0
            .write(["booking.keys.begun", "booking.keys.committed"], self.0.memory.forget_keys(before))
            .await
    }
}

#[cfg(test)]
mod tests {
    use booking::testing::contract::{self, Inspected};
    use stream::Outgoing;

    use super::*;

    impl Inspected for SimStore {
        async fn sent(&self) -> Vec<Outgoing> {
            self.0.memory.sent()
        }
    }

    #[test]
    fn the_store_keeps_bookings_contract() {
        let world = World::new(1);
        let mut suite =
            pin!(contract::all(|| async { Arc::new(SimStore(Arc::new(BookingDb::new(world.clone())))) }));
        while suite.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {}
    }
}
