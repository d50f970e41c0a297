//! A seller corrects what is said about an event. Plan, currency and booking limit stay: buyers have seen them.

use kernel::{Timestamp, Violation};

use crate::domain::event::{DetailsDraft, Event};

/// The fields that a seller may change; none stays as it is.
#[derive(Debug, Clone, Default)]
pub struct EventEdit {
    pub name: Option<String>,
    pub description: Option<String>,
    pub venue_name: Option<String>,
    pub time_zone: Option<String>,
    pub starts_at: Option<Timestamp>,
}

/// # Errors
/// Every broken rule with its place; the event is unchanged then.
pub fn edit_event(event: Event, edit: EventEdit) -> Result<Event, Vec<Violation>> {
    let old = event.details.clone();
    let details = DetailsDraft {
        name: edit.name.unwrap_or(old.name),
        description: edit.description.unwrap_or(old.description),
        venue_name: edit.venue_name.unwrap_or(old.venue_name),
        time_zone: edit.time_zone.unwrap_or(old.time_zone),
        starts_at: edit.starts_at.unwrap_or(old.starts_at),
        currency: old.currency.code().to_owned(),
        max_seats_per_booking: Some(old.max_seats_per_booking.into()),
    };
    Ok(Event { details: details.read()?, ..event })
}
