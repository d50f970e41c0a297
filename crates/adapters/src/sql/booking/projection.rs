//! Booking reads the log: answers of the seat engine and events that go on sale.
//!
//! Promises: rows, outgoing messages, dead letters and positions of a batch become durable
//! together; buyers are notified after that, also when the outcome of the commit was not known.

use std::{sync::Arc, time::Duration};

use booking::{Booking, Bookings, app::incoming::Incoming, decision::Decision, ports::BookingStore};
use kernel::{BookingId, Clock, Fault};
use stream::{DeadLetter, Position, Record, projection::Projection};

use super::{SqlBookingStore, decide};
use crate::{
    failpoint::{Point, hit},
    sql::{Moves, Positions, SqlFault, keep_dead_letters},
};

/// The booking service as a reader of the log.
pub struct BookingProjection {
    bookings: Bookings<SqlBookingStore>,
    clock: Arc<dyn Clock>,
    payment_window: Duration,
    positions: Positions,
    /// Bookings of a batch that ended in a fault. It may have been committed all the same, and
    /// their buyers were not notified.
    unsure: Vec<BookingId>,
}

/// A batch, read.
struct Understood {
    decisions: Vec<Incoming>,
    dead_letters: Vec<DeadLetter>,
    moves: Moves,
}

impl BookingProjection {
    pub fn new(bookings: Bookings<SqlBookingStore>, clock: Arc<dyn Clock>, payment_window: Duration) -> Self {
        Self { bookings, clock, payment_window, positions: Positions::default(), unsure: Vec::new() }
    }

    /// Notifies the buyers of the current state of bookings whose change may have been committed.
    async fn notify_unsure(&mut self) -> Result<(), Fault> {
        let mut found = Vec::new();
        for id in &self.unsure {
            found.extend(self.bookings.store().booking(*id).await?);
        }
        self.unsure.clear();
        self.bookings.notify(&found);
        Ok(())
    }
}

impl Projection for BookingProjection {
    async fn positions(&mut self) -> Result<Vec<Position>, Fault> {
        let database = self.bookings.store().database().clone();
        let loading = self.positions.load(&database).await;
        let positions = loading.map_err(|fault| fault.doing("read the positions of booking"))?;
        self.notify_unsure().await?;
        Ok(positions)
    }

    async fn apply(&mut self, records: &[Record]) -> Result<(), Fault> {
        let doing = |fault: SqlFault| fault.doing(Incoming::DOING);
        let moves = self.positions.past(records).map_err(doing)?;
        let now = self.clock.now();
        let (mut decisions, mut dead_letters) = (Vec::new(), Vec::new());
        for record in records {
            match Incoming::read(record, self.payment_window, now) {
                Ok(decision) => decisions.push(decision),
                Err(reason) => dead_letters.push(DeadLetter { record: record.clone(), reason }),
            }
        }
        let understood = Arc::new(Understood { decisions, dead_letters, moves });
        hit(Point::BookingRead);
        let store = Arc::clone(self.bookings.store());
        let committed = store
            .database
            .write(Arc::clone(&understood), move |batch, tx| {
                Box::pin(async move {
                    batch.moves.make(tx).await?;
                    hit(Point::BookingMoved);
                    keep_dead_letters(tx, &batch.dead_letters, now).await?;
                    let changes = decide(&batch.decisions, tx).await?;
                    hit(Point::BookingWritten);
                    Ok(changes)
                })
            })
            .await;
        let changes = committed.map_err(|fault| {
            self.unsure = understood.decisions.needs().bookings;
            doing(fault)
        })?;
        hit(Point::BookingCommitted);
        self.positions.moved(&understood.moves);
        let changed: Vec<Booking> = changes.all_bookings().cloned().collect();
        store.outlines.committed(changes);
        self.bookings.notify(&changed);
        Ok(())
    }
}
