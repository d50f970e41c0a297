//! Places in the log in memory, and a service's reading of it.
//!
//! Promises: offsets are answered in order, each once; a place moves only with the records that
//! were answered.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    task::{Context, Poll},
};

use kernel::{
    Fault,
    topic::{Service, Topic},
};

use super::{
    MemoryLog,
    storage::{Interest, Storage},
};
use crate::{Position, Record, port::Reader};

/// Records of one batch.
const BATCH_RECORDS: usize = 1_000;

/// A place in each topic partition that is read.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    next: BTreeMap<(Topic, u16), u64>,
}

impl Cursor {
    /// Resumes at these positions, and at the beginning everywhere else.
    pub(super) fn seek(&mut self, storage: &mut Storage, positions: Vec<Position>) -> Result<(), Fault> {
        let beyond = |at: &Position| at.next > storage.records(at.topic, at.partition).len() as u64;
        if positions.iter().any(beyond) {
            storage.lost = true;
            return Err(Fault::new("resume reading the log", "the log lost records"));
        }
        self.next = positions.into_iter().map(|at| ((at.topic, at.partition), at.next)).collect();
        Ok(())
    }

    /// Some of what is there for the service, of one partition or of all; empty when there is
    /// nothing. Each topic partition has its share.
    pub(super) fn take(
        &mut self,
        storage: &Storage,
        service: Service,
        only: Option<u16>,
        pick: impl Fn(usize) -> usize,
    ) -> Vec<Record> {
        let mut due = Vec::new();
        for (topic, partitions) in storage.topics.iter().filter(|(topic, _)| topic.action.target() == service)
        {
            for (partition, records) in (0_u16..).zip(partitions) {
                let next = self.next.get(&(*topic, partition)).copied().unwrap_or(0);
                if only.is_none_or(|only| only == partition) && next < records.len() as u64 {
                    due.push((*topic, partition, &records[usize::try_from(next).unwrap()..]));
                }
            }
        }
        let mut taken = Vec::new();
        // A random number of them, each with a random part; the rest comes later.
        let mut wanted = if due.is_empty() { 0 } else { pick(due.len()) };
        let share = (BATCH_RECORDS / wanted.max(1)).max(1);
        while wanted > 0 {
            wanted -= 1;
            let (topic, partition, records) = due.swap_remove(pick(due.len()) - 1);
            let part = &records[..pick(records.len().min(share))];
            *self.next.entry((topic, partition)).or_default() += part.len() as u64;
            taken.extend_from_slice(part);
        }
        taken
    }
}

/// One service's reading of the log. It begins at the first record, or where `seek` puts it.
#[derive(Debug)]
pub struct MemoryReader {
    log: MemoryLog,
    service: Service,
    cursor: Cursor,
}

impl MemoryReader {
    pub(super) fn new(log: MemoryLog, service: Service) -> Self {
        Self { log, service, cursor: Cursor::default() }
    }

    fn poll(&mut self, cx: &Context<'_>) -> Poll<Option<Vec<Record>>> {
        let Self { log, service, cursor } = self;
        let mut storage = log.storage.lock().unwrap();
        if storage.reading_stopped {
            return Poll::Ready(None);
        }
        let records = cursor.take(&storage, *service, None, |most| log.director.pick(most));
        if records.is_empty() {
            storage.wait(Interest::Service(*service), cx);
            return Poll::Pending;
        }
        Poll::Ready(Some(records))
    }
}

impl Reader for MemoryReader {
    async fn seek(&mut self, positions: Vec<Position>) -> Result<(), Fault> {
        self.log.director.reach("log.reader.seek").await?;
        self.cursor.seek(&mut self.log.storage.lock().unwrap(), positions)
    }

    async fn next_batch(&mut self) -> Result<Option<Vec<Record>>, Fault> {
        self.log.director.reach("log.reader.begun").await?;
        Ok(poll_fn(|cx| self.poll(cx)).await)
    }

    async fn back_off(&mut self, _: Fault, _: u32) {
        // The outcome of the wait does not matter: the loop tries again in any case.
        let _ = self.log.director.reach("log.back_off").await;
    }
}
