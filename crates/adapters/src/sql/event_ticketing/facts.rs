//! What a transaction reads before it decides.

use event_ticketing::Event;
use kernel::EventId;

use super::rows::{EventRow, SectionRow};
use crate::sql::{SqlFault, Tx, args};

pub(super) async fn event(tx: &mut Tx, id: EventId) -> Result<Option<Event>, SqlFault> {
    let Some(row) = tx.optional::<EventRow>(EventRow::ONE, args![id]).await? else { return Ok(None) };
    row.event(tx.all(SectionRow::OF_EVENT, args![id]).await?).map(Some)
}
