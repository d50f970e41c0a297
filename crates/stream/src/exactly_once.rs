//! The seat loop of one partition: restore, then read → decide → commit for as long as this process
//! owns the partition.
//!
//! Promises: a record's effects are committed with its position, once; a handler never sees state
//! that was not committed after a fault. Never: decides anything, knows a technology, or continues
//! after a failed commit without reading the state back.

use std::collections::BTreeMap;

use bytes::Bytes;
use kernel::{Fault, topic::Topic};

use crate::port::{Batch, DeadLetter, Outgoing, PartitionLog, Position, Put, Record, Row};

/// Decides one partition's records, one after another. Deterministic: no clock, no random numbers,
/// no I/O.
pub trait Handler: Sized + Send {
    /// The state that these rows describe.
    ///
    /// # Errors
    /// When a row cannot be decoded: the store is damaged, or a newer program wrote it.
    fn restore(rows: Vec<Row>) -> Result<Self, Fault>;

    /// Changes the state by one record and adds what follows from it to `effects`.
    ///
    /// # Errors
    /// When the record cannot be decoded; it must have changed nothing then, and becomes a dead
    /// letter.
    fn handle(&mut self, record: &Record, effects: &mut Effects) -> Result<(), String>;
}

/// What a batch of records changes and sends. A row that is put twice is stored once, with its last
/// value.
#[derive(Debug, Default)]
pub struct Effects {
    rows: BTreeMap<Bytes, Option<Bytes>>,
    outgoing: Vec<Outgoing>,
}

impl Effects {
    pub fn put(&mut self, key: Bytes, value: Bytes) {
        self.rows.insert(key, Some(value));
    }

    pub fn remove(&mut self, key: Bytes) {
        self.rows.insert(key, None);
    }

    pub fn send(&mut self, message: Outgoing) {
        self.outgoing.push(message);
    }

    pub fn outgoing(&self) -> &[Outgoing] {
        &self.outgoing
    }

    /// The rows in key order; `None` removes.
    pub fn rows(&self) -> impl Iterator<Item = (&Bytes, Option<&Bytes>)> {
        self.rows.iter().map(|(key, value)| (key, value.as_ref()))
    }
}

/// Runs the loop until the log says stop.
///
/// # Errors
/// When the stored state cannot be decoded. Faults of the log are reported to it and retried with
/// back-off.
pub async fn run<L: PartitionLog, H: Handler>(log: &mut L) -> Result<(), Fault> {
    let mut attempt = 0;
    loop {
        let fault = match log.restore().await {
            Ok(rows) => match process(log, H::restore(rows)?, &mut attempt).await {
                Ok(()) => return Ok(()),
                Err(fault) => fault,
            },
            Err(fault) => fault,
        };
        attempt += 1;
        log.back_off(fault, attempt).await;
    }
}

/// Processes batches until the log says stop, or a fault makes the state in memory unsure.
async fn process<L: PartitionLog, H: Handler>(
    log: &mut L,
    mut handler: H,
    attempt: &mut u32,
) -> Result<(), Fault> {
    while let Some(records) = log.next_batch().await? {
        let committed = log.commit(decide(&mut handler, records)).await;
        kernel::sabotaged!("stream.failed-commit-ignored", committed, Ok(()))?;
        *attempt = 0;
    }
    Ok(())
}

/// Lets the handler decide each record in turn and gathers one commit.
pub fn decide<H: Handler>(handler: &mut H, records: Vec<Record>) -> Batch {
    let mut effects = Effects::default();
    let mut next: BTreeMap<(Topic, u16), u64> = BTreeMap::new();
    let mut dead_letters = Vec::new();
    for record in records {
        let step = kernel::sabotaged!("stream.position-skips-a-record", 1, 2);
        next.insert((record.source.topic, record.source.partition), record.source.offset + step);
        let handled = handler.handle(&record, &mut effects);
        if let Err(reason) = kernel::sabotaged!("stream.dead-letter-dropped", handled, Ok(())) {
            dead_letters.push(DeadLetter { record, reason });
        }
    }
    Batch {
        positions: next
            .into_iter()
            .map(|((topic, partition), next)| Position { topic, partition, next })
            .collect(),
        puts: effects.rows.into_iter().map(|(key, value)| Put { key, value }).collect(),
        outgoing: effects.outgoing,
        dead_letters,
    }
}

#[cfg(test)]
mod tests;
