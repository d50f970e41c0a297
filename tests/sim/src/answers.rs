//! A projection: booking reads answers of the seat engine and events on sale. Each batch is one
//! transaction with its positions.
//!
//! Promises: buyers are notified after the commit, also when nobody answered it.

use std::{sync::Arc, time::Duration};

use booking::{Bookings, app::incoming::Incoming, decision::Decision, ports::BookingStore};
use kernel::{BookingId, Clock, Fault};
use stream::{Position, Record, projection::Projection};

use crate::{sql::Known, store::SimStore, world::ProcessClock};

pub(crate) struct Answers {
    pub(crate) bookings: Bookings<SimStore>,
    pub(crate) clock: ProcessClock,
    pub(crate) payment_window: Duration,
    pub(crate) known: Known,
    /// Bookings of a batch that ended in a fault. It may have been committed all the same.
    pub(crate) unsure: Vec<BookingId>,
}

impl Projection for Answers {
    async fn positions(&mut self) -> Result<Vec<Position>, Fault> {
        let store = Arc::clone(self.bookings.store());
        let positions = store.0.load(&mut self.known).await?;
        let mut found = Vec::new();
        for id in &self.unsure {
            found.extend(store.booking(*id).await?);
        }
        self.unsure.clear();
        self.bookings.notify(&found);
        Ok(positions)
    }

    async fn apply(&mut self, records: &[Record]) -> Result<(), Fault> {
        let moves = self.known.past(records)?;
        let (mut decisions, mut dead) = (Vec::new(), Vec::new());
        let now = self.clock.now();
        for record in records {
            match Incoming::read(record, self.payment_window, now) {
                Ok(decision) => decisions.push(decision),
                Err(reason) => dead.push(reason),
            }
        }
        let store = Arc::clone(self.bookings.store());
        let taken = store.0.take_in(&moves, &decisions, dead).await;
        let changed = taken.inspect_err(|_| self.unsure.extend(decisions.needs().bookings))?;
        self.known.moved(&moves);
        self.bookings.notify(&changed);
        Ok(())
    }
}
