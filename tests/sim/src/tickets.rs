//! `event_ticketing`'s database in memory, and its reading of the log: what the shipped, pure `follow_holds` decides is stored with the positions.
//!
//! Promises: what its SQL promises; a second holder of a ticket's seat is refused by the key of the table. Never: decides.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use event_ticketing::{
    HoldStatus,
    app::follow_holds::{HoldChange, HoldMessage, Route, follow_holds},
};
use kernel::{
    EventId, Fault, SeatNo, SectionName,
    message::{Envelope, Grant, Hold},
};
use stream::{Outgoing, Position, Record, projection::Projection, testing::Director};

use crate::{
    relay::Relayed,
    sql::{Known, Outbox, Positions, locked},
    world::World,
};

/// The sums of one section.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) reserved: i64,
    pub(crate) sold: i64,
    pub(crate) revenue_minor: i64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    pub(crate) hold: Hold,
    pub(crate) sold: bool,
    pub(crate) price_minor: i64,
}

#[derive(Debug, Default)]
pub(crate) struct Rows {
    holds: BTreeMap<Hold, HoldStatus>,
    pub(crate) tickets: BTreeMap<(EventId, SeatNo), Ticket>,
    pub(crate) sums: BTreeMap<(EventId, SectionName), Sums>,
    pub(crate) routes: BTreeMap<(EventId, SectionName), Route>,
    pub(crate) dead_letters: Vec<String>,
    sent: Vec<Outgoing>,
}

/// The database. It outlives every process.
#[derive(Debug)]
pub(crate) struct TicketDb {
    world: World,
    pub(crate) rows: Mutex<Rows>,
    pub(crate) positions: Positions,
    pub(crate) outbox: Outbox,
}

impl TicketDb {
    pub(crate) fn new(world: World) -> Self {
        Self { world, rows: Mutex::default(), positions: Positions::default(), outbox: Outbox::default() }
    }

    /// One transaction of a seller's request.
    pub(crate) async fn write(
        &self,
        steps: [&'static str; 2],
        work: impl FnOnce(&mut Rows) -> Vec<Outgoing>,
    ) -> Result<(), Fault> {
        self.world.reach(steps[0]).await?;
        {
            let mut rows = locked(&self.rows);
            let messages = work(&mut rows);
            rows.sent.extend(messages);
        }
        self.outbox.written.ring();
        self.world.reach(steps[1]).await
    }
}

impl Relayed for TicketDb {
    fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    fn sent_after(&self, place: usize, limit: usize) -> Vec<Outgoing> {
        locked(&self.rows).sent.iter().skip(place).take(limit).cloned().collect()
    }

    fn sent_count(&self) -> usize {
        locked(&self.rows).sent.len()
    }
}

impl Rows {
    fn store(&mut self, change: &HoldChange, world: &World) {
        self.holds.insert(change.grant.hold, change.after);
        let (had, grant) = (change.before == Some(HoldStatus::Reserved), &change.grant);
        for seat in grant.seat_nos() {
            let at = (grant.event_id, seat);
            match change.after {
                HoldStatus::Released if had => drop(self.tickets.remove(&at)),
                HoldStatus::Released => {}
                HoldStatus::Reserved | HoldStatus::Sold => {
                    let sold = change.after == HoldStatus::Sold;
                    let ticket =
                        Ticket { hold: grant.hold, sold, price_minor: grant.unit_price.amount_minor };
                    let before = self.tickets.insert(at, ticket);
                    if before.is_some_and(|before| before.hold != grant.hold) || (before.is_none() && had) {
                        world.violated(format!("I1 a ticket of {:?} meets {before:?}", grant.hold));
                    }
                }
            }
        }
    }
}

/// The service's reading of the log.
pub(crate) struct Tickets {
    pub(crate) database: Arc<TicketDb>,
    pub(crate) known: Known,
}

impl Tickets {
    fn understand(rows: &Rows, record: &Record) -> Result<HoldMessage, String> {
        let envelope = Envelope::decode(record.payload.clone()).map_err(|error| error.to_string())?;
        let message =
            HoldMessage::read(envelope, record.source).ok_or("the message is not for event_ticketing")?;
        let section = of(&message.grant);
        rows.routes
            .contains_key(&section)
            .then_some(message)
            .ok_or_else(|| format!("nobody knows {section:?}"))
    }
}

fn of(grant: &Grant) -> (EventId, SectionName) {
    (grant.event_id, grant.section.clone())
}

impl Projection for Tickets {
    async fn positions(&mut self) -> Result<Vec<Position>, Fault> {
        self.database.world.reach("tickets.positions").await?;
        Ok(self.known.load(&self.database.positions))
    }

    async fn apply(&mut self, records: &[Record]) -> Result<(), Fault> {
        let (database, world) = (Arc::clone(&self.database), self.database.world.clone());
        let moves = self.known.past(records)?;
        world.reach("tickets.batch.read").await?;
        {
            let mut rows = locked(&database.rows);
            database
                .positions
                .make(&moves)
                .inspect_err(|_| world.cover("readers that were replaced and refused"))?;
            let mut messages = Vec::new();
            for record in records {
                match Self::understand(&rows, record) {
                    Ok(message) => messages.push(message),
                    Err(reason) => rows.dead_letters.push(reason),
                }
            }
            let followed =
                follow_holds(&messages, &rows.holds, |event, section| rows.routes[&(event, section.clone())]);
            // Tickets go first, then come.
            let (gone, came): (Vec<_>, Vec<_>) =
                followed.holds.iter().partition(|change| change.after == HoldStatus::Released);
            gone.into_iter().chain(came).for_each(|change| rows.store(change, &world));
            for (section, delta) in followed.sales.sections {
                let sums = rows.sums.entry(section).or_default();
                sums.reserved += delta.reserved;
                sums.sold += delta.sold;
                sums.revenue_minor += delta.revenue_minor;
            }
            rows.sent.extend(followed.messages);
        }
        database.outbox.written.ring();
        world.reach("tickets.batch.committed").await?;
        self.known.moved(&moves);
        Ok(())
    }
}
