//! Carries out what was decided: each kind of row by one statement, every change guarded by the
//! revision that it was decided from.

use booking::{Booking, decision::Changes};
use kernel::{Revision, Timestamp, message::EventOnSale};

use super::rows::{AttemptRow, BookingChange, BookingRow, EventRow, KeyRow, UPDATE_BOOKINGS};
use crate::{
    failpoint::{Point, hit},
    sql::{SqlFault, Tx, args, outbox},
};

/// Carries out everything.
pub(super) async fn all(tx: &mut Tx, changes: &Changes) -> Result<(), SqlFault> {
    tx.insert(changes.new_bookings.iter().map(BookingRow::of)).await?;
    update_bookings(tx, &changes.bookings).await?;
    tx.insert(changes.attempts.iter().map(AttemptRow::of)).await?;
    forget_keys(tx, changes.forget_keys_before).await?;
    tx.insert(changes.keys.iter().map(KeyRow::of)).await?;
    put_outlines(tx, &changes.events).await?;
    if !changes.outgoing.is_empty() {
        hit(Point::BookingRowsWritten);
    }
    outbox::append(tx, &changes.outgoing).await
}

async fn update_bookings(tx: &mut Tx, changed: &[(Revision, Booking)]) -> Result<(), SqlFault> {
    let row =
        |(was, booking): &(Revision, Booking)| BookingChange { was: was.get(), row: BookingRow::of(booking) };
    let updated = tx.execute_bulk(UPDATE_BOOKINGS, changed.iter().map(row)).await?;
    let whole = updated == changed.len() as u64 || kernel::planted("booking.moved-row-ignored");
    if whole { Ok(()) } else { Err(SqlFault::RowMoved) }
}

async fn forget_keys(tx: &mut Tx, before: Option<Timestamp>) -> Result<(), SqlFault> {
    match before {
        Some(before) => {
            tx.execute("DELETE FROM idempotency_keys WHERE first_seen_ms < $1", args![before]).await.map(drop)
        }
        None => Ok(()),
    }
}

/// Keeps outlines; later ones replace earlier ones, also within the batch.
async fn put_outlines(tx: &mut Tx, events: &[(EventOnSale, Timestamp)]) -> Result<(), SqlFault> {
    // PostgreSQL refuses to change a row twice in one statement, so only the last outline of an
    // event is written.
    let mut latest: Vec<&(EventOnSale, Timestamp)> = Vec::with_capacity(events.len());
    for event in events.iter().rev() {
        if !latest.iter().any(|kept| kept.0.event_id == event.0.event_id) {
            latest.push(event);
        }
    }
    let rows = latest.into_iter().map(|(event, at)| EventRow::of(event, *at));
    tx.insert(rows).await
}
