//! "As a seller, I can create events with custom seating configurations."

use kernel::{EventId, Fault, Pointer, Timestamp, UserId, Violation, plan::SectionOutline};

use super::{publish, service::Events};
use crate::{
    decision::{Decision, Refusal, WorkingSet},
    domain::{
        event::{Details, DetailsDraft, Event, EventStatus},
        plan::{self, SectionDraft},
    },
};

/// An event as the seller wrote it.
#[derive(Debug, Clone)]
pub struct EventDraft {
    pub details: DetailsDraft,
    pub sections: Vec<SectionDraft>,
}

struct CreateEvent {
    /// It becomes the draft of a new event.
    id: EventId,
    seller: UserId,
    draft: EventDraft,
    on_sale: bool,
    now: Timestamp,
}

impl EventDraft {
    /// Every broken rule with its place; none when an event can be made of it.
    pub fn violations(&self) -> Vec<Violation> {
        self.clone().read().err().unwrap_or_default()
    }

    fn read(self) -> Result<(Details, Vec<SectionOutline>), Vec<Violation>> {
        // A plan can be read, and its mistakes named, even when the currency is wrong.
        let currency = self.details.currency.parse().or_else(|_| "USD".parse());
        let details = self.details.read(None);
        let sections = match currency {
            Ok(currency) => plan::read(&self.sections, currency, Pointer::ROOT.field("seating")),
            Err(_) => Ok(Vec::new()),
        };
        match (details, sections) {
            (Ok(details), Ok(sections)) => Ok((details, sections)),
            (details, sections) => Err(details.err().into_iter().chain(sections.err()).flatten().collect()),
        }
    }
}

impl Decision for CreateEvent {
    fn needs(&self) -> EventId {
        self.id
    }

    fn decide(&self, set: &mut WorkingSet) -> Result<Event, Refusal> {
        let (details, sections) = self.draft.clone().read().map_err(Refusal::Invalid)?;
        let event = Event {
            id: self.id,
            seller_id: self.seller,
            details,
            sections,
            status: EventStatus::Draft,
            created_at: self.now,
        };
        if self.on_sale {
            return Ok(publish::put_on_sale(set, event, self.now));
        }
        set.put(event.clone());
        Ok(event)
    }
}

impl Events {
    /// Makes an event under this new id, as a draft or on sale at once.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn create(
        &self,
        id: EventId,
        seller: UserId,
        draft: EventDraft,
        on_sale: bool,
    ) -> Result<Result<Event, Refusal>, Fault> {
        let now = self.clock.now();
        self.decide(CreateEvent { id, seller, draft, on_sale, now }).await
    }
}
