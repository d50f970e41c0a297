//! Booking reads the log: answers of the seat engine and events that go on sale, each batch in one transaction with its positions.
//!
//! Promises: buyers are notified after the commit, also when nobody answered it.

use std::{sync::Arc, time::Duration};

use booking::{
    Bookings,
    app::seat_answer::{Incoming, SeatAnswer, understand},
    ports::BookingStore,
};
use kernel::{BookingId, Clock, Fault};
use stream::{Position, Record, projection::Projection};

use crate::{provider::SimProvider, sql::Known, store::SimStore, world::ProcessClock};

pub(crate) struct Answers {
    pub(crate) bookings: Bookings<SimStore, SimProvider>,
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
        self.bookings.answered(&found);
        Ok(positions)
    }

    async fn apply(&mut self, records: &[Record]) -> Result<(), Fault> {
        let moves = self.known.past(records)?;
        let (mut answers, mut events, mut dead) = (Vec::new(), Vec::new(), Vec::new());
        for record in records {
            match understand(record, self.payment_window) {
                Ok(Incoming::Answer(answer)) => answers.push(answer),
                Ok(Incoming::OnSale(event, at)) => events.push((event, at)),
                Err(reason) => dead.push(reason),
            }
        }
        let ids: Vec<BookingId> = answers.iter().map(SeatAnswer::booking_id).collect();
        let store = Arc::clone(self.bookings.store());
        let taken = store.0.take_in(&moves, answers, events, dead, self.clock.now()).await;
        let changed = taken.inspect_err(|_| self.unsure.extend(ids))?;
        self.known.moved(&moves);
        self.bookings.answered(&changed);
        Ok(())
    }
}
