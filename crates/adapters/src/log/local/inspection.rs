//! Reads a log folder from the outside, for the auditor and the doctor: without its lock, without
//! the services' code, without changing it.
//!
//! Promises: everything stored, in key order, each value verified against its checksum; damage is
//! an error with its place.
//! Never: writes, cuts, or waits for the process that uses the folder (of a running one it sees
//! what was written so far).

use std::{collections::HashMap, path::Path};

use bytes::Bytes;
use kernel::{Fault, message::Source, topic::Topic};
use rocksdb::{DB, ErrorKind, ReadOptions};
use stream::DeadLetter;

use super::{
    OpenError,
    database::{self, Family, ReadError},
    row::{self, TopicNumber, Unreadable},
};
use crate::log::{StoredPosition, StoredRecord, StoredRow};

/// A log folder as it lay on the disk when this was opened.
pub struct Inspection {
    db: DB,
    topics: HashMap<TopicNumber, Topic>,
}

impl Inspection {
    /// Opens the log in `dir` for reading.
    ///
    /// # Errors
    /// When there is none, or when it is damaged.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let db = database::open_read_only(dir).map_err(|error| match error.kind() {
            ErrorKind::Corruption => OpenError::Corrupted { what: error.into_string() },
            _ => OpenError::Fault(Fault::new("open the log for reading", error)),
        })?;
        let topics =
            database::topics(&db).map_err(|error| OpenError::Corrupted { what: error.to_string() })?;
        Ok(Self { db, topics: topics.into_iter().map(|(topic, number)| (number, topic)).collect() })
    }

    pub fn topics(&self) -> impl Iterator<Item = Topic> + '_ {
        self.topics.values().copied()
    }

    /// Shows every record: topic by topic in the order in which they were first written to, then by
    /// partition and offset.
    ///
    /// # Errors
    /// When a record cannot be read, or offsets are missing; it says which.
    pub fn records(&self, mut each: impl FnMut(StoredRecord)) -> Result<(), Fault> {
        let mut due = None;
        self.scan(Family::Records, |key, value| {
            let source = self.source(key)?;
            let place = (source.topic, source.partition);
            let expected = due.filter(|(last, _)| *last == place).map_or(0, |(_, next)| next);
            if source.offset != expected {
                return Err(Unreadable(format!(
                    "{} partition {} lacks offset {expected}",
                    source.topic, source.partition
                )));
            }
            due = Some((place, expected + 1));
            let (appended_at, key, payload) = row::parse_record(value)?;
            each(StoredRecord { source, appended_at, key, payload });
            Ok(())
        })
    }

    /// # Errors
    /// When one cannot be read.
    pub fn positions(&self) -> Result<Vec<StoredPosition>, Fault> {
        let mut positions = Vec::new();
        self.scan(Family::Positions, |key, value| {
            let (group, at, next) = row::parse_position(key, value)?;
            let topic = self.topic(at.topic)?;
            positions.push(StoredPosition { group, topic, partition: at.partition, next });
            Ok(())
        })?;
        Ok(positions)
    }

    /// Shows every state row, by partition and key.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn state(&self, mut each: impl FnMut(StoredRow)) -> Result<(), Fault> {
        self.scan(Family::State, |key, value| {
            let (partition, key) = row::parse_state_key(key)?;
            each(StoredRow { partition, key, value: Bytes::copy_from_slice(value) });
            Ok(())
        })
    }

    /// # Errors
    /// When one cannot be read.
    pub fn dead_letters(&self) -> Result<Vec<DeadLetter>, Fault> {
        let mut letters = Vec::new();
        self.scan(Family::DeadLetters, |key, value| {
            letters.push(row::parse_dead_letter(self.source(key)?, value)?);
            Ok(())
        })?;
        Ok(letters)
    }

    fn scan(
        &self,
        family: Family,
        mut each: impl FnMut(&[u8], &[u8]) -> Result<(), Unreadable>,
    ) -> Result<(), Fault> {
        let scanned: Result<(), ReadError> =
            database::scan(&self.db, family, ReadOptions::default(), &[], |key, value| {
                each(key, value).map(|()| true)
            });
        scanned.map_err(|error| Fault::new("inspect the log", error))
    }

    fn source(&self, key: &[u8]) -> Result<Source, Unreadable> {
        let (at, offset) = row::parse_record_key(key)?;
        Ok(Source { topic: self.topic(at.topic)?, partition: at.partition, offset })
    }

    fn topic(&self, number: TopicNumber) -> Result<Topic, Unreadable> {
        let found = self.topics.get(&number).copied();
        found.ok_or_else(|| Unreadable(format!("topic number {number} has no name")))
    }
}
