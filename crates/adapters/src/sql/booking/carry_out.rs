//! Carries out what was decided: each kind of row by one statement, every change guarded by the
//! revision that it was decided from.

use booking::{
    AttemptId, Booking, PaymentAttempt, Refund,
    decision::{Changes, KeyName, KeyUse},
};
use kernel::{Revision, Timestamp, message::EventOnSale};
use serde::Serialize;

use super::rows::{AttemptRow, BookingChange, BookingRow, EventRow, RefundRow, booking_columns};
use crate::{
    failpoint::{Point, hit},
    sql::{SqlFault, Tx, args, outbox},
};

/// Carries out everything.
pub(super) async fn all(tx: &mut Tx, changes: &Changes) -> Result<(), SqlFault> {
    insert_bookings(tx, &changes.new_bookings).await?;
    update_bookings(tx, &changes.bookings).await?;
    put_attempts(tx, &changes.attempts).await?;
    insert_refunds(tx, &changes.refunds).await?;
    refunds_done(tx, &changes.refunds_done).await?;
    forget_keys(tx, changes.forget_keys_before).await?;
    insert_keys(tx, &changes.keys).await?;
    put_outlines(tx, &changes.events).await?;
    if !changes.outgoing.is_empty() {
        hit(Point::BookingRowsWritten);
    }
    outbox::append(tx, &changes.outgoing).await?;
    Ok(())
}

async fn insert_bookings(tx: &mut Tx, new: &[Booking]) -> Result<(), SqlFault> {
    tx.execute_bulk(
        concat!(
            "INSERT INTO bookings (",
            booking_columns!(),
            ") SELECT value ->> 'id', value ->> 'buyer_id', value ->> 'event_id', CAST(value ->> 'own_lane' AS BIGINT),
                value ->> 'section', CAST(value ->> 'subsection' AS BIGINT), value ->> 'mode',
                CAST(value ->> 'requested' AS BIGINT), value ->> 'asked_seats',
                CAST(value ->> 'accept_partial' AS BIGINT), CAST(value ->> 'created_at_ms' AS BIGINT),
                value ->> 'status', CAST(value ->> 'revision' AS BIGINT),
                CAST(value ->> 'hold_number' AS BIGINT), value ->> 'seats',
                CAST(value ->> 'unit_price_minor' AS BIGINT), value ->> 'currency',
                CAST(value ->> 'expires_at_ms' AS BIGINT), CAST(value ->> 'ended_at_ms' AS BIGINT),
                value ->> 'failure', value ->> 'cancel_reason', value ->> 'payment_status'
             FROM jsonb_each($1) WHERE true"
        ),
        new.iter().map(BookingRow::of),
    )
    .await
    .map(drop)
}

async fn update_bookings(tx: &mut Tx, changed: &[(Revision, Booking)]) -> Result<(), SqlFault> {
    let row =
        |(was, booking): &(Revision, Booking)| BookingChange { was: was.get(), row: BookingRow::of(booking) };
    let updated = tx
        .execute_bulk(
            "UPDATE bookings
             SET status = new.value ->> 'status', revision = CAST(new.value ->> 'revision' AS BIGINT),
                 hold_number = CAST(new.value ->> 'hold_number' AS BIGINT),
                 seats = new.value ->> 'seats', unit_price_minor = CAST(new.value ->> 'unit_price_minor' AS BIGINT),
                 currency = new.value ->> 'currency', expires_at_ms = CAST(new.value ->> 'expires_at_ms' AS BIGINT),
                 ended_at_ms = CAST(new.value ->> 'ended_at_ms' AS BIGINT), failure = new.value ->> 'failure',
                 cancel_reason = new.value ->> 'cancel_reason', payment_status = new.value ->> 'payment_status'
             FROM jsonb_each($1) AS new
             WHERE bookings.id = new.value ->> 'id' AND bookings.revision = CAST(new.value ->> 'was' AS BIGINT)",
            changed.iter().map(row),
        )
        .await?;
    let whole = updated == changed.len() as u64 || kernel::planted("booking.moved-row-ignored");
    if whole { Ok(()) } else { Err(SqlFault::RowMoved) }
}

async fn put_attempts(tx: &mut Tx, attempts: &[PaymentAttempt]) -> Result<(), SqlFault> {
    tx.execute_bulk(
        "INSERT INTO payment_attempts (id, booking_id, buyer_id, method, amount_minor, currency, pay_by_ms, status,
                                       sent_at_ms, next_poll_at_ms, polls)
         SELECT value ->> 'id', value ->> 'booking_id', value ->> 'buyer_id', value ->> 'method',
                CAST(value ->> 'amount_minor' AS BIGINT), value ->> 'currency',
                CAST(value ->> 'pay_by_ms' AS BIGINT), value ->> 'status', CAST(value ->> 'sent_at_ms' AS BIGINT),
                CAST(value ->> 'next_poll_at_ms' AS BIGINT), CAST(value ->> 'polls' AS BIGINT)
         FROM jsonb_each($1) WHERE true
         ON CONFLICT (id) DO UPDATE SET status = excluded.status, next_poll_at_ms = excluded.next_poll_at_ms,
                                        polls = excluded.polls",
        attempts.iter().map(AttemptRow::of),
    )
    .await
    .map(drop)
}

async fn insert_refunds(tx: &mut Tx, refunds: &[Refund]) -> Result<(), SqlFault> {
    tx.execute_bulk(
        "INSERT INTO refunds (attempt_id, booking_id, amount_minor, currency, done)
         SELECT value ->> 'attempt_id', value ->> 'booking_id', CAST(value ->> 'amount_minor' AS BIGINT),
                value ->> 'currency', 0
         FROM jsonb_each($1) WHERE true
         ON CONFLICT (attempt_id) DO NOTHING",
        refunds.iter().map(RefundRow::of),
    )
    .await
    .map(drop)
}

#[derive(Serialize)]
struct AttemptKey<'a> {
    id: &'a str,
}

async fn refunds_done(tx: &mut Tx, done: &[AttemptId]) -> Result<(), SqlFault> {
    tx.execute_bulk(
        "UPDATE refunds SET done = 1 WHERE attempt_id IN (SELECT value ->> 'id' FROM jsonb_each($1))",
        done.iter().map(|id| AttemptKey { id: id.as_str() }),
    )
    .await
    .map(drop)
}

async fn forget_keys(tx: &mut Tx, before: Option<Timestamp>) -> Result<(), SqlFault> {
    match before {
        Some(before) => {
            tx.execute("DELETE FROM idempotency_keys WHERE first_seen_ms < $1", args![before]).await.map(drop)
        }
        None => Ok(()),
    }
}

#[derive(Serialize)]
struct KeyRow<'a> {
    user: String,
    route: &'a str,
    key: &'a str,
    body_hash: &'a str,
    resource: String,
    at: i64,
}

async fn insert_keys(tx: &mut Tx, keys: &[(KeyName, KeyUse, Timestamp)]) -> Result<(), SqlFault> {
    let rows = keys.iter().map(|(name, used, at)| KeyRow {
        user: name.user_id.to_string(),
        route: name.route,
        key: &name.key,
        body_hash: &used.body_hash,
        resource: used.resource.to_string(),
        at: at.as_millis(),
    });
    tx.execute_bulk(
        "INSERT INTO idempotency_keys (user_id, route, request_key, body_hash, resource, first_seen_ms)
         SELECT value ->> 'user', value ->> 'route', value ->> 'key', value ->> 'body_hash', value ->> 'resource',
                CAST(value ->> 'at' AS BIGINT)
         FROM jsonb_each($1) WHERE true",
        rows,
    )
    .await
    .map(drop)
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
    tx.execute_bulk(
        "INSERT INTO event_outlines (event_id, message_base64)
         SELECT value ->> 'event_id', value ->> 'message_base64' FROM jsonb_each($1) WHERE true
         ON CONFLICT (event_id) DO UPDATE SET message_base64 = excluded.message_base64",
        rows,
    )
    .await
    .map(drop)
}
