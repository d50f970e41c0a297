//! One partition of all seat topics with its state, for the seat loop.
//!
//! Promises: state, positions, outgoing messages and dead letters of a batch are stored together;
//! the latest to restore is the only owner, and earlier owners' commits are refused. Never: answers
//! a commit before it is synced.

use std::sync::Arc;

use kernel::{Fault, limits, topic::Service};
use stream::{Batch, Record, Row, port::PartitionLog};
use tokio::sync::oneshot;

use super::{Core, committer::Job, cursor::Cursor, database};
use crate::{
    failpoint::{Point, hit},
    log::back_off,
};

/// The reader group that the seat loops' positions are kept under.
pub(super) const GROUP: Service = Service::SeatReservation;

/// One partition, as its owner sees it.
pub struct LocalPartition {
    core: Arc<Core>,
    partition: u16,
    /// Which restore this owner made; the committer knows the newest.
    epoch: u64,
    cursor: Cursor,
}

impl LocalPartition {
    pub(super) fn new(core: Arc<Core>, partition: u16) -> Self {
        let cursor =
            Cursor::new(Arc::clone(&core.shared), GROUP, Some(partition), limits::RECORDS_PER_SEAT_COMMIT);
        Self { core, partition, epoch: 0, cursor }
    }
}

impl PartitionLog for LocalPartition {
    async fn restore(&mut self) -> Result<Vec<Row>, Fault> {
        if self.cursor.stopped() {
            // Nothing will be decided any more: `next_batch` says so.
            return Ok(Vec::new());
        }
        let (answer, owned) = oneshot::channel();
        self.core.send(Job::Own { partition: self.partition, answer })?;
        self.epoch = owned.await.map_err(|_| Fault::new("own a partition", "the log was shut down"))??;
        hit(Point::LocalRestoreOwned);
        // From here on nobody else can commit to this partition, so that rows and positions belong
        // together.
        let partition = self.partition;
        let (rows, mut positions) = self
            .core
            .shared
            .store
            .read(|db| Ok((database::state_of(db, partition)?, database::positions(db, GROUP)?)))?;
        positions.retain(|at, _| at.partition == partition);
        self.cursor.seek(positions)?;
        hit(Point::LocalRestoreRead);
        Ok(rows)
    }

    async fn next_batch(&mut self) -> Result<Option<Vec<Record>>, Fault> {
        let batch = self.cursor.next_batch().await?;
        hit(Point::LocalBatchRead);
        Ok(batch)
    }

    async fn commit(&mut self, batch: Batch) -> Result<(), Fault> {
        hit(Point::LocalBatchDecided);
        let (answer, stored) = oneshot::channel();
        self.core.send(Job::Commit { partition: self.partition, epoch: self.epoch, batch, answer })?;
        stored.await.map_err(|_| Fault::new("commit to the log", "the log was shut down"))??;
        hit(Point::LocalBatchCommitted);
        Ok(())
    }

    async fn back_off(&mut self, fault: Fault, attempt: u32) {
        if !self.cursor.stopped() {
            back_off(&fault, attempt).await;
        }
    }
}
