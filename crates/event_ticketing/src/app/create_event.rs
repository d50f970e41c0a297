//! "As a seller, I can create events with custom seating configurations."

use kernel::{EventId, Pointer, Timestamp, UserId, Violation};

use crate::domain::{
    event::{Details, DetailsDraft, Event, EventStatus},
    plan::{self, SectionDraft},
};

/// An event as the seller wrote it.
#[derive(Debug, Clone)]
pub struct EventDraft {
    pub details: DetailsDraft,
    pub sections: Vec<SectionDraft>,
}

/// Reads the whole draft into an event that nobody else sees yet.
///
/// # Errors
/// Every broken rule with its place.
pub fn create_event(
    draft: EventDraft,
    id: EventId,
    seller_id: UserId,
    now: Timestamp,
) -> Result<Event, Vec<Violation>> {
    // A plan can be read, and its mistakes told, even when the currency is wrong.
    let currency = draft.details.currency.parse().or_else(|_| "USD".parse());
    let details: Result<Details, Vec<Violation>> = draft.details.read();
    let sections = match currency {
        Ok(currency) => plan::read(&draft.sections, currency, Pointer::ROOT.field("seating")),
        Err(_) => Ok(Vec::new()),
    };
    match (details, sections) {
        (Ok(details), Ok(sections)) => {
            Ok(Event { id, seller_id, details, sections, status: EventStatus::Draft, created_at: now })
        }
        (details, sections) => {
            Err(details.err().into_iter().flatten().chain(sections.err().into_iter().flatten()).collect())
        }
    }
}
