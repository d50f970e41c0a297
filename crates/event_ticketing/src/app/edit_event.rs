//! A seller corrects an event: a draft in everything, one on sale in its descriptions. Plan,
//! currency and booking limit of an event on sale are fixed: buyers have seen them, and the seat
//! engine has them.

use kernel::{Currency, EventId, Fault, Money, Pointer, Timestamp, UserId, Violation, plan::SectionOutline};

use super::service::Events;
use crate::{
    decision::{Decision, Refusal, WorkingSet},
    domain::{
        event::{DetailsDraft, Event, EventStatus},
        plan::{self, SectionDraft},
    },
};

/// What a seller may change; none stays as it is.
#[derive(Debug, Clone, Default)]
pub struct EventEdit {
    pub name: Option<String>,
    pub description: Option<String>,
    pub venue_name: Option<String>,
    pub time_zone: Option<String>,
    pub starts_at: Option<Timestamp>,
    /// Of drafts only, as all that follows.
    pub currency: Option<String>,
    pub max_seats_per_booking: Option<i64>,
    /// A whole new plan.
    pub sections: Option<Vec<SectionDraft>>,
}

struct EditEvent {
    event_id: EventId,
    seller: UserId,
    edit: EventEdit,
}

impl Decision for EditEvent {
    fn needs(&self) -> EventId {
        self.event_id
    }

    fn decide(&self, set: &mut WorkingSet) -> Result<Event, Refusal> {
        let event = set.own(self.seller)?;
        if event.status == EventStatus::OnSale && self.edit.is_for_drafts() {
            return Err(Refusal::OnSale);
        }
        let event = edited(event, self.edit.clone()).map_err(Refusal::Invalid)?;
        set.put(event.clone());
        Ok(event)
    }
}

fn edited(event: Event, edit: EventEdit) -> Result<Event, Vec<Violation>> {
    let old = &event.details;
    let currency = edit.currency.unwrap_or_else(|| old.currency.code().to_owned());
    // A plan can be read, and its mistakes named, even when the currency is wrong.
    let plan_currency = currency.parse().unwrap_or(old.currency);
    let details = DetailsDraft {
        name: edit.name.unwrap_or_else(|| old.name.clone()),
        description: edit.description.unwrap_or_else(|| old.description.clone()),
        venue_name: edit.venue_name.unwrap_or_else(|| old.venue_name.clone()),
        time_zone: edit.time_zone.unwrap_or_else(|| old.time_zone.clone()),
        starts_at: edit.starts_at.unwrap_or(old.starts_at),
        currency,
        max_seats_per_booking: edit.max_seats_per_booking.or(Some(old.max_seats_per_booking.into())),
    };
    let sections = match edit.sections {
        Some(drafts) => plan::read(&drafts, plan_currency, Pointer::ROOT.field("seating")),
        None => Ok(in_currency(event.sections, plan_currency)),
    };
    match (details.read(Some(old)), sections) {
        (Ok(details), Ok(sections)) => Ok(Event { details, sections, ..event }),
        (details, sections) => Err(details.err().into_iter().chain(sections.err()).flatten().collect()),
    }
}

impl EventEdit {
    fn is_for_drafts(&self) -> bool {
        self.currency.is_some() || self.max_seats_per_booking.is_some() || self.sections.is_some()
    }
}

/// The same numbers, meant in another currency.
fn in_currency(mut sections: Vec<SectionOutline>, currency: Currency) -> Vec<SectionOutline> {
    for section in &mut sections {
        section.price = Money::new(section.price.amount_minor, currency);
    }
    sections
}

impl Events {
    /// Changes a seller's own event.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn edit(
        &self,
        event_id: EventId,
        seller: UserId,
        edit: EventEdit,
    ) -> Result<Result<Event, Refusal>, Fault> {
        self.decide(EditEvent { event_id, seller, edit }).await
    }
}
