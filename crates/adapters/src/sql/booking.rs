//! The booking service's store on SQL: facts in, pure decisions, changes out, in one transaction each.
//!
//! Promises what [`BookingStore`] asks. Creating, answering, paying and cancelling are bulk statements: what arrives while a batch commits is
//! decided together in the next one.

mod carry_out;
mod facts;
mod projection;
mod rows;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use booking::{
    AttemptId, Booking, PaymentAttempt, Refund,
    app::{
        cancel::{self, CancelBooking, Cancelling},
        create_booking::{self, Creation, NewBooking},
        expire,
        pay::{self, BeginPayment, Beginning},
        refund,
        seat_answer::{self, SeatAnswer},
        settle_payment::{self, Report, Settled},
        working_set::WorkingSet,
    },
    ports::{BookingStore, History},
};
use kernel::{BookingId, EventId, Fault, Timestamp, limits, message::EventOnSale};
use tokio::sync::Notify;

use super::{Batcher, Database, DatabaseUrl, Migration, OpenError, SHARED_MIGRATIONS, SqlFault, Tx, args};
use crate::failpoint::{Point, hit};
pub use projection::BookingProjection;
use rows::{AttemptRow, BookingRow, EventRow, RefundRow, booking_columns};

pub(super) const MIGRATIONS: &[Migration] = &[Migration {
    version: 100,
    description: "bookings, payments, keys, outlines",
    sql: include_str!("../../migrations/booking/0100_bookings.sql"),
}];

/// Requests that one batch decides.
const BATCH: usize = 512;

/// Bookings, payments and keys in SQL.
pub struct SqlBookingStore {
    database: Database,
    creations: Batcher<NewBooking, Creation>,
    beginnings: Batcher<BeginPayment, Beginning>,
    settlements: Batcher<Report, Settled>,
    cancellations: Batcher<CancelBooking, Cancelling>,
    events: Events,
}

/// Outlines of events, kept in memory as they are read: checking a request costs no statement.
#[derive(Default)]
struct Events {
    known: RwLock<HashMap<EventId, Arc<EventOnSale>>>,
    arrived: Notify,
}

impl Events {
    fn get(&self, id: EventId) -> Option<Arc<EventOnSale>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Keeps an outline that is committed.
    fn put(&self, event: EventOnSale) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(event.event_id, Arc::new(event));
        drop(known);
        self.arrived.notify_waiters();
    }

    /// Keeps an outline that was read, unless a newer one has come meanwhile.
    fn put_read(&self, event: EventOnSale) -> Arc<EventOnSale> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(event.event_id).or_insert_with(|| Arc::new(event)))
    }
}

impl SqlBookingStore {
    /// Opens the booking service's database.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open(place: impl Into<DatabaseUrl>) -> Result<Self, OpenError> {
        Ok(Self::new(Database::open(place, &[SHARED_MIGRATIONS, MIGRATIONS]).await?))
    }

    fn new(database: Database) -> Self {
        Self {
            creations: Batcher::start(database.clone(), BATCH, |new, tx| Box::pin(create(new, tx))),
            beginnings: Batcher::start(database.clone(), BATCH, |payments, tx| Box::pin(begin(payments, tx))),
            settlements: Batcher::start(database.clone(), BATCH, |reports, tx| Box::pin(settle(reports, tx))),
            cancellations: Batcher::start(database.clone(), BATCH, |wishes, tx| Box::pin(cancel(wishes, tx))),
            events: Events::default(),
            database,
        }
    }

    /// For the relay, and for closing it.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The outline of an event; one that is just being put on sale is waited for, at most so long.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn event_within(
        &self,
        id: EventId,
        longest: Duration,
    ) -> Result<Option<Arc<EventOnSale>>, Fault> {
        let arrives = async {
            loop {
                let arrived = self.events.arrived.notified();
                if let Some(event) = self.event(id).await? {
                    return Ok(event);
                }
                arrived.await;
            }
        };
        tokio::time::timeout(longest, arrives).await.ok().transpose()
    }
}

async fn create(new: &[NewBooking], tx: &mut Tx) -> Result<Vec<Creation>, SqlFault> {
    let names: Vec<_> = new.iter().filter_map(NewBooking::key_name).collect();
    let mut set = WorkingSet::default();
    let keys = facts::keys(tx, &names).await?;
    let first: Vec<BookingId> = keys.iter().filter_map(|(_, used)| used.resource.parse().ok()).collect();
    set.load(facts::bookings(tx, &first).await?, [], keys);
    let decided = new.iter().map(|new| create_booking::decide(&mut set, new)).collect();
    carry_out::all(tx, set.into_changes()).await?;
    Ok(decided)
}

async fn begin(payments: &[BeginPayment], tx: &mut Tx) -> Result<Vec<Beginning>, SqlFault> {
    let names: Vec<_> = payments.iter().map(BeginPayment::key_name).collect();
    let ids: Vec<_> = payments.iter().map(|payment| payment.booking_id).collect();
    let mut set = WorkingSet::default();
    set.load(
        facts::bookings(tx, &ids).await?,
        facts::attempts_of(tx, &ids).await?,
        facts::keys(tx, &names).await?,
    );
    let decided = payments.iter().map(|payment| pay::begin(&mut set, payment)).collect();
    carry_out::all(tx, set.into_changes()).await?;
    Ok(decided)
}

async fn settle(reports: &[Report], tx: &mut Tx) -> Result<Vec<Settled>, SqlFault> {
    let mut set = of_attempts(tx, reports.iter().map(|report| &report.attempt_id)).await?;
    let decided = reports.iter().map(|report| settle_payment::decide(&mut set, report)).collect();
    carry_out::all(tx, set.into_changes()).await?;
    Ok(decided)
}

/// The attempts and their bookings.
async fn of_attempts(tx: &mut Tx, ids: impl Iterator<Item = &AttemptId>) -> Result<WorkingSet, SqlFault> {
    let attempts = facts::attempts(tx, ids).await?;
    let bookings: Vec<_> = attempts.iter().map(|attempt| attempt.booking_id).collect();
    let mut set = WorkingSet::default();
    set.load(facts::bookings(tx, &bookings).await?, attempts, []);
    Ok(set)
}

async fn cancel(wishes: &[CancelBooking], tx: &mut Tx) -> Result<Vec<Cancelling>, SqlFault> {
    let ids: Vec<_> = wishes.iter().map(|wish| wish.booking_id).collect();
    let mut set = WorkingSet::default();
    set.load(facts::bookings(tx, &ids).await?, [], []);
    let decided = wishes.iter().map(|wish| cancel::decide(&mut set, wish)).collect();
    carry_out::all(tx, set.into_changes()).await?;
    Ok(decided)
}

/// Carries out answers; the bookings that changed.
async fn answer(answers: &[SeatAnswer], now: Timestamp, tx: &mut Tx) -> Result<Vec<Booking>, SqlFault> {
    let ids: Vec<_> = answers.iter().map(SeatAnswer::booking_id).collect();
    let mut set = WorkingSet::default();
    set.load(facts::bookings(tx, &ids).await?, [], []);
    for answer in answers {
        seat_answer::decide(&mut set, answer, now);
    }
    let changes = set.into_changes();
    let changed = changes.all_bookings().cloned().collect();
    carry_out::all(tx, changes).await?;
    Ok(changed)
}

/// Ends the bookings that a statement found to be due.
async fn end(due: Vec<BookingRow>, now: Timestamp, tx: &mut Tx) -> Result<Vec<Booking>, SqlFault> {
    if due.is_empty() {
        return Ok(Vec::new());
    }
    hit(Point::ExpiryFound);
    let mut set = WorkingSet::default();
    set.load(rows::bookings(due)?, [], []);
    let ended = expire::decide(&mut set, now);
    carry_out::all(tx, set.into_changes()).await?;
    hit(Point::ExpiryWritten);
    Ok(ended)
}

impl BookingStore for SqlBookingStore {
    async fn create(&self, new: NewBooking) -> Result<Creation, Fault> {
        let created = self.creations.run(new).await.map_err(|fault| fault.doing("store the booking"))?;
        hit(Point::BookingCreated);
        Ok(created)
    }

    async fn booking(&self, id: BookingId) -> Result<Option<Booking>, Fault> {
        let row: Result<Option<BookingRow>, _> = self
            .database
            .optional(concat!("SELECT ", booking_columns!(), " FROM bookings WHERE id = $1"), args![id])
            .await;
        row.and_then(|row| row.map(Booking::try_from).transpose())
            .map_err(|fault| fault.doing("read the booking"))
    }

    async fn history(&self, page: History) -> Result<Vec<Booking>, Fault> {
        let rows: Result<Vec<BookingRow>, _> = self
            .database
            .all(
                concat!(
                    "SELECT ",
                    booking_columns!(),
                    " FROM bookings
                     WHERE buyer_id = $1 AND (CAST($2 AS TEXT) IS NULL OR id < $2)
                       AND (CAST($3 AS TEXT) IS NULL OR status = $3)
                     ORDER BY id DESC LIMIT $4"
                ),
                args![page.buyer_id, page.before, page.status.map(booking::Status::as_str), page.limit],
            )
            .await;
        rows.and_then(rows::bookings).map_err(|fault| fault.doing("read the bookings"))
    }

    async fn answer(&self, answers: Vec<SeatAnswer>, now: Timestamp) -> Result<Vec<Booking>, Fault> {
        self.database
            .write(answers, move |answers, tx| Box::pin(answer(answers, now, tx)))
            .await
            .map_err(|fault| fault.doing("take in the seat engine's answers"))
    }

    async fn begin_payment(&self, payment: BeginPayment) -> Result<Beginning, Fault> {
        let begun = self.beginnings.run(payment).await.map_err(|fault| fault.doing("begin the payment"))?;
        hit(Point::PaymentBegun);
        Ok(begun)
    }

    async fn settle_payment(&self, report: Report) -> Result<Settled, Fault> {
        let settled =
            self.settlements.run(report).await.map_err(|fault| fault.doing("settle the payment"))?;
        hit(Point::PaymentSettled);
        Ok(settled)
    }

    async fn cancel(&self, wish: CancelBooking) -> Result<Cancelling, Fault> {
        let outcome =
            self.cancellations.run(wish).await.map_err(|fault| fault.doing("cancel the booking"))?;
        hit(Point::BookingCancelled);
        Ok(outcome)
    }

    async fn expire(&self, now: Timestamp, limit: u32) -> Result<Vec<Booking>, Fault> {
        let overdue = now - limits::PAYMENT_UNKNOWN_GRACE;
        let ended = self
            .database
            .write((), move |(), tx| {
                Box::pin(async move {
                    let due: Vec<BookingRow> = tx
                        .all(
                            concat!(
                                "SELECT ",
                                booking_columns!(),
                                " FROM bookings
                                 WHERE status = 'pending_payment' AND expires_at_ms <= $1
                                   AND (expires_at_ms <= $2 OR NOT EXISTS (
                                        SELECT 1 FROM payment_attempts a
                                        WHERE a.booking_id = bookings.id AND a.status IN ('sent', 'unknown')))
                                 ORDER BY expires_at_ms LIMIT $3"
                            ),
                            args![now, overdue, limit],
                        )
                        .await?;
                    end(due, now, tx).await
                })
            })
            .await
            .map_err(|fault| fault.doing("expire bookings"))?;
        if !ended.is_empty() {
            hit(Point::ExpiryCommitted);
        }
        Ok(ended)
    }

    async fn cancel_stuck(
        &self,
        created_before: Timestamp,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Booking>, Fault> {
        self.database
            .write((), move |(), tx| {
                Box::pin(async move {
                    let stuck: Vec<BookingRow> = tx
                        .all(
                            concat!(
                                "SELECT ",
                                booking_columns!(),
                                " FROM bookings WHERE status = 'processing' AND created_at_ms < $1
                                 ORDER BY created_at_ms LIMIT $2"
                            ),
                            args![created_before, limit],
                        )
                        .await?;
                    end(stuck, now, tx).await
                })
            })
            .await
            .map_err(|fault| fault.doing("cancel stuck bookings"))
    }

    async fn next_deadline(&self) -> Result<Option<Timestamp>, Fault> {
        let next: (Option<i64>,) = self
            .database
            .one("SELECT MIN(expires_at_ms) FROM bookings WHERE status = 'pending_payment'", [])
            .await
            .map_err(|fault| fault.doing("read the next deadline"))?;
        Ok(next.0.map(Timestamp::from_millis))
    }

    async fn attempts_to_poll(&self, now: Timestamp, limit: u32) -> Result<Vec<PaymentAttempt>, Fault> {
        let rows: Result<Vec<AttemptRow>, _> = self
            .database
            .all(
                "SELECT * FROM payment_attempts
                 WHERE status IN ('sent', 'pending', 'unknown') AND next_poll_at_ms <= $1
                 ORDER BY next_poll_at_ms LIMIT $2",
                args![now, limit],
            )
            .await;
        rows.and_then(rows::attempts).map_err(|fault| fault.doing("read open payments"))
    }

    async fn refunds_due(&self, limit: u32) -> Result<Vec<Refund>, Fault> {
        let rows: Result<Vec<RefundRow>, _> = self
            .database
            .all("SELECT * FROM refunds WHERE done = 0 ORDER BY attempt_id LIMIT $1", args![limit])
            .await;
        rows.and_then(|rows| rows.into_iter().map(Refund::try_from).collect())
            .map_err(|fault| fault.doing("read refunds"))
    }

    async fn refunded(&self, attempt: AttemptId) -> Result<Option<Booking>, Fault> {
        let shown = self
            .database
            .write(attempt, |attempt, tx| {
                Box::pin(async move {
                    tx.execute("UPDATE refunds SET done = 1 WHERE attempt_id = $1", args![attempt.as_str()])
                        .await?;
                    let mut set = of_attempts(tx, std::iter::once(attempt)).await?;
                    let shown = refund::decide(&mut set, attempt);
                    carry_out::all(tx, set.into_changes()).await?;
                    Ok(shown)
                })
            })
            .await
            .map_err(|fault| fault.doing("note the refund"))?;
        hit(Point::RefundCommitted);
        Ok(shown)
    }

    async fn event(&self, id: EventId) -> Result<Option<Arc<EventOnSale>>, Fault> {
        if let Some(event) = self.events.get(id) {
            return Ok(Some(event));
        }
        let row: Result<Option<EventRow>, _> = self
            .database
            .optional("SELECT event_id, message_base64 FROM event_outlines WHERE event_id = $1", args![id])
            .await;
        let event = row
            .and_then(|row| row.map(EventOnSale::try_from).transpose())
            .map_err(|fault| fault.doing("read the event's outline"))?;
        Ok(event.map(|event| self.events.put_read(event)))
    }

    async fn put_event(&self, event: EventOnSale, at: Timestamp) -> Result<(), Fault> {
        let events = vec![(event, at)];
        let events = self
            .database
            .write(events, |events, tx| {
                Box::pin(async move {
                    carry_out::events(tx, events).await?;
                    Ok(events.clone())
                })
            })
            .await
            .map_err(|fault| fault.doing("store the event's outline"))?;
        for (event, _) in events {
            self.events.put(event);
        }
        Ok(())
    }

    async fn forget_keys(&self, before: Timestamp) -> Result<(), Fault> {
        self.database
            .write((), move |(), tx| {
                Box::pin(async move {
                    tx.execute("DELETE FROM idempotency_keys WHERE first_seen_ms < $1", args![before]).await
                })
            })
            .await
            .map(drop)
            .map_err(|fault| fault.doing("forget old keys"))
    }
}
