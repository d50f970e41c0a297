//! Reads a log on Kafka from the outside, for the auditor: without the group, without the services'
//! code, without changing it.
//!
//! Promises: everything committed up to the moment of each reading, or a fault. Never: makes a
//! topic, or joins the owners.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
    sync::Arc,
};

use bytes::Bytes;
use confluent_kafka::{
    common::TopicPartition,
    consumer::{ConsumerRecord, ConsumerRecords},
};
use kernel::{
    Fault,
    topic::{PARTITIONS, Service, Topic},
};
use stream::DeadLetter;

use super::{
    KafkaConfig, OpenError,
    backlog::record,
    change::{Change, ReadUpTo},
    client::Clients,
    dead_letter,
    lanes::Lanes,
    names::Names,
    session::changes,
    store::Store,
    topics::{Topics, all_partitions},
};
use crate::log::{StoredPosition, StoredRecord, StoredRow};

/// A log as it is at the brokers.
pub struct Inspection {
    clients: Clients,
    names: Names,
    topics: Arc<Topics>,
    all: Vec<Topic>,
}

/// The changelog of one partition, folded.
#[derive(Default)]
struct State {
    rows: BTreeMap<Bytes, Bytes>,
    positions: BTreeMap<Topic, ReadUpTo>,
}

impl State {
    fn apply(&mut self, change: Change) {
        match change {
            Change::Row(put) => match put.value {
                Some(value) => drop(self.rows.insert(put.key, value)),
                None => drop(self.rows.remove(&put.key)),
            },
            Change::Position(at) => drop(self.positions.insert(at.topic, at)),
        }
    }
}

impl Inspection {
    /// Looks the topics up.
    ///
    /// # Errors
    /// When the brokers do not answer, or do not have the log.
    pub async fn open(config: &KafkaConfig) -> Result<Self, OpenError> {
        let clients = Clients::new(config);
        let names = Names::new(&config.topic_prefix, &config.deployment);
        let topics = Arc::new(Topics::new(clients.admin()?, config));
        let lanes = Lanes::new(Arc::clone(&topics), names.clone());
        lanes.load(&mut clients.tail()?).await?;
        let known = lanes.known();
        let all =
            known.iter().flat_map(|(&lane, topics)| topics.keys().map(move |&action| Topic { lane, action }));
        Ok(Self { all: all.collect(), clients, names, topics })
    }

    pub fn topics(&self) -> impl Iterator<Item = Topic> + '_ {
        self.all.iter().copied()
    }

    /// Shows every committed record: topic by topic, in order within each partition.
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn records(&self, mut each: impl FnMut(StoredRecord)) -> Result<(), Fault> {
        for &topic in &self.all {
            let partitions = all_partitions(&self.names.topic(topic), PARTITIONS).collect();
            self.read(partitions, |raw| {
                let appended_at = raw.timestamp();
                let stream::Record { source, key, payload } = record(&self.names, raw)?;
                each(StoredRecord { source, appended_at, key, payload });
                Ok(())
            })
            .await?;
        }
        Ok(())
    }

    /// How far the seat loops have read, as their state says.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn positions(&self) -> Result<Vec<StoredPosition>, Fault> {
        let group = Service::SeatReservation.as_str();
        let mut positions = Vec::new();
        for (partition, state) in self.states().await? {
            positions.extend(state.positions.into_values().map(|at| StoredPosition {
                group: group.to_owned(),
                topic: at.topic,
                partition,
                next: at.next,
            }));
        }
        Ok(positions)
    }

    /// Shows every state row, by partition and key.
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn state(&self, mut each: impl FnMut(StoredRow)) -> Result<(), Fault> {
        for (partition, state) in self.states().await? {
            for (key, value) in state.rows {
                each(StoredRow { partition, key, value });
            }
        }
        Ok(())
    }

    /// # Errors
    /// When one cannot be read.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>, Fault> {
        let mut letters = Vec::new();
        self.read(all_partitions(&self.names.dead_letters(), PARTITIONS).collect(), |raw| {
            let letter = dead_letter::parse(raw);
            letters
                .push(letter.ok_or_else(|| Fault::new("read a dead letter", "it has no headers of ours"))?);
            Ok(())
        })
        .await?;
        Ok(letters)
    }

    /// Compares the checkpoints in `dir` with the changelog, byte for byte; answers what differs.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub async fn unlike_changelog(&self, dir: &Path) -> Result<Vec<String>, Fault> {
        let store = Store::open_read_only(dir)?;
        let mut unlike = Vec::new();
        for (partition, checkpoint) in store.checkpoints()? {
            let mut before = State::default();
            // Compaction may have taken what counted at the checkpoint, but only where something
            // newer stands behind it.
            let mut newer = BTreeSet::new();
            let changelog = TopicPartition::new(self.names.changelog(), i32::from(partition));
            let next = i64::try_from(checkpoint.next).unwrap_or(i64::MAX);
            self.read_batches(vec![changelog], |records| {
                for (raw, change) in records.into_iter().zip(changes(records)?) {
                    if raw.offset() < next {
                        before.apply(change);
                    } else {
                        newer.insert(change.key());
                    }
                }
                Ok(())
            })
            .await?;
            let (rows, positions) = store.load(partition)?;
            let stored = State { rows: rows.into_iter().collect(), positions };
            unlike.extend(differences(partition, &stored, &before, &newer));
        }
        Ok(unlike)
    }

    async fn states(&self) -> Result<BTreeMap<u16, State>, Fault> {
        let mut states: BTreeMap<u16, State> = BTreeMap::new();
        let changelog = all_partitions(&self.names.changelog(), PARTITIONS).collect();
        self.read_batches(changelog, |records| {
            for (raw, change) in records.into_iter().zip(changes(records)?) {
                let partition = u16::try_from(raw.partition())
                    .map_err(|error| Fault::new("read the changelog", error))?;
                states.entry(partition).or_default().apply(change);
            }
            Ok(())
        })
        .await?;
        Ok(states)
    }

    async fn read(
        &self,
        partitions: Vec<TopicPartition>,
        mut each: impl FnMut(&ConsumerRecord<Bytes, Bytes>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.read_batches(partitions, |records| records.into_iter().try_for_each(&mut each)).await
    }

    async fn read_batches(
        &self,
        partitions: Vec<TopicPartition>,
        each: impl FnMut(&ConsumerRecords<Bytes, Bytes>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.clients.tail()?.read_all(&self.topics, partitions, each).await
    }
}

fn differences(partition: u16, stored: &State, before: &State, newer: &BTreeSet<Bytes>) -> Vec<String> {
    let rows = |state: &State| -> HashMap<Bytes, Bytes> {
        let rows = state.rows.iter().map(|(key, value)| {
            let put = stream::Put { key: key.clone(), value: Some(value.clone()) };
            (Change::Row(put).key(), value.clone())
        });
        let positions = state.positions.values();
        rows.chain(positions.map(|at| (Change::Position(at.clone()).key(), at.value()))).collect()
    };
    let (stored, before) = (rows(stored), rows(before));
    let keys: BTreeSet<_> = stored.keys().chain(before.keys()).collect();
    let differs = keys.into_iter().filter(|key| {
        let compacted = newer.contains(*key) && !before.contains_key(*key);
        stored.get(*key) != before.get(*key) && !compacted
    });
    differs.map(|key| format!("partition {partition}: the row {} differs", hex::encode(key))).collect()
}
