//! Booking's database: the store in memory that passes booking's contract suite, behind steps at
//! which the seed strikes.
//!
//! Promises: a transaction is done in one go between its first and its last step. A fault before it
//! means that nothing was done; one after it is the COMMIT that nobody answered.

use std::{
    collections::BTreeSet,
    future::Future,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
    time::Duration,
};

use booking::{
    Booking, Overdue, PaymentAttempt,
    app::{
        cancel::CancelBooking, create_booking::CreateBooking, expire::Expire, incoming::Incoming,
        pay::BeginPayment, refund::NoteRefund, settle_payment::Report,
    },
    decision::Decision,
    ports::{BookingStore, History},
    testing::MemoryStore,
};
use kernel::{BookingId, EventId, Fault, Timestamp, message::EventOnSale};
use stream::testing::Director;

use crate::{
    queue::{self, Queue},
    relay::Relayed,
    sql::{Known, Moves, Outbox, Positions, locked},
    world::{ProcessId, World},
};

/// How much too early a list of what is due may be.
const HASTE: Duration = Duration::from_secs(10);

/// The database of booking. It outlives every process.
#[derive(Debug)]
pub(crate) struct BookingDb {
    pub(crate) world: World,
    pub(crate) memory: MemoryStore,
    pub(crate) positions: Positions,
    pub(crate) outbox: Outbox,
    pub(crate) dead_letters: Mutex<Vec<String>>,
    /// Bookings whose end was judged.
    pub(crate) expired: Mutex<BTreeSet<BookingId>>,
}

/// The answer of a future that never waits: a store in memory does its work at once.
pub(crate) fn at_once<T>(work: impl Future<Output = T>) -> T {
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
            expired: Mutex::default(),
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
        self.world.reach(steps[1]).await.inspect_err(|_| self.unanswered())?;
        Ok(answer)
    }

    pub(crate) fn unanswered(&self) {
        self.world.cover("commits that nobody answered");
    }

    async fn read<T>(&self, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        self.world.reach("booking.read").await?;
        at_once(work)
    }

    pub(crate) async fn load(&self, known: &mut Known) -> Result<Vec<stream::Position>, Fault> {
        self.world.reach("booking.positions").await?;
        Ok(known.load(&self.positions))
    }

    /// A batch of records with its positions, in one transaction; the bookings that changed.
    pub(crate) async fn take_in(
        &self,
        moves: &Moves,
        decisions: &Vec<Incoming>,
        dead_letters: Vec<String>,
    ) -> Result<Vec<Booking>, Fault> {
        self.write(["booking.batch.read", "booking.batch.committed"], async {
            self.positions
                .make(moves)
                .inspect_err(|_| self.world.cover("readers that were replaced and refused"))?;
            locked(&self.dead_letters).extend(dead_letters);
            let (_, changes) = self.memory.carry_out(decisions);
            Ok(changes.all_bookings().cloned().collect())
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

/// A process's way to the database, and its queue of decisions.
#[derive(Debug, Clone)]
pub(crate) struct SimStore(pub(crate) Arc<BookingDb>, Arc<Queue>);

impl SimStore {
    /// Starts the task that decides.
    pub(crate) fn of_process(database: &Arc<BookingDb>, process: ProcessId) -> Self {
        let queue = Arc::<Queue>::default();
        let deciding = queue::run(Arc::clone(database), Arc::clone(&queue), process);
        database.world.spawn(process, deciding);
        Self(Arc::clone(database), queue)
    }
}

impl BookingStore for SimStore {
    async fn decide<D: Decision>(&self, decision: D) -> Result<D::Answer, Fault> {
        let [begun, committed] = steps(D::DOING);
        self.0.world.reach(begun).await?;
        let answer = self.1.decide(decision).await?;
        self.0.world.reach(committed).await.inspect_err(|_| self.0.unanswered())?;
        Ok(answer)
    }

    async fn booking(&self, id: BookingId) -> Result<Option<Booking>, Fault> {
        self.0.read(self.0.memory.booking(id)).await
    }

    async fn history(&self, page: History) -> Result<Vec<Booking>, Fault> {
        self.0.read(self.0.memory.history(page)).await
    }

    async fn due(&self, overdue: Overdue, now: Timestamp, limit: u32) -> Result<Vec<BookingId>, Fault> {
        // The list is no more than a proposal: now and then it names what is due a little later.
        let hasty = self.0.world.faulty() && self.0.world.chance(3);
        let until = if hasty { now + HASTE } else { now };
        if hasty {
            self.0.world.cover("sweeps with bookings that are not due");
        }
        self.0.read(self.0.memory.due(overdue, until, limit)).await
    }

    async fn next_deadline(&self, after: Timestamp) -> Result<Option<Timestamp>, Fault> {
        self.0.read(self.0.memory.next_deadline(after)).await
    }

    async fn attempts_due(&self, now: Timestamp, limit: u32) -> Result<Vec<PaymentAttempt>, Fault> {
        self.0.read(self.0.memory.attempts_due(now, limit)).await
    }

    async fn event(&self, id: EventId, longest: Duration) -> Result<Option<Arc<EventOnSale>>, Fault> {
        self.0.read(self.0.memory.event(id, longest)).await
    }
}

/// The steps before and after the transaction of a decision, by what it does.
fn steps(doing: &'static str) -> [&'static str; 2] {
    match doing {
        CreateBooking::DOING => ["booking.create.begun", "booking.created"],
        CancelBooking::DOING => ["booking.cancel.begun", "booking.cancelled"],
        BeginPayment::DOING => ["booking.pay.begun", "booking.payment.begun"],
        Report::DOING => ["booking.settle.begun", "booking.payment.settled"],
        Expire::DOING => ["booking.expiry.found", "booking.expiry.committed"],
        NoteRefund::DOING => ["booking.refund.noted", "booking.refund.committed"],
        _ => ["booking.other.begun", "booking.other.committed"],
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
        let of = world.clone();
        let fresh = move || {
            let store = SimStore::of_process(&Arc::new(BookingDb::new(of.clone())), 0);
            async { Arc::new(store) }
        };
        assert!(crate::world::run(&world, contract::all(fresh), || {}));
    }
}
