//! Stores what was decided about an event, in the transaction that it was decided in.

use event_ticketing::{Changes, Event, EventStatus};

use super::rows::{new_sections, search_text};
use crate::sql::{SqlFault, Tx, args, json, outbox};

pub(super) async fn all(tx: &mut Tx, changes: &Changes) -> Result<(), SqlFault> {
    match (&changes.stored, &changes.event) {
        (None, Some(event)) => insert(tx, event).await?,
        (Some(stored), Some(event)) => {
            update(tx, stored, event).await?;
            update_sections(tx, stored, event).await?;
        }
        (_, None) => {}
    }
    outbox::append(tx, &changes.outgoing).await
}

async fn insert(tx: &mut Tx, event: &Event) -> Result<(), SqlFault> {
    let details = &event.details;
    tx.execute(
        "INSERT INTO event (id, seller_id, name, description, venue_name, search_text, time_zone, starts_at_ms, currency,
                            max_seats_per_booking, status, created_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        args![
            event.id,
            event.seller_id,
            &details.name,
            &details.description,
            &details.venue_name,
            search_text(details),
            &details.time_zone,
            details.starts_at,
            details.currency.code(),
            details.max_seats_per_booking,
            event.status.as_str(),
            event.created_at
        ],
    )
    .await?;
    insert_sections(tx, event).await
}

/// Guarded by the status that the change was decided from.
async fn update(tx: &mut Tx, stored: &Event, event: &Event) -> Result<(), SqlFault> {
    let details = &event.details;
    let updated = tx.execute(
        "UPDATE event SET name = $2, description = $3, venue_name = $4, search_text = $5, time_zone = $6,
                starts_at_ms = $7, currency = $8, max_seats_per_booking = $9, status = $10
         WHERE id = $1 AND status = $11",
        args![
            event.id,
            &details.name,
            &details.description,
            &details.venue_name,
            search_text(details),
            &details.time_zone,
            details.starts_at,
            details.currency.code(),
            details.max_seats_per_booking,
            event.status.as_str(),
            stored.status.as_str()
        ],
    );
    if updated.await? == 1 { Ok(()) } else { Err(SqlFault::RowMoved) }
}

/// Prices change one by one, so that the sums beside them stay; any other change replaces the plan,
/// whose sums are all zero before the sale.
async fn update_sections(tx: &mut Tx, stored: &Event, event: &Event) -> Result<(), SqlFault> {
    let (old, new) = (&stored.sections, &event.sections);
    let same_plan = old.len() == new.len()
        && old.iter().zip(new).all(|(old, new)| {
            (&old.name, old.partition, &old.subsections) == (&new.name, new.partition, &new.subsections)
        });
    if !same_plan {
        assert!(stored.status == EventStatus::Draft, "the plan of an event on sale never changes");
        tx.execute("DELETE FROM event_section WHERE event_id = $1", args![event.id]).await?;
        return insert_sections(tx, event).await;
    }
    for (old, new) in
        old.iter().zip(new).filter(|(old, new)| old.price.amount_minor != new.price.amount_minor)
    {
        tx.execute(
            "UPDATE event_section SET price_minor = $3 WHERE event_id = $1 AND name = $2",
            args![event.id, old.name.as_str(), new.price.amount_minor],
        )
        .await?;
    }
    Ok(())
}

async fn insert_sections(tx: &mut Tx, event: &Event) -> Result<(), SqlFault> {
    tx.execute(
        "INSERT INTO event_section (event_id, position_no, name, partition_no, price_minor, subsections, seats, reserved, sold,
                                    revenue_minor)
         SELECT value ->> 'event_id', CAST(value ->> 'position' AS BIGINT), value ->> 'name',
                CAST(value ->> 'partition' AS BIGINT), CAST(value ->> 'price_minor' AS BIGINT), value ->> 'subsections',
                CAST(value ->> 'seats' AS BIGINT), 0, 0, 0
         FROM jsonb_each($1) WHERE true",
        args![json(&new_sections(event))],
    )
    .await
    .map(drop)
}
