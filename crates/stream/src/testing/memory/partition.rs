//! One partition of the log in memory, as an owner sees it.
//!
//! Promises: the last one to restore is the only owner; the fence comes before the rows are read.

use std::{
    future::poll_fn,
    task::{Context, Poll},
};

use kernel::{Fault, topic::Service};

use super::{
    MemoryLog,
    reader::Cursor,
    storage::{Interest, Write},
};
use crate::{Batch, Position, Record, Row, port::PartitionLog};

#[derive(Debug)]
pub struct MemoryPartition {
    log: MemoryLog,
    partition: u16,
    /// Which owner this is; none until it has restored.
    epoch: Option<u64>,
    cursor: Cursor,
    /// What was read and is not committed.
    in_hand: Vec<Record>,
}

impl MemoryPartition {
    pub(super) fn new(log: MemoryLog, partition: u16) -> Self {
        Self { log, partition, epoch: None, cursor: Cursor::default(), in_hand: Vec::new() }
    }

    /// Whether this member owns the partition, or reading has stopped.
    fn poll_owned(&self, cx: &Context<'_>) -> Poll<bool> {
        let mut storage = self.log.storage.lock().unwrap();
        if storage.reading_stopped {
            return Poll::Ready(false);
        }
        let owner = storage.owners.as_ref().map(|owners| owners[usize::from(self.partition)]);
        if owner.is_none_or(|owner| owner == Some(self.log.member)) {
            return Poll::Ready(true);
        }
        storage.wait(Interest::Seats(self.partition), cx);
        Poll::Pending
    }

    fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<Option<Vec<Record>>, Fault>> {
        let owned = self.poll_owned(cx);
        let Self { log, partition, epoch, cursor, .. } = self;
        match owned {
            Poll::Ready(true) => {}
            Poll::Ready(false) => return Poll::Ready(Ok(None)),
            Poll::Pending => {
                return Poll::Ready(Err(Fault::new("read a partition", "another member owns it")));
            }
        }
        if epoch.is_none() {
            return Poll::Ready(Err(Fault::new("read a partition", "it must be restored")));
        }
        let mut storage = log.storage.lock().unwrap();
        let service = Service::SeatReservation;
        let records = cursor.take(&storage, service, Some(*partition), |most| log.director.pick(most));
        if records.is_empty() {
            storage.wait(Interest::Seats(*partition), cx);
            return Poll::Pending;
        }
        Poll::Ready(Ok(Some(records)))
    }
}

impl PartitionLog for MemoryPartition {
    async fn restore(&mut self) -> Result<Vec<Row>, Fault> {
        self.epoch = None;
        self.in_hand.clear();
        if !poll_fn(|cx| self.poll_owned(cx)).await {
            // Nothing will be decided any more: `next_batch` says so.
            return Ok(Vec::new());
        }
        let (log, n) = (self.log.clone(), usize::from(self.partition));
        log.director.reach("log.restore.owned").await?;
        let stored = log.director.pick(2) == 2;
        let epoch = log.locked().fence(self.partition, stored);
        log.director.reach("log.restore.fenced").await?;
        let rows = log.locked().seats[n].rows();
        log.director.reach("log.restore.read").await?;
        let mut storage = log.locked();
        let at =
            |(topic, next): (&_, &u64)| Position { topic: *topic, partition: self.partition, next: *next };
        let positions = storage.seats[n].positions.iter().map(at).collect();
        self.cursor.seek(&mut storage, positions)?;
        self.epoch = Some(epoch);
        Ok(rows)
    }

    async fn next_batch(&mut self) -> Result<Option<Vec<Record>>, Fault> {
        let director = self.log.director.clone();
        director.reach("log.batch.begun").await?;
        let records = poll_fn(|cx| self.poll(cx)).await?;
        if let Some(records) = &records {
            self.in_hand.extend_from_slice(records);
            director.reach("log.batch.read").await?;
        }
        Ok(records)
    }

    async fn commit(&mut self, batch: Batch) -> Result<(), Fault> {
        let epoch = self.epoch.ok_or_else(|| Fault::new("commit a batch", "it must be restored"))?;
        let write = Write::batch(self.partition, epoch, batch, std::mem::take(&mut self.in_hand));
        self.log.director.reach("log.commit.decided").await?;
        // A loop that continues after a fault is not stopped here: its next commit skips records.
        self.log.write(write, ["log.commit.ready", "log.commit.stored"]).await
    }

    async fn back_off(&mut self, _: Fault, _: u32) {
        // The outcome of the wait does not matter: the loop tries again in any case.
        let _ = self.log.director.reach("log.back_off").await;
    }
}
