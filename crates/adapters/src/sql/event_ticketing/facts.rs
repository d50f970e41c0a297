//! What a transaction reads before it decides.

use event_ticketing::Event;
use kernel::EventId;

use super::rows::EventRow;
use crate::sql::{SqlFault, Tx, args};

pub(super) const EVENT: &str = "SELECT id, seller_id, name, description, venue_name, time_zone, starts_at_ms, currency, \
                                max_seats_per_booking, status, created_at_ms FROM event WHERE id = $1";
pub(super) const SECTIONS: &str = "SELECT event_id, name, partition_no, price_minor, subsections FROM event_section \
                                   WHERE event_id = $1 ORDER BY position_no";

pub(super) async fn event(tx: &mut Tx, id: EventId) -> Result<Option<Event>, SqlFault> {
    let Some(row) = tx.optional::<EventRow>(EVENT, args![id]).await? else { return Ok(None) };
    row.event(tx.all(SECTIONS, args![id]).await?).map(Some)
}
