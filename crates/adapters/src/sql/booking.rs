//! The booking service's store on SQL: facts in, pure decisions, changes out, in one transaction.
//!
//! Promises what [`BookingStore`] asks. Never: names a use case; it carries out whatever a decision
//! changes.

mod carry_out;
mod facts;
mod outlines;
mod projection;
mod queue;
mod reads;
mod rows;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use booking::{
    Booking, Overdue, PaymentAttempt,
    decision::{Changes, Decision, WorkingSet},
    ports::{BookingStore, History},
};
use kernel::{BookingId, EventId, Fault, Timestamp, message::EventOnSale};

use super::{Database, DatabaseUrl, Migration, OpenError, SHARED_MIGRATIONS, SqlFault, Tx};
use crate::failpoint::hit_committed;
use outlines::Outlines;
pub use projection::BookingProjection;
use queue::Queue;

pub(super) const MIGRATIONS: &[Migration] = &[Migration {
    version: 100,
    description: "bookings, payments, keys, outlines",
    sql: include_str!("../../migrations/booking/0100_bookings.sql"),
}];

/// The statements of this service's tables.
#[cfg(test)]
pub(super) const STATEMENTS: [&[&str]; 4] = [
    rows::BookingRow::STATEMENTS,
    rows::AttemptRow::STATEMENTS,
    rows::KeyRow::STATEMENTS,
    rows::EventRow::STATEMENTS,
];

/// Bookings, payments and keys in SQL.
pub struct SqlBookingStore {
    database: Database,
    queue: Queue,
    outlines: Arc<Outlines>,
}

impl SqlBookingStore {
    /// Opens the booking service's database.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open(place: impl Into<DatabaseUrl>) -> Result<Self, OpenError> {
        let database = Database::open(place, &[SHARED_MIGRATIONS, MIGRATIONS]).await?;
        let outlines = Arc::<Outlines>::default();
        let queue = Queue::start(database.clone(), Arc::clone(&outlines));
        Ok(Self { database, queue, outlines })
    }

    /// For the relay, and for closing it.
    pub fn database(&self) -> &Database {
        &self.database
    }
}

/// Loads the facts, decides, and carries out the changes in this transaction: the one path of every
/// change of a booking.
async fn decide<D: Decision>(decision: &D, tx: &mut Tx) -> Result<Changes, SqlFault> {
    let mut set = WorkingSet::from(facts::load(tx, decision.needs()).await?);
    decision.decide(&mut set);
    let changes = set.into_changes();
    carry_out::all(tx, &changes).await?;
    Ok(changes)
}

impl BookingStore for SqlBookingStore {
    async fn decide<D: Decision>(&self, decision: D) -> Result<D::Answer, Fault> {
        let answer = self.queue.decide(decision).await.map_err(|fault| fault.doing(D::DOING))?;
        hit_committed(D::DOING);
        Ok(answer)
    }

    async fn booking(&self, id: BookingId) -> Result<Option<Booking>, Fault> {
        reads::booking(&self.database, id).await.map_err(|fault| fault.doing("read the booking"))
    }

    async fn history(&self, page: History) -> Result<Vec<Booking>, Fault> {
        reads::history(&self.database, page).await.map_err(|fault| fault.doing("read the bookings"))
    }

    async fn due(&self, overdue: Overdue, now: Timestamp, limit: u32) -> Result<Vec<BookingId>, Fault> {
        let due = reads::due(&self.database, overdue, now, limit).await;
        due.map_err(|fault| fault.doing("read overdue bookings"))
    }

    async fn next_deadline(&self, after: Timestamp) -> Result<Option<Timestamp>, Fault> {
        let next = reads::next_deadline(&self.database, after).await;
        next.map_err(|fault| fault.doing("read the next deadline"))
    }

    async fn attempts_due(&self, now: Timestamp, limit: u32) -> Result<Vec<PaymentAttempt>, Fault> {
        let due = reads::attempts_due(&self.database, now, limit).await;
        due.map_err(|fault| fault.doing("read open payments"))
    }

    async fn event(&self, id: EventId, longest: Duration) -> Result<Option<Arc<EventOnSale>>, Fault> {
        let found = self.outlines.within(longest, || reads::outline(&self.database, id), id).await;
        found.map_err(|fault| fault.doing("read the event's outline"))
    }
}
