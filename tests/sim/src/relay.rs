//! A model of the relay: brings committed messages to the log in the order of their places, and
//! removes them after the acknowledgement.
//!
//! Promises: what the shipped relay promises. Of several processes on a database the one with the
//! turn relays; the turn is no fence.

use std::sync::Arc;

use kernel::Fault;
use stream::{
    Outgoing,
    port::Publisher,
    testing::{Director, MemoryLog, both},
};

use crate::{
    sql::Outbox,
    world::{Life, ProcessId, World},
};

/// Messages that one publish carries.
const MESSAGES_PER_PUBLISH: usize = 50;
const LOOK_MS: u64 = 2_000;

/// A database with messages for others.
pub(crate) trait Relayed: Send + Sync {
    fn outbox(&self) -> &Outbox;
    /// Committed messages behind this place, whether removed or not.
    fn sent_after(&self, place: usize, limit: usize) -> Vec<Outgoing>;
    fn sent_count(&self) -> usize;
}

/// Relays for as long as the process lives.
pub(crate) async fn run<D: Relayed>(world: World, process: ProcessId, database: Arc<D>, log: MemoryLog) {
    let mut relay = Relay { world, process, database, log, published: 0, removed: 0 };
    loop {
        let heard = relay.database.outbox().written.rung();
        match relay.step().await {
            Ok(true) => {}
            Ok(false) => {
                let written = relay.database.outbox().written.wait(heard);
                relay.world.within(LOOK_MS, written).await;
            }
            Err(_) => relay.world.pause(200).await,
        }
    }
}

struct Relay<D> {
    world: World,
    process: ProcessId,
    database: Arc<D>,
    log: MemoryLog,
    published: usize,
    removed: usize,
}

impl<D: Relayed> Relay<D> {
    /// Publishes the next messages while the ones before them are removed. False when nothing was
    /// left to do.
    async fn step(&mut self) -> Result<bool, Fault> {
        if !self.hold() {
            return Ok(false);
        }
        let before = (self.published, self.removed);
        let (removed, published) = both(self.remove(), self.publish()).await;
        self.removed = *removed.as_ref().unwrap_or(&self.removed);
        self.published = *published.as_ref().unwrap_or(&self.published);
        removed.and(published)?;
        Ok(before != (self.published, self.removed))
    }

    /// Whether it is this process's turn. A holder that is dead, or stands still for long, loses
    /// it.
    fn hold(&mut self) -> bool {
        let outbox = self.database.outbox();
        match outbox.turn() {
            Some(holder) if holder == self.process => return true,
            Some(holder) if self.world.life(holder) == Life::Up => return false,
            _ => {}
        }
        outbox.take_turn(self.process);
        let removed = outbox.removed();
        (self.published, self.removed) = (removed, removed);
        true
    }

    async fn publish(&self) -> Result<usize, Fault> {
        let messages = self.database.sent_after(self.published, MESSAGES_PER_PUBLISH);
        if messages.is_empty() {
            return Ok(self.published);
        }
        let last = self.published + messages.len();
        self.world.reach("outbox.read").await?;
        self.log.publish(messages).await?;
        self.world.reach("outbox.published").await?;
        Ok(last)
    }

    async fn remove(&self) -> Result<usize, Fault> {
        if self.removed == self.published {
            return Ok(self.removed);
        }
        self.world.reach("outbox.remove").await?;
        self.database.outbox().remove(self.published);
        self.world.reach("outbox.committed").await?;
        Ok(self.published)
    }
}
