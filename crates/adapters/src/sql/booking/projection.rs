//! Booking reads the log: answers of the seat engine and events that go on sale.
//!
//! Promises: rows, outgoing messages, dead letters and positions of a batch become durable together; buyers are told after that, also when the
//! database did not say that it was done.

use booking::{
    Bookings,
    app::seat_answer::{Incoming, SeatAnswer, understand},
    ports::{BookingStore, PaymentProvider},
};
use kernel::{BookingId, Clock, Fault, Timestamp, message::EventOnSale};
use std::{sync::Arc, time::Duration};
use stream::{DeadLetter, Position, Record, projection::Projection};

use super::{SqlBookingStore, answer, carry_out};
use crate::{
    failpoint::{Point, hit},
    sql::{Moves, Positions, keep_dead_letters},
};

/// The booking service as a reader of the log.
pub struct BookingProjection<P> {
    bookings: Bookings<SqlBookingStore, P>,
    clock: Arc<dyn Clock>,
    payment_window: Duration,
    positions: Positions,
    /// Bookings of a batch that ended in a fault. It may have been committed all the same, and their buyers were not told.
    unsure: Vec<BookingId>,
}

/// A batch, understood.
#[derive(Default)]
struct Understood {
    answers: Vec<SeatAnswer>,
    events: Vec<(EventOnSale, Timestamp)>,
    dead_letters: Vec<DeadLetter>,
    moves: Moves,
}

impl<P: PaymentProvider> BookingProjection<P> {
    pub fn new(
        bookings: Bookings<SqlBookingStore, P>,
        clock: Arc<dyn Clock>,
        payment_window: Duration,
    ) -> Self {
        Self { bookings, clock, payment_window, positions: Positions::default(), unsure: Vec::new() }
    }

    /// Tells the present state of bookings whose change may have been committed untold.
    async fn tell_unsure(&mut self) -> Result<(), Fault> {
        let mut found = Vec::new();
        for id in &self.unsure {
            found.extend(self.bookings.store().booking(*id).await?);
        }
        self.unsure.clear();
        self.bookings.answered(&found);
        Ok(())
    }

    fn understand(&self, records: &[Record]) -> Understood {
        let mut understood = Understood::default();
        for record in records {
            match understand(record, self.payment_window) {
                Ok(Incoming::Answer(answer)) => understood.answers.push(answer),
                Ok(Incoming::OnSale(event, at)) => understood.events.push((event, at)),
                Err(reason) => understood.dead_letters.push(DeadLetter { record: record.clone(), reason }),
            }
        }
        understood
    }
}

impl<P: PaymentProvider> Projection for BookingProjection<P> {
    async fn positions(&mut self) -> Result<Vec<Position>, Fault> {
        let database = self.bookings.store().database().clone();
        let loading = self.positions.load(&database).await;
        let positions = loading.map_err(|fault| fault.doing("read the positions of booking"))?;
        self.tell_unsure().await?;
        Ok(positions)
    }

    async fn apply(&mut self, records: &[Record]) -> Result<(), Fault> {
        let doing =
            |fault: crate::sql::SqlFault| fault.doing("take in what the seat engine and event_ticketing say");
        let moves = self.positions.past(records).map_err(doing)?;
        let understood = Arc::new(Understood { moves, ..self.understand(records) });
        let now = self.clock.now();
        hit(Point::BookingRead);
        let store = Arc::clone(self.bookings.store());
        let changed = store
            .database
            .write(Arc::clone(&understood), move |batch, tx| {
                Box::pin(async move {
                    batch.moves.make(tx).await?;
                    hit(Point::BookingMoved);
                    keep_dead_letters(tx, &batch.dead_letters, now).await?;
                    carry_out::events(tx, &batch.events).await?;
                    let changed = answer(&batch.answers, now, tx).await?;
                    hit(Point::BookingWritten);
                    Ok(changed)
                })
            })
            .await;
        let changed = changed.map_err(|fault| {
            self.unsure = understood.answers.iter().map(SeatAnswer::booking_id).collect();
            doing(fault)
        })?;
        hit(Point::BookingCommitted);
        self.positions.moved(&understood.moves);
        for (event, _) in &understood.events {
            store.events.put(event.clone());
        }
        self.bookings.answered(&changed);
        Ok(())
    }
}
