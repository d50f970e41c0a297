//! `event_ticketing`'s database: the store in memory that passes the service's contract suite,
//! behind steps at which the seed strikes.
//!
//! Promises: a transaction is done in one go between its first and its last step, as booking's is.
//! Never: decides.

use std::sync::Arc;

use async_trait::async_trait;
use event_ticketing::{
    Decision, Event, Refusal,
    domain::{
        holds::HoldBatch,
        sales::EventSales,
        ticket::{SoldTicket, TakenSeat},
    },
    ports::{EventPage, EventStore, HoldStore, TakenSeats, TicketPage},
    testing::{MemoryHolds, MemoryStore},
};
use kernel::{EventId, Fault, UserId};
use stream::{Outgoing, Position, Record, testing::Director};

use crate::{relay::Relayed, sql::Outbox, store::at_once, world::World};

/// How long a seller's answer waits for the log.
const DELIVERY_MS: u64 = 3_000;

/// The database. It outlives every process.
#[derive(Debug)]
pub(crate) struct TicketDb {
    world: World,
    pub(crate) memory: MemoryStore,
    pub(crate) outbox: Outbox,
}

impl TicketDb {
    pub(crate) fn new(world: World) -> Self {
        Self { world, memory: MemoryStore::default(), outbox: Outbox::default() }
    }

    async fn read<T>(&self, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        self.world.reach("tickets.read").await?;
        at_once(work)
    }
}

impl Relayed for TicketDb {
    fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    fn sent_after(&self, place: usize, limit: usize) -> Vec<Outgoing> {
        self.memory.sent_after(place, limit)
    }

    fn sent_count(&self) -> usize {
        self.memory.sent_count()
    }
}

/// A process's way to the database.
#[derive(Debug, Clone)]
pub(crate) struct SimEvents(pub(crate) Arc<TicketDb>);

#[async_trait]
impl EventStore for SimEvents {
    async fn decide(&self, decision: Arc<dyn Decision>) -> Result<Result<Event, Refusal>, Fault> {
        self.0.world.reach("tickets.event.begun").await?;
        let decided = at_once(self.0.memory.decide(decision))?;
        self.0.outbox.written.ring();
        self.0.world.reach("tickets.event.committed").await?;
        Ok(decided)
    }

    async fn delivered(&self) -> Result<(), Fault> {
        let sent = self.0.memory.sent_count();
        let delivered = async {
            while self.0.outbox.removed() < sent {
                self.0.world.sleep(100).await;
            }
        };
        self.0.world.within(DELIVERY_MS, delivered).await;
        Ok(())
    }

    async fn event(&self, id: EventId) -> Result<Option<Event>, Fault> {
        self.0.read(self.0.memory.event(id)).await
    }

    async fn seller_of(&self, id: EventId) -> Result<Option<UserId>, Fault> {
        self.0.read(self.0.memory.seller_of(id)).await
    }

    async fn events(&self, page: EventPage) -> Result<Vec<Event>, Fault> {
        self.0.read(self.0.memory.events(page)).await
    }

    async fn sales(&self, id: EventId) -> Result<Option<EventSales>, Fault> {
        self.0.read(self.0.memory.sales(id)).await
    }

    async fn taken_seats(&self, which: TakenSeats) -> Result<Vec<TakenSeat>, Fault> {
        self.0.read(self.0.memory.taken_seats(which)).await
    }

    async fn tickets(&self, page: TicketPage) -> Result<Vec<SoldTicket>, Fault> {
        self.0.read(self.0.memory.tickets(page)).await
    }
}

/// A process's reading of the log.
#[derive(Debug)]
pub(crate) struct SimHolds {
    database: Arc<TicketDb>,
    memory: MemoryHolds,
}

impl SimHolds {
    pub(crate) fn new(database: Arc<TicketDb>) -> Self {
        let memory = database.memory.reader();
        Self { database, memory }
    }
}

#[async_trait]
impl HoldStore for SimHolds {
    async fn positions(&mut self) -> Result<Vec<Position>, Fault> {
        self.database.world.reach("tickets.positions").await?;
        at_once(self.memory.positions())
    }

    async fn apply(&mut self, records: &[Record], batch: HoldBatch) -> Result<(), Fault> {
        let world = &self.database.world;
        world.reach("tickets.batch.read").await?;
        at_once(self.memory.apply(records, batch))
            .inspect_err(|_| world.cover("readers that were replaced and refused"))?;
        self.database.outbox.written.ring();
        world.reach("tickets.batch.committed").await
    }
}

#[cfg(test)]
mod tests {
    use event_ticketing::testing::contract::{self, Inspected};

    use super::*;

    #[async_trait]
    impl Inspected for SimEvents {
        fn events(&self) -> Arc<dyn EventStore> {
            Arc::new(self.clone())
        }

        fn reader(&self) -> Box<dyn HoldStore> {
            Box::new(SimHolds::new(Arc::clone(&self.0)))
        }

        async fn sent(&self) -> Vec<Outgoing> {
            self.0.memory.sent_after(0, usize::MAX)
        }

        async fn dead_letters(&self) -> usize {
            self.0.memory.dead_letters().len()
        }
    }

    #[test]
    fn the_store_keeps_event_ticketings_contract() {
        let world = World::new(1);
        let fresh = {
            let world = world.clone();
            move || {
                let store = SimEvents(Arc::new(TicketDb::new(world.clone())));
                async { store }
            }
        };
        assert!(crate::world::run(&world, contract::all(fresh), || {}));
    }
}
