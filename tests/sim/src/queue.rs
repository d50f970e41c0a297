//! Booking's queue of decisions in one process, as the adapter has it (group commit): waiting
//! decisions of all kinds share one working set and one commit.
//!
//! Promises: an answer comes after the commit of its batch. A batch whose guard fails is repeated;
//! one that faults is split until the culprit is alone, unless the database itself is away.
//! Never: decides, or holds a decision back for a later one.

use std::sync::{Arc, Mutex};

use booking::{
    Booking, CancelReason, State,
    decision::{Batch, Decision, Queued, queued},
};
use futures::channel::oneshot;
use kernel::{Fault, limits};
use stream::testing::Director;

use crate::{
    sql::locked,
    store::BookingDb,
    town::late_money_ended,
    world::{Bell, ProcessId, World},
};

/// A batch is repeated so often before it faults.
const TRIES: usize = 3;

type Waiting = Box<dyn Queued<Failure>>;

/// What kept a batch from being committed, or its commit from being answered.
#[derive(Debug, Clone)]
enum Failure {
    /// A row had moved at each try.
    Moved,
    /// The database did not answer.
    Away(Arc<str>),
}

/// The decisions of one process that wait.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waitings>,
    filled: Bell,
}

#[derive(Default)]
struct Waitings(Vec<Waiting>);

impl std::fmt::Debug for Waitings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Waitings").field(&self.0.len()).finish()
    }
}

impl Queue {
    /// The decision's own answer, after its commit.
    pub(crate) async fn decide<D: Decision>(&self, decision: D) -> Result<D::Answer, Fault> {
        let (reply, answer) = oneshot::channel();
        // A caller that went away gets no answer; its decision is carried out all the same.
        locked(&self.waiting).0.push(queued(decision, move |answer| drop(reply.send(answer))));
        self.filled.ring();
        match answer.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(Failure::Moved)) => Err(Fault::new(D::DOING, "a row moved at each try")),
            Ok(Err(Failure::Away(reason))) => Err(Fault::new(D::DOING, reason.to_string())),
            Err(_) => Err(Fault::new(D::DOING, "the queue is gone")),
        }
    }

    /// Some of what waits: what comes meanwhile gathers for the next batch.
    fn gather(&self, world: &World) -> Vec<Waiting> {
        let waiting = &mut locked(&self.waiting).0;
        let most = waiting.len().min(limits::DECISIONS_PER_BATCH);
        let end = if most == 0 { 0 } else { world.pick(most) };
        waiting.drain(..end).collect()
    }
}

/// Decides for as long as the process lives.
pub(crate) async fn run(database: Arc<BookingDb>, queue: Arc<Queue>, process: ProcessId) {
    let world = database.world.clone();
    loop {
        let heard = queue.filled.rung();
        let gathered = queue.gather(&world);
        if gathered.is_empty() {
            queue.filled.wait(heard).await;
            continue;
        }
        if gathered.len() > 1 {
            world.cover("batches of several decisions");
        }
        let mut open = vec![gathered];
        while let Some(decisions) = open.pop() {
            let batch = Batch::new(decisions);
            let outcome = commit(&database, &batch, process).await;
            let mut decisions = batch.take();
            match outcome {
                Err(Failure::Moved) if decisions.len() > 1 => {
                    world.cover("batches that were split");
                    let second = decisions.split_off(decisions.len() / 2);
                    open.extend([second, decisions]);
                }
                outcome => decisions.into_iter().for_each(|decision| decision.answer(outcome.clone())),
            }
        }
    }
}

/// One transaction. Now and then its guard fails, whatever the rows are: then nothing was done.
async fn commit(database: &BookingDb, batch: &Batch<Failure>, process: ProcessId) -> Result<(), Failure> {
    let world = &database.world;
    let away = |fault: Fault| Failure::Away(kernel::fault::chain(&fault).into());
    world.reach("booking.queue.begun").await.map_err(away)?;
    let contended = world.faulty() && world.chance(2);
    let mut tries = 0;
    while contended && world.chance(60) {
        database.memory.decide_in_vain(batch);
        tries += 1;
        if tries == TRIES {
            return Err(Failure::Moved);
        }
        world.cover("batches that were repeated");
        world.reach("booking.queue.begun").await.map_err(away)?;
    }
    let ((), changes) = database.memory.carry_out(batch);
    database.outbox.written.ring();
    changes.all_bookings().for_each(|booking| ended_in_time(database, process, booking));
    world.reach("booking.queue.committed").await.inspect_err(|_| database.unanswered()).map_err(away)
}

/// I14, by the true time: a process ends nothing before its deadline, but for its clock's error.
/// What another process changes of a booking that has ended is no end.
fn ended_in_time(database: &BookingDb, process: ProcessId, booking: &Booking) {
    let State::Cancelled { held, reason: CancelReason::Expired, .. } = &booking.state else { return };
    if !locked(&database.expired).insert(booking.id) {
        return;
    }
    let world = &database.world;
    let deadline = match held {
        Some(_) if late_money_ended(booking) => return,
        Some((_, pay_by)) => *pay_by,
        None => booking.created_at + limits::PROCESSING_DEADLINE,
    };
    let early = deadline.as_millis() - world.now() - world.fastest_ms(process);
    if early > 0 {
        world.violated(format!("I14 {} ended {early} ms before its deadline", booking.id));
    }
}
