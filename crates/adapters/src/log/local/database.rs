//! The one RocksDB: its column families, its settings, and what can be read from it.
//!
//! Promises: every value read was verified against its checksum; what cannot be read is an error
//! that names the place.
//! Never: writes (the committer does), or holds more memory than its settings say.

use std::{collections::HashMap, path::Path};

use bytes::Bytes;
use kernel::{
    message::Source,
    topic::{Service, Topic},
};
use rocksdb::{
    ColumnFamily, ColumnFamilyDescriptor, DB, DBRawIterator, DBRecoveryMode, Options, ReadOptions,
};
use stream::{Record, Row};

use super::row::{self, TopicNumber, TopicPartition, Unreadable};
use crate::log::rocks;

/// The column families.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Every record: topic, partition, offset → append time, key, payload.
    Records,
    /// Topic name → its number and how many partitions it has.
    Topics,
    /// Reader group, topic, partition → the offset to read next.
    Positions,
    /// Partition, row key → row value.
    State,
    /// Position of a record that could not be decoded → the reason and the record.
    DeadLetters,
}

impl Family {
    pub(super) const ALL: [Self; 5] =
        [Self::Records, Self::Topics, Self::Positions, Self::State, Self::DeadLetters];

    const fn name(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Topics => "topics",
            Self::Positions => "positions",
            Self::State => "state",
            Self::DeadLetters => "dead_letters",
        }
    }
}

/// Why something could not be read, and where.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error("at {place}: {error}")]
    Store { place: String, error: rocksdb::Error },
    #[error("at {place}: {error}")]
    Row { place: String, error: Unreadable },
}

fn options() -> Options {
    let mut options = rocks::options();
    options.set_paranoid_checks(true);
    options.set_track_and_verify_wals_in_manifest(true);
    options.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
    options.set_bytes_per_sync(rocks::MIB as u64);
    options
}

fn families() -> Vec<ColumnFamilyDescriptor> {
    rocks::families(Family::ALL.map(Family::name))
}

/// Opens for reading and writing. The caller holds the folder's lock and has looked through the
/// write-ahead logs.
pub(super) fn open(dir: &Path) -> Result<DB, rocksdb::Error> {
    DB::open_cf_descriptors(&options(), dir, families())
}

/// Opens what is in `dir` at this moment, without any lock and without changing anything.
pub(super) fn open_read_only(dir: &Path) -> Result<DB, rocksdb::Error> {
    DB::open_cf_descriptors_read_only(&options(), dir, families(), false)
}

pub(super) fn column(db: &DB, family: Family) -> &ColumnFamily {
    db.cf_handle(family.name()).unwrap_or_else(|| unreachable!("every family was opened or made"))
}

pub(super) fn topics(db: &DB) -> Result<Vec<(Topic, TopicNumber)>, ReadError> {
    let mut topics = Vec::new();
    scan(db, Family::Topics, ReadOptions::default(), &[], |key, value| {
        topics.push(row::parse_topic(key, value)?);
        Ok(true)
    })?;
    Ok(topics)
}

/// The next offset of every topic partition that holds a record. Jumps backwards from one to the
/// next: its cost is theirs, not the records'.
pub(super) fn ends(db: &DB) -> Result<HashMap<TopicPartition, u64>, ReadError> {
    let mut ends = HashMap::new();
    let mut records = db.raw_iterator_cf(column(db, Family::Records));
    records.seek_to_last();
    while let Some(key) = records.key() {
        let (at, offset) =
            row::parse_record_key(key).map_err(|error| unreadable(Family::Records, key, error))?;
        ends.insert(at, offset + 1);
        // The first key of this topic partition; what lies before it belongs to the one before.
        let first = row::record_key(at, 0);
        records.seek_for_prev(first);
        if records.key() == Some(&first[..]) {
            records.prev();
        }
    }
    finished(&records, Family::Records, &[])?;
    Ok(ends)
}

/// How much of one topic partition a reader takes at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    pub(super) records: usize,
    pub(super) bytes: usize,
}

/// Reads shares of one topic partition after another with one iterator: to make one costs more than
/// to move it.
pub(super) struct Records<'a> {
    rows: DBRawIterator<'a>,
}

impl<'a> Records<'a> {
    pub(super) fn new(db: &'a DB) -> Self {
        Self { rows: db.raw_iterator_cf(column(db, Family::Records)) }
    }

    /// Appends up to a share of the records from offset `from` on to `found`; at least one. The
    /// caller knows that there are as many.
    pub(super) fn take(
        &mut self,
        topic: Topic,
        at: TopicPartition,
        from: u64,
        share: Share,
        found: &mut Vec<Record>,
    ) -> Result<(), ReadError> {
        let mut bytes = 0;
        self.rows.seek(row::record_key(at, from));
        for offset in (from..).take(share.records) {
            let due = row::record_key(at, offset);
            let Some((_, value)) = self.rows.item().filter(|(key, _)| *key == &due[..]) else {
                finished(&self.rows, Family::Records, &due)?;
                let lacks = Unreadable(format!("{topic} lacks this record"));
                return Err(unreadable(Family::Records, &due, lacks));
            };
            let (_, key, payload) =
                row::parse_record(value).map_err(|error| unreadable(Family::Records, &due, error))?;
            bytes += value.len();
            found.push(Record { source: Source { topic, partition: at.partition, offset }, key, payload });
            if bytes >= share.bytes {
                break;
            }
            self.rows.next();
        }
        Ok(())
    }
}

/// The positions of one reader group.
pub(super) fn positions(db: &DB, group: Service) -> Result<HashMap<TopicPartition, u64>, ReadError> {
    let mut positions = HashMap::new();
    let prefix = row::positions_prefix(group);
    scan(db, Family::Positions, ReadOptions::default(), &prefix, |key, value| {
        if !key.starts_with(&prefix) {
            return Ok(false);
        }
        let (_, at, next) = row::parse_position(key, value)?;
        positions.insert(at, next);
        Ok(true)
    })?;
    Ok(positions)
}

/// The state rows of one partition.
pub(super) fn state_of(db: &DB, partition: u16) -> Result<Vec<Row>, ReadError> {
    let mut options = ReadOptions::default();
    options.set_iterate_upper_bound(row::state_key(partition + 1, &[]));
    let mut rows = Vec::new();
    scan(db, Family::State, options, &row::state_key(partition, &[]), |key, value| {
        rows.push((row::parse_state_key(key)?.1, Bytes::copy_from_slice(value)));
        Ok(true)
    })?;
    Ok(rows)
}

/// Walks a family from `from` on until `each` says no more. Errors name the family and the key.
pub(super) fn scan(
    db: &DB,
    family: Family,
    options: ReadOptions,
    from: &[u8],
    mut each: impl FnMut(&[u8], &[u8]) -> Result<bool, Unreadable>,
) -> Result<(), ReadError> {
    let mut rows = db.raw_iterator_cf_opt(column(db, family), options);
    rows.seek(from);
    let mut last = from.to_vec();
    while let Some((key, value)) = rows.item() {
        match each(key, value) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => return Err(unreadable(family, key, error)),
        }
        last.clear();
        last.extend_from_slice(key);
        rows.next();
    }
    finished(&rows, family, &last)
}

fn finished(rows: &DBRawIterator<'_>, family: Family, last: &[u8]) -> Result<(), ReadError> {
    rows.status().map_err(|error| ReadError::Store {
        place: format!("{} at or behind {}", family.name(), place(family, last)),
        error,
    })
}

fn unreadable(family: Family, key: &[u8], error: Unreadable) -> ReadError {
    ReadError::Row { place: format!("{} {}", family.name(), place(family, key)), error }
}

/// A key as people read it.
fn place(family: Family, key: &[u8]) -> String {
    match (family, row::parse_record_key(key)) {
        (Family::Records | Family::DeadLetters, Ok((at, offset))) => {
            format!("topic number {} partition {} offset {offset}", at.topic, at.partition)
        }
        _ if key.is_empty() => "the beginning".to_owned(),
        _ => format!("key {}", hex::encode(key)),
    }
}
