//! The queue of decisions: while one batch is being committed, the next one gathers (group commit).
//!
//! Promises: an answer comes after the commit of its batch. A batch that faults is split until the
//! culprit is alone; before that the writer repeats it when a row had moved. Never: delays an
//! answer for a later decision.

use std::sync::Arc;

use booking::decision::{Batch, Decision, Queued, queued};
use kernel::limits;
use tokio::sync::{mpsc, oneshot};

use super::{decide, outlines::Outlines};
use crate::sql::{Database, SqlFault};

type Waiting = Box<dyn Queued<SqlFault>>;

pub(super) struct Queue {
    waiting: mpsc::Sender<Waiting>,
}

impl Queue {
    /// Starts the task that decides.
    pub(super) fn start(database: Database, outlines: Arc<Outlines>) -> Self {
        let (sender, waiting) = mpsc::channel(limits::DECISIONS_WAITING);
        let failure = database.failure.clone();
        failure.spawn("the queue of decisions", run(database, outlines, waiting));
        Self { waiting: sender }
    }

    /// The decision's own answer, after its commit.
    pub(super) async fn decide<D: Decision>(&self, decision: D) -> Result<D::Answer, SqlFault> {
        let (reply, answer) = oneshot::channel();
        // A caller that went away gets no answer; its decision is carried out all the same.
        let waiting = queued(decision, move |answer| drop(reply.send(answer)));
        self.waiting.send(waiting).await.map_err(|_| SqlFault::Closed)?;
        answer.await.map_err(|_| SqlFault::Closed)?
    }
}

async fn run(database: Database, outlines: Arc<Outlines>, mut waiting: mpsc::Receiver<Waiting>) {
    let mut gathered = Vec::with_capacity(limits::DECISIONS_PER_BATCH);
    while waiting.recv_many(&mut gathered, limits::DECISIONS_PER_BATCH).await > 0 {
        let mut open = vec![gathered.split_off(0)];
        while let Some(decisions) = open.pop() {
            let batch = Arc::new(Batch::new(decisions));
            let write = database
                .write(Arc::clone(&batch), |batch, tx| Box::pin(decide::<Batch<SqlFault>>(batch, tx)));
            let outcome = write.await.map(|changes| outlines.committed(changes));
            let mut decisions = batch.take();
            match outcome {
                Err(fault) if decisions.len() > 1 && !fault.meets_all() => {
                    let second = decisions.split_off(decisions.len() / 2);
                    open.extend([second, decisions]);
                }
                outcome => decisions.into_iter().for_each(|decision| decision.answer(outcome.clone())),
            }
        }
    }
}
