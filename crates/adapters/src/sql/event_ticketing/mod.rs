//! The event_ticketing service's store on SQL: facts in, a pure decision, changes out, in one
//! transaction each.
//!
//! Promises what [`EventStore`] asks; a seat has at most one ticket. Never: decides, or names a use
//! case.

mod carry_out;
mod facts;
mod projection;
mod reads;
mod rows;

use std::sync::Arc;

use async_trait::async_trait;
use event_ticketing::{
    Decision, Event, Refusal, WorkingSet,
    domain::{
        sales::EventSales,
        ticket::{SoldTicket, TakenSeat},
    },
    ports::{EventPage, EventStore, TakenSeats, TicketPage},
};
use kernel::{EventId, Fault, UserId};
pub use projection::SqlHolds;

use super::{Database, Migration, SqlFault, Tx, outbox};

/// The history of the event_ticketing database; the shared steps come before.
pub const EVENT_TICKETING_MIGRATIONS: &[Migration] = &[
    Migration {
        version: 100,
        description: "events, tickets and figures",
        sql: include_str!("../../../migrations/event_ticketing/0100_event_ticketing.sql"),
    },
    Migration {
        version: 101,
        description: "a seller's own events",
        sql: include_str!("../../../migrations/event_ticketing/0101_event_by_seller.sql"),
    },
    Migration {
        version: 102,
        description: "versions of prices",
        sql: include_str!("../../../migrations/event_ticketing/0102_price_version.sql"),
    },
];

/// The statements of this service's tables.
#[cfg(test)]
pub(super) const STATEMENTS: [&[&str]; 5] = [
    rows::EventRow::STATEMENTS,
    rows::SectionRow::STATEMENTS,
    rows::MinuteRow::STATEMENTS,
    rows::HoldRow::STATEMENTS,
    rows::TicketRow::STATEMENTS,
];

/// Events, tickets and figures in SQL.
pub struct SqlEvents {
    database: Database,
}

impl SqlEvents {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

async fn decide(decision: &dyn Decision, tx: &mut Tx) -> Result<Result<Event, Refusal>, SqlFault> {
    let mut set = WorkingSet::new(facts::event(tx, decision.needs()).await?);
    let decided = decision.decide(&mut set);
    carry_out::all(tx, &set.into_changes()).await?;
    Ok(decided)
}

#[async_trait]
impl EventStore for SqlEvents {
    async fn decide(&self, decision: Arc<dyn Decision>) -> Result<Result<Event, Refusal>, Fault> {
        let decided = self.database.write(decision, |decision, tx| Box::pin(decide(&**decision, tx)));
        decided.await.map_err(|fault| fault.doing("change an event"))
    }

    async fn delivered(&self) -> Result<(), Fault> {
        outbox::delivered(&self.database).await.map_err(|fault| fault.doing("wait for the log"))
    }

    async fn event(&self, id: EventId) -> Result<Option<Event>, Fault> {
        reads::event(&self.database, id).await.map_err(|fault| fault.doing("read an event"))
    }

    async fn seller_of(&self, id: EventId) -> Result<Option<UserId>, Fault> {
        reads::seller_of(&self.database, id).await.map_err(|fault| fault.doing("read an event's seller"))
    }

    async fn events(&self, page: EventPage) -> Result<Vec<Event>, Fault> {
        reads::events(&self.database, page).await.map_err(|fault| fault.doing("list events"))
    }

    async fn sales(&self, id: EventId) -> Result<Option<EventSales>, Fault> {
        reads::sales(&self.database, id).await.map_err(|fault| fault.doing("read sales figures"))
    }

    async fn taken_seats(&self, which: TakenSeats) -> Result<Vec<TakenSeat>, Fault> {
        let found = reads::taken_seats(&self.database, which).await;
        found.map_err(|fault| fault.doing("read the seats that are taken"))
    }

    async fn tickets(&self, page: TicketPage) -> Result<Vec<SoldTicket>, Fault> {
        reads::tickets(&self.database, page).await.map_err(|fault| fault.doing("read tickets"))
    }
}

#[cfg(test)]
mod tests;
