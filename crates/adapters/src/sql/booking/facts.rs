//! Loads the facts that decisions need, one statement per kind.

use booking::{
    Status,
    decision::{Facts, Holdings, KeyName, KeyUse, Needs, Resource},
};
use kernel::{EventId, UserId};
use serde::Serialize;

use super::rows::{self, AttemptRow, BookingRow};
use crate::sql::{SqlFault, Tx, ids};

/// The facts, in the order of the references: keys, attempts, bookings.
pub(super) async fn load(tx: &mut Tx, mut needs: Needs) -> Result<Facts, SqlFault> {
    let keys = keys(tx, &needs.keys).await?;
    needs.follow_keys(keys.iter().map(|(_, used)| used));
    let mut rows: Vec<AttemptRow> = tx.all_bulk(AttemptRow::NAMED, ids(&needs.attempts)).await?;
    rows.extend(tx.all_bulk::<_, AttemptRow>(AttemptRow::OF_BOOKINGS, ids(&needs.attempts_of)).await?);
    let attempts = rows::attempts(rows)?;
    needs.follow_attempts(&attempts);
    let bookings = rows::bookings(tx.all_bulk(BookingRow::NAMED, ids(&needs.bookings)).await?)?;
    let holdings = holdings(tx, &needs.holdings).await?;
    Ok(Facts { keys, attempts, bookings, holdings })
}

#[derive(Serialize)]
struct KeyRow<'a> {
    n: usize,
    user: String,
    route: &'a str,
    key: &'a str,
}

async fn keys(tx: &mut Tx, names: &[KeyName]) -> Result<Vec<(KeyName, KeyUse)>, SqlFault> {
    let asked = names.iter().enumerate().map(|(n, name)| KeyRow {
        n,
        user: name.user_id.to_string(),
        route: name.route,
        key: &name.key,
    });
    let rows: Vec<(i64, String, String)> = tx
        .all_bulk(
            "SELECT CAST(asked.value ->> 'n' AS BIGINT), used.body_hash, used.resource
             FROM jsonb_each($1) AS asked JOIN idempotency_keys AS used
             ON used.user_id = asked.value ->> 'user' AND used.route = asked.value ->> 'route'
                AND used.request_key = asked.value ->> 'key'",
            asked,
        )
        .await?;
    let found = rows.into_iter().filter_map(|(n, body_hash, resource)| {
        let name = names.get(usize::try_from(n).ok()?)?;
        Some((name.clone(), KeyUse { body_hash, resource: Resource::read(&resource) }))
    });
    Ok(found.collect())
}

#[derive(Serialize)]
struct HoldingsRow {
    n: usize,
    buyer: String,
    event: String,
}

/// The holdings of buyers per event: one row for each, also when it is zero.
async fn holdings(
    tx: &mut Tx,
    of: &[(UserId, EventId)],
) -> Result<Vec<((UserId, EventId), Holdings)>, SqlFault> {
    let asked = of.iter().enumerate().map(|(n, (buyer, event))| HoldingsRow {
        n,
        buyer: buyer.to_string(),
        event: event.to_string(),
    });
    let rows: Vec<(i64, String, i64)> = tx
        .all_bulk(
            "SELECT CAST(asked.value ->> 'n' AS BIGINT), own.status,
                    CAST(SUM(CASE WHEN own.seats IS NULL THEN own.requested
                                  ELSE 1 + LENGTH(own.seats) - LENGTH(REPLACE(own.seats, ',', '')) END) AS BIGINT)
             FROM jsonb_each($1) AS asked JOIN bookings AS own
             ON own.buyer_id = asked.value ->> 'buyer' AND own.event_id = asked.value ->> 'event'
             GROUP BY 1, 2",
            asked,
        )
        .await?;
    let mut found: Vec<_> = of.iter().map(|&pair| (pair, Holdings::default())).collect();
    for (n, status, seats) in rows {
        let impossible = |column| SqlFault::impossible("bookings", &status, column);
        let status: Status = status.parse().map_err(|_| impossible("status"))?;
        let seats = u32::try_from(seats).map_err(|_| impossible("seats"))?;
        if let Some((_, holdings)) = usize::try_from(n).ok().and_then(|n| found.get_mut(n)) {
            holdings.count(status, seats);
        }
    }
    Ok(found)
}
