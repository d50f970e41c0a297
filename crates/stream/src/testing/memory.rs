//! A log in memory: records, the state of ten partitions, and the writes in flight.
//!
//! Promises: what the ports ask, which the contract suite checks. A write is first handed over and
//! then durable; readers see only what is durable. A member that dies in between loses a tail of
//! what it handed over, as [`MemoryLog::lose_tail`] picks it.
//! Never: a thread or a clock. Its [`Director`] is asked at every step.

mod partition;
mod reader;
mod storage;

#[cfg(test)]
mod tests;

use std::{
    fmt,
    future::pending,
    sync::{Arc, Mutex, MutexGuard},
};

use kernel::{
    Fault,
    topic::{Service, Topic},
};

use self::storage::{Storage, Write};
use super::Director;
use crate::{
    Outgoing, Put, Record, Row,
    port::{Changelog, ChangelogFeed, Log, Publisher},
};

pub use partition::MemoryPartition;
pub use reader::MemoryReader;

/// Which member owns each partition; `None`: every handle may take every partition over, as within
/// one process.
pub type Terms = Option<Vec<Option<u32>>>;

/// The records that one commit of a partition consumed, in the order in which they were decided.
#[derive(Debug, Clone)]
pub struct Consumed {
    pub epoch: u64,
    pub records: Vec<Record>,
}

/// What happened to writes that did not go the usual way.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Commits of an owner that another one had followed.
    pub fenced: u64,
    /// Commits on their way that a later owner ended.
    pub ended: u64,
    /// Commits on their way that a later owner found stored.
    pub found_stored: u64,
    /// Writes that died with the process that handed them over.
    pub lost: u64,
    /// Writes that outlived the process that handed them over.
    pub outlived: u64,
}

/// A handle of one member on the log. Clones share everything.
#[derive(Clone)]
pub struct MemoryLog {
    storage: Arc<Mutex<Storage>>,
    director: Arc<dyn Director>,
    member: u32,
}

impl fmt::Debug for MemoryLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLog").field("member", &self.member).finish_non_exhaustive()
    }
}

impl MemoryLog {
    /// An empty log.
    pub fn new(director: Arc<dyn Director>) -> Self {
        Self { storage: Arc::default(), director, member: 0 }
    }

    /// The same log, as another member opens it.
    #[must_use]
    pub fn of_member(&self, member: u32) -> Self {
        Self { member, ..self.clone() }
    }

    fn locked(&self) -> MutexGuard<'_, Storage> {
        self.storage.lock().unwrap()
    }

    /// The process of this member dies: of what it handed over and did not see stored, some comes
    /// first and is durable; the rest is lost.
    pub fn lose_tail(&self) {
        let mut storage = self.locked();
        let handed_over = storage.unsynced_of(self.member);
        let kept = self.director.pick(handed_over + 1) - 1;
        storage.settle(self.member, kept);
    }

    /// Opens it again after a shutdown or a crash.
    pub fn open_again(&self) {
        self.locked().stopped = false;
    }

    /// Assigns partitions to members. A member that loses one notices at its next read; the one
    /// that gets it may restore it.
    pub fn assign(&self, terms: Terms) {
        let mut storage = self.locked();
        storage.owners = terms;
        storage.wake_all();
    }

    /// The durable records of one topic's partition.
    pub fn records(&self, topic: Topic, partition: u16) -> Vec<Record> {
        self.locked().records(topic, partition).to_vec()
    }

    /// Calls `see` with each durable record from these lengths on, and moves the lengths on. By
    /// topic, partition and offset.
    pub fn records_since(
        &self,
        seen: &mut std::collections::BTreeMap<(Topic, u16), usize>,
        mut see: impl FnMut(&Record),
    ) {
        let storage = self.locked();
        for (topic, partitions) in &storage.topics {
            for (partition, records) in (0_u16..).zip(partitions) {
                let seen = seen.entry((*topic, partition)).or_default();
                records[*seen..].iter().for_each(&mut see);
                *seen = records.len();
            }
        }
    }

    /// The durable rows of one partition.
    pub fn rows(&self, partition: u16) -> Vec<Row> {
        self.locked().seats[usize::from(partition)].rows()
    }

    /// Calls `see` with what each commit of one partition consumed, in order, without the first
    /// `seen` commits.
    pub fn consumed_since(&self, partition: u16, seen: usize, see: impl FnMut(&Consumed)) {
        self.locked().seats[usize::from(partition)].consumed[seen..].iter().for_each(see);
    }

    /// Records that the seat loops put aside, each with the reason.
    pub fn dead_letters(&self) -> Vec<String> {
        let storage = self.locked();
        let letters = storage.seats.iter().flat_map(|seats| &seats.dead_letters);
        letters.map(|letter| letter.reason.clone()).collect()
    }

    pub fn counts(&self) -> Counts {
        self.locked().counts
    }

    /// How many durable records the seat loops have not read.
    pub fn unread_by_seats(&self) -> u64 {
        self.locked().unread_by_seats()
    }

    /// How many durable records of a service lie behind these positions.
    pub fn unread_by(&self, service: Service, next: impl Fn(Topic, u16) -> u64) -> u64 {
        self.locked().unread_by(service, next)
    }

    /// Hands a write over and sees it stored.
    async fn write(&self, write: Write, steps: [&'static str; 2]) -> Result<(), Fault> {
        let number = self.locked().hand_over(self.member, write)?;
        self.director.reach(steps[0]).await?;
        let stored = self.locked().sync(number);
        self.director.reach(steps[1]).await?;
        if stored {
            Ok(())
        } else {
            Err(Fault::new("write to the log", "an owner that came later ended the write"))
        }
    }
}

impl Publisher for MemoryLog {
    async fn publish(&self, messages: Vec<Outgoing>) -> Result<(), Fault> {
        if let Err(fault) = self.director.reach("log.publish.begun").await {
            let arrived = self.director.pick(messages.len() + 1) - 1;
            let mut storage = self.locked();
            let number = storage
                .hand_over(self.member, Write::messages(messages.into_iter().take(arrived).collect()))?;
            storage.sync(number);
            return Err(fault);
        }
        self.write(Write::messages(messages), ["log.publish.sent", "log.publish.stored"]).await
    }
}

/// The commits after a snapshot.
pub struct MemoryFeed {
    storage: Arc<Mutex<Storage>>,
    feed: usize,
}

impl ChangelogFeed for MemoryFeed {
    async fn next(&mut self) -> Result<Option<Vec<Put>>, Fault> {
        let (storage, feed) = (Arc::clone(&self.storage), self.feed);
        std::future::poll_fn(move |cx| storage.lock().unwrap().poll_feed(feed, cx)).await
    }
}

impl Drop for MemoryFeed {
    fn drop(&mut self) {
        if let Ok(mut storage) = self.storage.lock() {
            storage.feeds.remove(&self.feed);
        }
    }
}

impl Changelog for MemoryLog {
    type Feed = MemoryFeed;

    async fn follow(&self) -> Result<(Vec<Row>, MemoryFeed), Fault> {
        self.director.reach("log.follow").await?;
        let mut storage = self.locked();
        let rows = storage.seats.iter().flat_map(storage::Seats::rows).collect();
        Ok((rows, MemoryFeed { storage: Arc::clone(&self.storage), feed: storage.add_feed() }))
    }
}

impl Log for MemoryLog {
    type Partition = MemoryPartition;
    type Reader = MemoryReader;

    fn partition(&self, n: u16) -> MemoryPartition {
        MemoryPartition::new(self.clone(), n)
    }

    fn reader(&self, service: Service) -> MemoryReader {
        MemoryReader::new(self.clone(), service)
    }

    async fn failed(&self) -> Arc<str> {
        if !self.locked().lost {
            pending::<()>().await;
        }
        "the log lost records".into()
    }

    fn stop_reading(&self) {
        let mut storage = self.locked();
        storage.reading_stopped = true;
        storage.wake_all();
    }

    async fn shutdown(&self) {
        self.stop_reading();
        self.locked().stopped = true;
    }
}
