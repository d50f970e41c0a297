//! One partition of all seat topics with its state, for the seat loop.
//!
//! Promises: it is restored only while this process owns it, and a restore fences every earlier
//! owner; what was read is committed before the partition is handed over, or read again by the next
//! owner. Never: answers a commit before the brokers did.

use std::{sync::Arc, time::Duration};

use kernel::{Fault, limits};
use stream::{Batch, Record, Row, port::PartitionLog};

use tokio::time::sleep_until;

use super::{Core, backlog::Backlog, client::Tail, membership::Term, session::Session};
use crate::{
    failpoint::{Point, hit},
    log::back_off,
    pace::Pace,
};

/// Shortest time from one commit of a partition to the next.
const PACE: Duration = Duration::from_millis(25);
/// Longest wait for records, after which the wait starts over.
const NEWS: Duration = Duration::from_secs(1);

/// One partition, as its owner sees it.
pub struct KafkaPartition {
    core: Arc<Core>,
    partition: u16,
    /// Kept from one term to the next, since it takes long to make.
    tail: Option<Tail>,
    /// None until it is restored, and after every error.
    session: Option<Session>,
    backlog: Backlog,
    /// When the next batch may be begun.
    pace: Pace,
    /// Whether the last error was that another process owns the partition now.
    moved: bool,
}

impl KafkaPartition {
    pub(super) fn new(core: Arc<Core>, partition: u16) -> Self {
        Self {
            core,
            partition,
            tail: None,
            session: None,
            backlog: Backlog::default(),
            pace: Pace::new(PACE),
            moved: false,
        }
    }

    fn let_go(&mut self) {
        self.session = None;
        self.backlog.clear();
        self.core.membership.set_in_hand(self.partition, false);
    }

    /// Whether the term of the session is still current. Without a session there is nothing to
    /// lose.
    fn is_owned(&self) -> bool {
        self.session.as_ref().is_none_or(|session| {
            kernel::planted("kafka.lost-ownership-unnoticed")
                || self.core.membership.has(self.partition, session.term)
        })
    }

    fn moved(&mut self) -> Fault {
        self.moved = true;
        Fault::new("read a partition", "another process owns it")
    }

    /// Waits for records, while this process owns the partition.
    async fn read(&mut self) -> Result<Option<Vec<Record>>, Fault> {
        let mut lanes = self.core.lanes.watch();
        let mut owner = self.core.membership.owner(self.partition);
        loop {
            if self.core.stop.is_cancelled() {
                return Ok(None);
            }
            owner.mark_unchanged();
            if !self.is_owned() {
                return Err(self.moved());
            }
            let (Some(session), Some(tail)) = (self.session.as_mut(), self.tail.as_mut()) else {
                return Err(Fault::new("read a partition", "it must be restored"));
            };
            let known = Arc::clone(&lanes.borrow_and_update());
            session.extend(&self.core, tail, known).await?;
            if !self.backlog.is_empty() {
                return Ok(Some(self.backlog.take(limits::RECORDS_PER_SEAT_COMMIT)));
            }
            // A wait that is broken off by one of the others has read nothing.
            let fetched = tokio::select! {
                fetched = tail.poll(NEWS) => Some(fetched?),
                _ = lanes.changed() => None,
                _ = owner.changed() => None,
                () = self.core.stop.cancelled() => None,
            };
            if let Some(fetched) = fetched {
                self.backlog.fill(&self.core.names, &fetched)?;
            }
        }
    }
}

impl PartitionLog for KafkaPartition {
    async fn restore(&mut self) -> Result<Vec<Row>, Fault> {
        self.let_go();
        self.moved = false;
        let Some(term) = owned(&self.core, self.partition).await else {
            // Nothing will be decided any more: `next_batch` says so.
            return Ok(Vec::new());
        };
        let (core, partition) = (Arc::clone(&self.core), self.partition);
        let mut tail = match self.tail.take() {
            Some(tail) => tail,
            None => core.clients.tail()?,
        };
        // Boxed, since it is large and rare: the future that waits for records stays small.
        let begin = Box::pin(Session::begin(&core, &mut tail, partition, term));
        let begun = core.stop.run_until_cancelled(begin).await;
        let Some(begun) = begun else { return Ok(Vec::new()) };
        self.tail = Some(tail);
        let (session, rows) = begun?;
        tracing::info!(partition, rows = rows.len(), "partition restored");
        self.session = Some(session);
        Ok(rows)
    }

    async fn next_batch(&mut self) -> Result<Option<Vec<Record>>, Fault> {
        if self.core.stop.is_cancelled() {
            return Ok(None);
        }
        if self.core.stop.run_until_cancelled(sleep_until(self.pace.next())).await.is_none() {
            return Ok(None);
        }
        let Some(batch) = self.read().await? else { return Ok(None) };
        self.pace.begins();
        // First the mark, then the check: either a rebalance waits for the batch, or no batch
        // begins.
        self.core.membership.set_in_hand(self.partition, true);
        if !self.is_owned() {
            self.core.membership.set_in_hand(self.partition, false);
            return Err(self.moved());
        }
        hit(Point::KafkaBatchRead);
        Ok(Some(batch))
    }

    async fn commit(&mut self, batch: Batch) -> Result<(), Fault> {
        // It is put back only after success: on any error the outcome may be unknown.
        let session = self.session.take();
        let mut session =
            session.ok_or_else(|| Fault::new("commit a batch", "the partition must be restored"))?;
        session.commit(&self.core, batch).await?;
        self.session = Some(session);
        self.core.membership.set_in_hand(self.partition, false);
        self.pace.ended(!self.backlog.is_empty());
        Ok(())
    }

    async fn back_off(&mut self, fault: Fault, attempt: u32) {
        self.let_go();
        if self.moved {
            tracing::info!(partition = self.partition, "partition moved to another process");
        } else if !self.core.stop.is_cancelled() {
            back_off(&fault, attempt).await;
        }
    }
}

/// Waits until this process owns the partition; `None` when it shall stop.
async fn owned(core: &Core, partition: u16) -> Option<Term> {
    let mut owner = core.membership.owner(partition);
    let owned = async { owner.wait_for(Option::is_some).await.ok().and_then(|term| *term) };
    core.stop.run_until_cancelled(owned).await.flatten()
}

impl Drop for KafkaPartition {
    fn drop(&mut self) {
        self.core.membership.set_in_hand(self.partition, false);
    }
}
