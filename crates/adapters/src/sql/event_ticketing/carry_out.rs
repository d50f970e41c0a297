//! Stores what was decided about an event, in the transaction that it was decided in.

use event_ticketing::{Changes, Event, EventStatus};
use kernel::plan::SectionOutline;

use super::rows::{EventRow, SectionRow, UPDATE_EVENT};
use crate::sql::{SqlFault, Tx, args, json, outbox};

pub(super) async fn all(tx: &mut Tx, changes: &Changes) -> Result<(), SqlFault> {
    match (&changes.stored, &changes.event) {
        (None, Some(event)) => {
            tx.insert([EventRow::of(event)]).await?;
            tx.insert(SectionRow::all_of(event)).await?;
        }
        (Some(stored), Some(event)) => {
            update(tx, stored, event).await?;
            update_sections(tx, stored, event).await?;
        }
        (_, None) => {}
    }
    outbox::append(tx, &changes.outgoing).await
}

/// Guarded by the status that the change was decided from.
async fn update(tx: &mut Tx, stored: &Event, event: &Event) -> Result<(), SqlFault> {
    let arguments = args![json(&[EventRow::of(event)]), stored.status.as_str()];
    let updated = tx.execute(UPDATE_EVENT, arguments).await?;
    if updated == 1 { Ok(()) } else { Err(SqlFault::RowMoved) }
}

/// A draft's plan is replaced, whose sums are all zero. On sale only prices change, one by one, so
/// that the sums beside them stay.
async fn update_sections(tx: &mut Tx, stored: &Event, event: &Event) -> Result<(), SqlFault> {
    let (old, new) = (&stored.sections, &event.sections);
    if stored.status == EventStatus::Draft && old != new {
        tx.execute("DELETE FROM event_section WHERE event_id = $1", args![event.id]).await?;
        return tx.insert(SectionRow::all_of(event)).await;
    }
    for (old, new) in old.iter().zip(new).filter(|(old, new)| old != new) {
        let (price, price_version) = (new.price, new.price_version);
        let only_the_price = SectionOutline { price, price_version, ..old.clone() } == *new;
        assert!(only_the_price, "the plan of an event on sale never changes");
        tx.execute(
            "UPDATE event_section SET price_minor = $3, price_version = $4 WHERE event_id = $1 AND name = $2",
            args![event.id, old.name.as_str(), price.amount_minor, i64::from(price_version)],
        )
        .await?;
    }
    Ok(())
}
