//! What is read outside of a decision: bookings, histories, and what is due.
//!
//! What is due is a hint: the decision about it looks again, in its transaction.

use booking::{Booking, Overdue, PaymentAttempt, Status, ports::History};
use kernel::{BookingId, EventId, Timestamp, limits, message::EventOnSale};

use super::rows::{self, AttemptRow, BookingRow, EventRow};
use crate::{
    failpoint::{Point, hit},
    sql::{Database, SqlFault, args},
};

pub(super) async fn booking(database: &Database, id: BookingId) -> Result<Option<Booking>, SqlFault> {
    let row: Option<BookingRow> = database.optional(BookingRow::ONE, args![id]).await?;
    row.map(Booking::try_from).transpose()
}

pub(super) async fn history(database: &Database, page: History) -> Result<Vec<Booking>, SqlFault> {
    let status = page.status.map(Status::as_str);
    let arguments = args![page.buyer_id, page.before, status, page.limit];
    rows::bookings(database.all(BookingRow::HISTORY, arguments).await?)
}

pub(super) async fn due(
    database: &Database,
    overdue: Overdue,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<BookingId>, SqlFault> {
    let rows: Vec<(String,)> = match overdue {
        Overdue::Unpaid => {
            let after_grace = now - limits::PAYMENT_UNKNOWN_GRACE;
            database
                .all(
                    "SELECT id FROM bookings
                     WHERE status = 'pending_payment' AND expires_at_ms <= $1
                       AND (expires_at_ms <= $2 OR NOT EXISTS (
                            SELECT 1 FROM payment_attempts a
                            WHERE a.booking_id = bookings.id AND a.status IN ('sent', 'unknown')))
                     ORDER BY expires_at_ms LIMIT $3",
                    args![now, after_grace, limit],
                )
                .await?
        }
        Overdue::Unanswered => {
            database
                .all(
                    "SELECT id FROM bookings WHERE status = 'processing' AND created_at_ms < $1
                     ORDER BY created_at_ms LIMIT $2",
                    args![now - limits::PROCESSING_DEADLINE, limit],
                )
                .await?
        }
    };
    if !rows.is_empty() {
        hit(Point::ExpiryFound);
    }
    rows.into_iter()
        .map(|(id,)| id.parse().map_err(|_| SqlFault::impossible("bookings", &id, "id")))
        .collect()
}

pub(super) async fn next_deadline(
    database: &Database,
    after: Timestamp,
) -> Result<Option<Timestamp>, SqlFault> {
    let sql = "SELECT MIN(expires_at_ms) FROM bookings
               WHERE status = 'pending_payment' AND expires_at_ms > $1";
    let (next,): (Option<i64>,) = database.one(sql, args![after]).await?;
    Ok(next.map(Timestamp::from_millis))
}

pub(super) async fn attempts_due(
    database: &Database,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<PaymentAttempt>, SqlFault> {
    rows::attempts(database.all(AttemptRow::DUE, args![now, limit]).await?)
}

pub(super) async fn outline(database: &Database, id: EventId) -> Result<Option<EventOnSale>, SqlFault> {
    let row: Option<EventRow> = database.optional(EventRow::ONE, args![id]).await?;
    row.map(EventOnSale::try_from).transpose()
}
