//! One term of this process as the owner of a partition: it fences earlier owners, brings the
//! checkpoint up to the changelog's end, and commits batches.
//!
//! Promises: the order of ADR 010 (first the fence, then the changelog to its end, then the
//! positions that it holds); rows, positions, messages and dead letters of a batch are one
//! transaction; the local checkpoint follows it. Never: continues after an error; its owner drops
//! the session and begins another.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use confluent_kafka::{
    common::TopicPartition,
    consumer::{ConsumerRecord, ConsumerRecords},
};
use kernel::{
    Fault,
    topic::{Service, Topic},
};
use stream::{Batch, Position, Put, Row};
use tokio::{
    task::spawn_blocking,
    time::{Instant, timeout},
};

use super::{
    Core,
    change::{Change, ReadUpTo},
    client::{OnItsWay, Sender, TRANSACTION_TIMEOUT, Tail, fault},
    dead_letter,
    lanes::Known,
    membership::Term,
    store::{Checkpoint, Store},
    topics::{Extent, REMOVALS_KEPT},
};
use crate::failpoint::{Point, hit};

/// How long the brokers may take to fence earlier owners. A producer whose request was lost while a
/// broker came back would wait for much longer than the next one takes.
const FENCE: Duration = Duration::from_secs(5);
/// Longest wait for records of the changelog, after which the wait starts over.
const NEWS: Duration = Duration::from_secs(1);

/// A changelog that makes no progress for so long has a hanging transaction: the
/// brokers end those of dead owners sooner.
const STANDSTILL: Duration = Duration::from_secs(3 * TRANSACTION_TIMEOUT.as_secs());

pub(super) struct Session {
    pub(super) term: Term,
    partition: u16,
    sender: Sender,
    /// The lanes that are read.
    known: Arc<Known>,
    /// Up to where the local checkpoint goes.
    checkpoint: Option<u64>,
}

impl Session {
    /// Takes the partition over. Answers its rows; the tail resumes behind what they were made of.
    pub(super) async fn begin(
        core: &Core,
        tail: &mut Tail,
        partition: u16,
        term: Term,
    ) -> Result<(Self, Vec<Row>), Fault> {
        core.membership.confirm().await?;
        hit(Point::KafkaRestoreOwned);
        let sender = core.clients.owner(partition)?;
        // A rebalance waits for this: otherwise it could fence its successor.
        core.membership.set_in_hand(partition, true);
        let fenced = fence(core, &sender, partition, term).await;
        core.membership.set_in_hand(partition, false);
        kernel::sabotaged!("kafka.fence-failure-ignored", fenced, Ok(()))?;
        hit(Point::KafkaRestoreFenced);
        let mut session = Self { term, partition, sender, known: core.lanes.known(), checkpoint: None };
        session.catch_up(core, tail).await?;
        let (rows, positions) = match load(core.store()?, partition).await {
            Ok(loaded) => loaded,
            Err(damage) => {
                super::warn(&damage, "a checkpoint is damaged; rebuilding it from the changelog");
                core.store()?.forget(partition)?;
                session.catch_up(core, tail).await?;
                load(core.store()?, partition).await?
            }
        };
        hit(Point::KafkaRestoreLoaded);
        session.resume_from(core, tail, &positions).await?;
        hit(Point::KafkaRestoreDone);
        Ok((session, rows))
    }

    /// Reads the changelog to its end and applies it to the checkpoint.
    async fn catch_up(&mut self, core: &Core, tail: &mut Tail) -> Result<(), Fault> {
        let at = TopicPartition::new(core.names.changelog(), i32::from(self.partition));
        let extent = core.topics.extents(std::slice::from_ref(&at)).await?;
        let extent = *extent.get(&at).ok_or_else(|| Fault::new("read the changelog", "no offsets of it"))?;
        let stored = self.sound_checkpoint(core, extent)?;
        self.checkpoint = stored.as_ref().map(|checkpoint| checkpoint.next);
        let mut at_millis = stored.map_or(0, |checkpoint| checkpoint.at_millis);
        tail.assign(vec![at.clone()]).await?;
        tail.seek(at.clone(), self.checkpoint.unwrap_or(extent.first)).await?;
        let mut still_since = Instant::now();
        while tail.position(&at).await? < extent.next {
            let records = tail.poll(NEWS).await?;
            let mut changes = changes(&records)?;
            changes.truncate(changes.len().saturating_sub(kernel::sabotaged!(
                "kafka.restore-ends-early",
                0,
                1
            )));
            if !changes.is_empty() {
                still_since = Instant::now();
            } else if still_since.elapsed() > STANDSTILL {
                still_since = Instant::now();
                tracing::error!(
                    partition = self.partition,
                    topic = core.names.changelog(),
                    read = self.checkpoint,
                    end = extent.next,
                    "restore waits for a hanging transaction on the changelog; see the runbook for how to abort it"
                );
            }
            at_millis = (&records).into_iter().last().map_or(at_millis, ConsumerRecord::timestamp);
            let next = tail.position(&at).await?;
            hit(Point::KafkaRestoreRead);
            self.advance(core, next, at_millis, changes).await?;
            hit(Point::KafkaRestoreAdvanced);
        }
        Ok(())
    }

    /// The stored checkpoint, if it fits the changelog. One that ends before the changelog's first
    /// record is discarded; one that is ahead of the changelog shows that the log lost data. Behind
    /// the last record lies the mark of its commit.
    fn sound_checkpoint(&self, core: &Core, extent: Extent) -> Result<Option<Checkpoint>, Fault> {
        let store = core.store()?;
        let stored = match store.checkpoint(self.partition) {
            Ok(None) => return Ok(None),
            Ok(Some(stored)) => stored,
            Err(damage) => {
                super::warn(&damage, "a checkpoint is damaged; rebuilding it from the changelog");
                store.forget(self.partition)?;
                return Ok(None);
            }
        };
        let lost = core.lost(self.partition, &stored, extent);
        if let Some(what) = kernel::sabotaged!("kafka.lost-records-accepted", lost, None) {
            return Err(core.failure.refuse(what));
        }
        if stored.next < extent.first || (stored.next + 1 < extent.next && is_old(stored.at_millis)) {
            store.forget(self.partition)?;
            return Ok(None);
        }
        Ok(Some(stored))
    }

    async fn advance(
        &mut self,
        core: &Core,
        next: u64,
        at_millis: i64,
        changes: Vec<Change>,
    ) -> Result<(), Fault> {
        let (store, partition, from) = (Arc::clone(core.store()?), self.partition, self.checkpoint);
        let to = Checkpoint { next, at_millis, topic_id: core.changelog_id.clone() };
        blocking(move || store.advance(partition, from, &to, &changes)).await?;
        self.checkpoint = Some(next);
        Ok(())
    }

    /// Resumes reading behind these positions.
    async fn resume_from(
        &mut self,
        core: &Core,
        tail: &mut Tail,
        positions: &BTreeMap<Topic, ReadUpTo>,
    ) -> Result<(), Fault> {
        self.known = core.lanes.heard_of(positions.keys().map(|topic| topic.lane)).await?;
        self.check(core, positions).await?;
        let read: Vec<_> = self.read(core, &self.known).collect();
        tail.assign(read.iter().map(|(_, at)| at.clone()).collect()).await?;
        for (topic, at) in read {
            tail.seek(at, positions.get(&topic).map_or(0, |position| position.next)).await?;
        }
        Ok(())
    }

    fn read<'a>(
        &'a self,
        core: &'a Core,
        known: &'a Known,
    ) -> impl Iterator<Item = (Topic, TopicPartition)> + 'a {
        core.lanes.read_by(known, Service::SeatReservation, self.partition..self.partition + 1)
    }

    /// Whether the log still holds the records before these positions.
    async fn check(&self, core: &Core, positions: &BTreeMap<Topic, ReadUpTo>) -> Result<(), Fault> {
        let place = |topic| TopicPartition::new(core.names.topic(topic), i32::from(self.partition));
        let asked: Vec<_> = positions.keys().map(|&topic| place(topic)).collect();
        let extents = core.topics.extents(&asked).await?;
        for position in positions.values() {
            let topic = position.topic;
            let same = self.topic_id(topic).is_some_and(|id| *id == position.topic_id);
            let within = extents
                .get(&place(topic))
                .is_some_and(|extent| (extent.first..=extent.next).contains(&position.next));
            if !same || !within {
                let (partition, next) = (self.partition, position.next);
                return Err(core.failure.refuse(format!(
                    "{topic} partition {partition} was read up to {next}, which it does not hold any more"
                )));
            }
        }
        Ok(())
    }

    fn topic_id(&self, topic: Topic) -> Option<&Bytes> {
        self.known.get(&topic.lane)?.get(&topic.action)
    }

    /// Reads also the lanes that came since, from their first records on.
    pub(super) async fn extend(
        &mut self,
        core: &Core,
        tail: &mut Tail,
        known: Arc<Known>,
    ) -> Result<(), Fault> {
        if Arc::ptr_eq(&known, &self.known) {
            return Ok(());
        }
        let read: Vec<_> = self.read(core, &known).collect();
        tail.assign(read.iter().map(|(_, at)| at.clone()).collect()).await?;
        for (topic, at) in read {
            if !self.known.contains_key(&topic.lane) {
                tail.seek(at, 0).await?;
            }
        }
        self.known = known;
        Ok(())
    }

    /// Commits a batch in one transaction, then applies it to the checkpoint.
    pub(super) async fn commit(&mut self, core: &Core, batch: Batch) -> Result<(), Fault> {
        let topics = batch.outgoing.iter().map(|message| message.topic);
        core.lanes.ensure(topics, &*core.publisher()?).await?;
        self.sender.producer().begin_transaction().map_err(fault("begin a transaction"))?;
        hit(Point::KafkaBatchBegun);
        self.send_messages(core, &batch).await?;
        hit(Point::KafkaBatchMessagesSent);
        let forgotten = kernel::sabotaged!("kafka.position-not-sent", 0, 1).min(batch.positions.len());
        let changes = self.changes(batch.puts, &batch.positions[forgotten..])?;
        let last = self.send_changes(core, &changes).await?;
        hit(Point::KafkaBatchChangesSent);
        self.sender.producer().commit_transaction().await.map_err(fault("commit a transaction"))?;
        hit(Point::KafkaBatchCommitted);
        let Some(last) = last else { return Ok(()) };
        let last = last.get().await.map_err(fault("read the position of a change"))?;
        let next = u64::try_from(last.offset() + kernel::sabotaged!("kafka.checkpoint-leads-the-log", 1, 3))
            .map_err(|error| Fault::new("read the position of a change", error))?;
        self.advance(core, next, last.timestamp(), changes).await?;
        hit(Point::KafkaBatchDone);
        Ok(())
    }

    async fn send_messages(&self, core: &Core, batch: &Batch) -> Result<(), Fault> {
        for message in &batch.outgoing {
            let topic = core.names.topic(message.topic);
            self.sender.send(topic, message.partition, &message.key, Some(&message.payload)).await?;
        }
        for letter in &batch.dead_letters {
            let (topic, headers) = (core.names.dead_letters(), dead_letter::headers(letter));
            let (key, payload) = (&letter.record.key, &letter.record.payload);
            self.sender.send_with(topic, self.partition, key, Some(payload), headers).await?;
        }
        Ok(())
    }

    fn changes(&self, puts: Vec<Put>, positions: &[Position]) -> Result<Vec<Change>, Fault> {
        let mut changes: Vec<_> = puts.into_iter().map(Change::Row).collect();
        for position in positions {
            let topic_id = self.topic_id(position.topic).cloned();
            let topic_id = topic_id.ok_or_else(|| Fault::new("commit a position", "in an unknown topic"))?;
            changes.push(Change::Position(ReadUpTo { topic: position.topic, next: position.next, topic_id }));
        }
        Ok(changes)
    }

    async fn send_changes(&self, core: &Core, changes: &[Change]) -> Result<Option<OnItsWay>, Fault> {
        let mut last = None;
        for change in changes {
            let (key, value) = (change.key(), change.value());
            let sent = self.sender.send(core.names.changelog(), self.partition, &key, value.as_deref());
            last = Some(sent.await?);
        }
        Ok(last)
    }
}

/// Fences earlier owners: aborts their open transactions and prevents new ones.
async fn fence(core: &Core, sender: &Sender, partition: u16, term: Term) -> Result<(), Fault> {
    const DOING: &str = "fence earlier owners";
    if !core.membership.has(partition, term) {
        return Err(Fault::new(DOING, "another process owns the partition"));
    }
    let done = timeout(FENCE, sender.producer().init_transactions()).await;
    done.map_err(|_| Fault::new(DOING, "the brokers did not answer in time"))?.map_err(fault(DOING))
}

/// What records of the changelog say.
pub(super) fn changes(records: &ConsumerRecords<Bytes, Bytes>) -> Result<Vec<Change>, Fault> {
    let change = |record: &ConsumerRecord<Bytes, Bytes>| {
        let key = record.key().cloned().unwrap_or_default();
        Change::parse(&key, record.value()).map_err(|error| {
            let place = format!("partition {} offset {}: {error}", record.partition(), record.offset());
            Fault::new("read the changelog", place)
        })
    };
    records.into_iter().map(change).collect()
}

async fn load(store: &Arc<Store>, partition: u16) -> Result<(Vec<Row>, BTreeMap<Topic, ReadUpTo>), Fault> {
    let store = Arc::clone(store);
    blocking(move || store.load(partition)).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    spawn_blocking(work).await.map_err(|error| Fault::new("use the checkpoint", error))?
}

/// Whether compaction may have deleted tombstones written after this moment.
fn is_old(at_millis: i64) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let at = u128::from(at_millis.max(0).unsigned_abs());
    now.saturating_sub(at) > REMOVALS_KEPT.as_millis() / 2
}
