//! The outbox of a database in memory, for the shipped relay.
//!
//! Promises: of several processes on a database the one with the turn relays. A holder that is
//! dead, or stands still, loses it; the turn is no fence.

use std::{convert::Infallible, future::pending, sync::Arc};

use kernel::Fault;
use stream::{
    Outgoing,
    port::Publisher,
    relay,
    testing::{Director, MemoryLog},
};

use crate::{
    sql::Outbox,
    world::{Life, ProcessId, World},
};

/// Messages that one publish carries.
const MESSAGES_PER_PUBLISH: usize = 50;
const LOOK_MS: u64 = 2_000;

/// A database with messages for others. The id of a message is its place, from 1.
pub(crate) trait Relayed: Send + Sync {
    fn outbox(&self) -> &Outbox;
    /// Committed messages behind this place, whether removed or not.
    fn sent_after(&self, place: usize, limit: usize) -> Vec<Outgoing>;
    fn sent_count(&self) -> usize;
}

/// Relays for as long as the process lives.
pub(crate) async fn run<D: Relayed>(world: World, process: ProcessId, database: Arc<D>, log: MemoryLog) {
    let publisher = Acknowledged { world: world.clone(), log };
    let mut stored = Stored { world, process, database, heard: 0 };
    let ended = relay::run(&mut stored, &publisher).await;
    stored.world.violated(format!("the relay ended by itself: {ended:?}"));
}

/// The log, and the step after its acknowledgement.
struct Acknowledged {
    world: World,
    log: MemoryLog,
}

impl Publisher for Acknowledged {
    async fn publish(&self, messages: Vec<Outgoing>) -> Result<(), Fault> {
        self.log.publish(messages).await?;
        self.world.reach("outbox.published").await
    }
}

struct Stored<D> {
    world: World,
    process: ProcessId,
    database: Arc<D>,
    /// How often the bell had rung when the relay last looked.
    heard: u64,
}

impl<D: Relayed> relay::Outbox for Stored<D> {
    async fn hold(&mut self) -> Result<bool, Fault> {
        let outbox = self.database.outbox();
        self.heard = outbox.written.rung();
        let holder = outbox.turn().filter(|holder| self.world.life(*holder) == Life::Up);
        let ours = holder.is_none_or(|holder| holder == self.process);
        if ours {
            outbox.take_turn(self.process);
        }
        Ok(ours)
    }

    /// A holder that is up keeps its turn.
    async fn keep(&self) -> Infallible {
        pending().await
    }

    async fn after(&self, id: i64) -> Result<Vec<(i64, Outgoing)>, Fault> {
        let removed = self.database.outbox().removed();
        let place = removed.max(usize::try_from(id).unwrap_or(0));
        let messages = self.database.sent_after(place, MESSAGES_PER_PUBLISH);
        if !messages.is_empty() {
            self.world.reach("outbox.read").await?;
        }
        Ok((place + 1..).map(|place| i64::try_from(place).unwrap_or(i64::MAX)).zip(messages).collect())
    }

    /// Those who wait look at what was removed.
    fn published(&self, _id: i64) {}

    async fn remove(&self, id: i64) -> Result<(), Fault> {
        self.world.reach("outbox.remove").await?;
        self.database.outbox().remove(usize::try_from(id).unwrap_or(0));
        self.world.reach("outbox.committed").await
    }

    async fn written(&self) {
        let written = self.database.outbox().written.wait(self.heard);
        self.world.within(LOOK_MS, written).await;
    }

    async fn back_off(&self, _fault: Fault, _attempt: u32) {
        self.world.pause(200).await;
    }

    /// It stops with its process.
    fn stopped(&self) -> bool {
        false
    }
}
