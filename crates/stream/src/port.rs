//! The ports of the engine. Each duty is stated here; `adapters` implements them, and one contract
//! suite checks them.

use std::{future::Future, sync::Arc};

use bytes::Bytes;
use kernel::{
    EventId, Fault, SectionName,
    message::{Envelope, Source},
    topic::{self, Action, Lane, Service, Topic},
};

/// One record of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it lies.
    pub source: Source,
    pub key: Bytes,
    pub payload: Bytes,
}

/// A message on its way to the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub topic: Topic,
    pub partition: u16,
    pub key: Bytes,
    pub payload: Bytes,
}

impl Outgoing {
    /// A message about one section's seats: it goes to the section's partition.
    pub fn to_section(
        lane: Lane,
        action: Action,
        event: EventId,
        section: &SectionName,
        partition: u16,
        envelope: &Envelope,
    ) -> Self {
        Self {
            topic: Topic::new(kernel::sabotaged!("lanes.own-lane-ignored", lane, Lane::Shared), action),
            partition,
            key: topic::section_key(event, section, partition).into(),
            payload: envelope.encode(),
        }
    }

    /// A message about one event as a whole.
    pub fn to_event(lane: Lane, action: Action, event: EventId, envelope: &Envelope) -> Self {
        Self {
            topic: Topic::new(lane, action),
            partition: topic::event_partition(event),
            key: topic::event_key(event).into(),
            payload: envelope.encode(),
        }
    }
}

/// The offset of the next record to read of a topic's partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub topic: Topic,
    pub partition: u16,
    pub next: u64,
}

/// A row of a partition's state: key and value.
pub type Row = (Bytes, Bytes);

/// One row of a partition's state: a new value, or none to remove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    pub key: Bytes,
    pub value: Option<Bytes>,
}

/// A dead letter: a record that cannot be decoded, stored with the reason so that nothing is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    pub record: Record,
    pub reason: String,
}

/// What one commit makes durable, all or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    pub positions: Vec<Position>,
    pub puts: Vec<Put>,
    pub outgoing: Vec<Outgoing>,
    pub dead_letters: Vec<DeadLetter>,
}

/// One partition of all seat topics of all lanes, together with its state. Exactly one owner at a
/// time.
pub trait PartitionLog: Send {
    /// The partition's committed state, every row once. Reading resumes at the committed positions
    /// afterwards. Before it answers, no earlier owner can commit any more.
    fn restore(&mut self) -> impl Future<Output = Result<Vec<Row>, Fault>> + Send;

    /// Waits for committed records and answers with some, in order within each topic; `None` when
    /// this owner shall stop.
    fn next_batch(&mut self) -> impl Future<Output = Result<Option<Vec<Record>>, Fault>> + Send;

    /// Makes the batch durable, all or nothing. On an error the outcome may be unknown: the caller
    /// must `restore` before it continues.
    fn commit(&mut self, batch: Batch) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Reports the fault and waits a moment that grows with `attempt` (from 1).
    fn back_off(&mut self, fault: Fault, attempt: u32) -> impl Future<Output = ()> + Send;
}

/// What one service reads: all partitions of its topics, of all lanes, also of lanes that come
/// later.
pub trait Reader: Send {
    /// Resumes at these positions, and at the beginning of every partition that is not named.
    fn seek(&mut self, positions: Vec<Position>) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Waits for committed records and answers with some, in order within each partition; `None`
    /// when the reader shall stop.
    fn next_batch(&mut self) -> impl Future<Output = Result<Option<Vec<Record>>, Fault>> + Send;

    /// Reports the fault and waits a moment that grows with `attempt` (from 1).
    fn back_off(&mut self, fault: Fault, attempt: u32) -> impl Future<Output = ()> + Send;
}

/// Appends messages to the log.
pub trait Publisher: Send + Sync {
    /// When it answers, all messages are durable, in the given order within each partition. On an
    /// error some may be.
    fn publish(&self, messages: Vec<Outgoing>) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// Follows the seat state of all partitions, for live views. Never used to decide.
pub trait Changelog: Send + Sync {
    type Feed: ChangelogFeed;

    /// Every committed row once, and a feed of all commits after that, without a gap.
    fn follow(&self) -> impl Future<Output = Result<(Vec<Row>, Self::Feed), Fault>> + Send;
}

/// The commits after a snapshot, in commit order per partition.
pub trait ChangelogFeed: Send {
    /// Waits for commits and answers with their rows; `None` when the log shuts down.
    fn next(&mut self) -> impl Future<Output = Result<Option<Vec<Put>>, Fault>> + Send;
}

/// A log with all its ports. Clones share it.
pub trait Log: Publisher + Changelog + Clone + 'static {
    type Partition: PartitionLog + 'static;
    type Reader: Reader + 'static;

    /// Partition `n` of all seat topics with its state.
    fn partition(&self, n: u16) -> Self::Partition;

    /// Everything that one service reads.
    fn reader(&self, service: Service) -> Self::Reader;

    /// Waits until the log has failed permanently, and returns the reason. The process should log
    /// it and exit.
    fn failed(&self) -> impl Future<Output = Arc<str>> + Send;

    /// Stops all readers, partitions and feeds: their next answer is `None`. Writing still works.
    fn stop_reading(&self);

    /// Stops all reading, stores what was handed over before, and closes. Everything that comes
    /// later gets a fault.
    fn shutdown(&self) -> impl Future<Output = ()> + Send;
}
