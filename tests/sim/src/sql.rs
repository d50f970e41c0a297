//! What two databases in memory share: positions of a reader, and messages that wait for the relay.
//!
//! Promises: a position moves by compare-and-set, together with whatever the caller changes before
//! it gives way again.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use kernel::{Fault, topic::Topic};
use stream::{Position, Record};

use crate::world::{Bell, ProcessId};

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How far a database says that its service has read.
#[derive(Debug, Default)]
pub(crate) struct Positions(Mutex<BTreeMap<(Topic, u16), u64>>);

/// What one reader believes of it.
#[derive(Debug, Default)]
pub(crate) struct Known(BTreeMap<(Topic, u16), u64>);

/// Moves past one batch, each from and to an offset.
#[derive(Debug, Clone, Default)]
pub(crate) struct Moves(BTreeMap<(Topic, u16), (u64, u64)>);

impl Positions {
    pub(crate) fn next(&self, topic: Topic, partition: u16) -> u64 {
        locked(&self.0).get(&(topic, partition)).copied().unwrap_or(0)
    }

    /// Moves all, or none.
    pub(crate) fn make(&self, moves: &Moves) -> Result<(), Fault> {
        let mut next = locked(&self.0);
        let there =
            |(at, (from, _)): (&(Topic, u16), &(u64, u64))| next.get(at).copied().unwrap_or(0) == *from;
        if !moves.0.iter().all(there) {
            return Err(Fault::new("move a position", "another reader was here"));
        }
        next.extend(moves.0.iter().map(|(at, (_, to))| (*at, *to)));
        Ok(())
    }
}

impl Known {
    pub(crate) fn load(&mut self, from: &Positions) -> Vec<Position> {
        self.0.clone_from(&locked(&from.0));
        self.0
            .iter()
            .map(|((topic, partition), next)| Position { topic: *topic, partition: *partition, next: *next })
            .collect()
    }

    pub(crate) fn past(&self, records: &[Record]) -> Result<Moves, Fault> {
        let mut moves = Moves::default();
        for record in records {
            let at = (record.source.topic, record.source.partition);
            let from = self.0.get(&at).copied().unwrap_or(0);
            let step = moves.0.entry(at).or_insert((from, from));
            if record.source.offset < step.1 {
                return Err(Fault::new("move a position", "the record was applied before"));
            }
            step.1 = record.source.offset + 1;
        }
        Ok(moves)
    }

    pub(crate) fn moved(&mut self, moves: &Moves) {
        self.0.extend(moves.0.iter().map(|(at, (_, to))| (*at, *to)));
    }
}

/// The messages of a database that wait for its relay. A message's id is its place, from 1.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(crate) written: Bell,
    state: Mutex<OutboxState>,
}

#[derive(Debug, Default)]
struct OutboxState {
    removed: usize,
    /// Whose turn it is to relay.
    turn: Option<ProcessId>,
}

impl Outbox {
    pub(crate) fn removed(&self) -> usize {
        locked(&self.state).removed
    }

    pub(crate) fn remove(&self, up_to: usize) {
        let mut state = locked(&self.state);
        state.removed = state.removed.max(up_to);
    }

    pub(crate) fn turn(&self) -> Option<ProcessId> {
        locked(&self.state).turn
    }

    pub(crate) fn take_turn(&self, process: ProcessId) {
        locked(&self.state).turn = Some(process);
    }
}
