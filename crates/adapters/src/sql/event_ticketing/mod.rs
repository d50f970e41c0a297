//! The event_ticketing service in SQL: events as sellers keep them, figures and tickets as they follow from the holds.
//!
//! Promises: a change of an event and the messages that it sends are one transaction; a seat has at most one ticket. Never: decides; the
//! decisions are `event_ticketing`'s.

mod events;
mod figures;
mod projection;
mod rows;
#[cfg(test)]
mod tests;

pub use events::{Editing, Publishing, Repricing, SqlEvents};
pub use figures::{EventSales, HoldFilter, HoldOnSeat, SoldTicket, SqlFigures, TicketPage};
pub use projection::TicketProjection;

use super::Migration;

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
];
