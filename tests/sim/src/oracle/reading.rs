//! The oracle's reading of the log: each record is decoded once, and each commit handed to a second
//! engine once.
//!
//! Promises: I10 and I17 are checked on the way. Never: forgets a record.

use std::collections::BTreeMap;

use audit::evidence::Logged;
use kernel::{
    message::{Envelope, Source},
    topic::{PARTITIONS, Topic},
};
use seat_reservation::SeatEngine;
use stream::{
    exactly_once::{Effects, Handler},
    testing::Consumed,
};

use crate::town::Town;

/// Everything that was read so far.
#[derive(Default)]
pub(crate) struct Reading {
    lengths: BTreeMap<(Topic, u16), usize>,
    /// By topic, partition and offset.
    pub(super) records: Vec<Logged>,
    partitions: BTreeMap<u16, Partition>,
}

/// What the owners of one partition consumed.
struct Partition {
    /// Per commit the records that it consumed.
    commits: Vec<Vec<Source>>,
    next: BTreeMap<Topic, u64>,
    epoch: u64,
    engine: SeatEngine,
}

impl Reading {
    /// Reads what was written since the last time.
    pub(super) fn catch_up(&mut self, town: &Town) {
        let Self { lengths, records, partitions } = self;
        town.log.records_since(lengths, |record| match Envelope::decode(record.payload.clone()) {
            Ok(Envelope { at, source: caused_by, message }) => {
                records.push(Logged { source: record.source, at, caused_by, message });
            }
            Err(error) => town.world.violated(format!("I18 {:?} cannot be read: {error}", record.source)),
        });
        records.sort_by_key(|record| record.source);
        for n in 0..PARTITIONS {
            let seen = partitions.get(&n).map_or(0, |partition| partition.commits.len());
            town.log.consumed_since(n, seen, |commit| {
                partitions.entry(n).or_insert_with(Partition::new).consume(town, n, commit);
            });
        }
    }

    /// The engine that consumed what the owners of a partition consumed; none of a partition that
    /// nobody used.
    pub(super) fn engine(&self, partition: u16) -> Option<&SeatEngine> {
        self.partitions.get(&partition).map(|partition| &partition.engine)
    }

    /// The commits of each partition, each with the records that it consumed and that can be
    /// understood.
    pub(super) fn commits(&self) -> impl Iterator<Item = (u16, impl Iterator<Item = Vec<&Logged>>)> {
        let of = |commit: &Vec<Source>| commit.iter().filter_map(|source| self.record(*source)).collect();
        self.partitions.iter().map(move |(n, partition)| (*n, partition.commits.iter().map(of)))
    }

    fn record(&self, source: Source) -> Option<&Logged> {
        let at = self.records.binary_search_by_key(&source, |record| record.source).ok()?;
        Some(&self.records[at])
    }
}

impl Partition {
    fn new() -> Self {
        let engine = SeatEngine::restore(Vec::new()).unwrap_or_else(|_| unreachable!("no rows"));
        Self { commits: Vec::new(), next: BTreeMap::new(), epoch: 0, engine }
    }

    /// I10, I17: each record of each topic is consumed once, in order, and epochs only rise.
    fn consume(&mut self, town: &Town, partition: u16, commit: &Consumed) {
        if commit.epoch < self.epoch {
            town.world
                .violated(format!("I17 partition {partition}: epoch {} after {}", commit.epoch, self.epoch));
        }
        self.epoch = commit.epoch;
        let mut effects = Effects::default();
        for record in &commit.records {
            let next = self.next.entry(record.source.topic).or_default();
            if record.source.offset != *next {
                town.world.violated(format!("I10 {:?} is consumed where {next} is next", record.source));
            }
            *next = record.source.offset + 1;
            // A record that cannot be understood is a dead letter, which is looked for elsewhere.
            let _ = self.engine.handle(record, &mut effects);
        }
        self.commits.push(commit.records.iter().map(|record| record.source).collect());
    }
}
