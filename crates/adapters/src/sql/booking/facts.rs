//! Loads what decisions need to know, each kind by one statement whatever the number.

use booking::{
    AttemptId, Booking, PaymentAttempt,
    app::working_set::{KeyName, KeyUse},
};
use kernel::BookingId;
use serde::Serialize;

use super::rows::{self, AttemptRow, BookingRow, booking_columns};
use crate::sql::{SqlFault, Tx, args, json};

#[derive(Serialize)]
struct Id {
    id: String,
}

fn ids<T: ToString>(of: impl IntoIterator<Item = T>) -> String {
    json(&of.into_iter().map(|id| Id { id: id.to_string() }).collect::<Vec<_>>())
}

pub(super) async fn bookings(tx: &mut Tx, of: &[BookingId]) -> Result<Vec<Booking>, SqlFault> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<BookingRow> = tx
        .all(
            concat!(
                "SELECT ",
                booking_columns!(),
                " FROM bookings WHERE id IN (SELECT value ->> 'id' FROM jsonb_each($1))"
            ),
            args![ids(of)],
        )
        .await?;
    rows::bookings(rows)
}

pub(super) async fn attempts(
    tx: &mut Tx,
    of: impl Iterator<Item = &AttemptId>,
) -> Result<Vec<PaymentAttempt>, SqlFault> {
    let rows: Vec<AttemptRow> = tx
        .all(
            "SELECT * FROM payment_attempts WHERE id IN (SELECT value ->> 'id' FROM jsonb_each($1))",
            args![ids(of)],
        )
        .await?;
    rows::attempts(rows)
}

pub(super) async fn attempts_of(
    tx: &mut Tx,
    bookings: &[BookingId],
) -> Result<Vec<PaymentAttempt>, SqlFault> {
    let rows: Vec<AttemptRow> = tx
        .all(
            "SELECT * FROM payment_attempts WHERE booking_id IN (SELECT value ->> 'id' FROM jsonb_each($1))",
            args![ids(bookings)],
        )
        .await?;
    rows::attempts(rows)
}

#[derive(Serialize)]
struct KeyRow<'a> {
    n: usize,
    user: String,
    route: &'a str,
    key: &'a str,
}

pub(super) async fn keys(tx: &mut Tx, names: &[KeyName]) -> Result<Vec<(KeyName, KeyUse)>, SqlFault> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let asked: Vec<KeyRow<'_>> = names
        .iter()
        .enumerate()
        .map(|(n, name)| KeyRow { n, user: name.user_id.to_string(), route: name.route, key: &name.key })
        .collect();
    let rows: Vec<(i64, String, String)> = tx
        .all(
            "SELECT CAST(asked.value ->> 'n' AS BIGINT), used.body_hash, used.resource
             FROM jsonb_each($1) AS asked JOIN idempotency_keys AS used
             ON used.user_id = asked.value ->> 'user' AND used.route = asked.value ->> 'route'
                AND used.request_key = asked.value ->> 'key'",
            args![json(&asked)],
        )
        .await?;
    let found = rows.into_iter().filter_map(|(n, body_hash, resource)| {
        let name = names.get(usize::try_from(n).ok()?)?;
        Some((name.clone(), KeyUse { body_hash, resource }))
    });
    Ok(found.collect())
}
