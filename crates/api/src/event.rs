//! Events as everyone sees them.

use event_ticketing::Event;
use kernel::plan::{SectionOutline, SubsectionOutline};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    seats::{Counts, EventCounts, SectionCounts},
    shapes::{MoneyShape, rfc3339},
};

/// What is said about an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct About {
    id: String,
    name: String,
    description: String,
    venue_name: String,
    /// IANA name.
    #[schema(example = "Asia/Taipei")]
    time_zone: String,
    starts_at: String,
    currency: &'static str,
    /// `draft` or `on_sale`.
    status: &'static str,
    max_seats_per_booking: u16,
    seller_id: String,
    created_at: String,
}

/// An event in a list; its sections are in `GET /v1/events/{id}`.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventEntry {
    #[serde(flatten)]
    about: About,
    #[serde(flatten)]
    counts: Counts,
}

/// An event with its sections.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventShape {
    #[serde(flatten)]
    about: About,
    sections: Vec<SectionShape>,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Section)]
pub struct SectionShape {
    name: String,
    price: MoneyShape,
    subsections: Vec<SubsectionShape>,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subsection)]
pub struct SubsectionShape {
    number: u16,
    rows: u16,
    seats_per_row: u16,
    #[serde(flatten)]
    counts: Counts,
}

impl About {
    fn of(event: &Event) -> Self {
        let details = &event.details;
        Self {
            id: event.id.to_string(),
            name: details.name.clone(),
            description: details.description.clone(),
            venue_name: details.venue_name.clone(),
            time_zone: details.time_zone.clone(),
            starts_at: rfc3339(details.starts_at),
            currency: details.currency.code(),
            status: event.status.as_str(),
            max_seats_per_booking: details.max_seats_per_booking,
            seller_id: event.seller_id.to_string(),
            created_at: rfc3339(event.created_at),
        }
    }
}

impl EventEntry {
    /// `counts`: none while no section is open, so all seats are free.
    pub fn of(event: &Event, counts: Option<Counts>) -> Self {
        let seats = event.sections.iter().map(SectionOutline::seats).sum();
        Self { about: About::of(event), counts: counts.unwrap_or_else(|| Counts::all_free(seats)) }
    }
}

impl EventShape {
    /// `counts`: of the open sections; the seats of others are free.
    pub fn of(event: &Event, counts: Option<&EventCounts>) -> Self {
        let section = |outline: &SectionOutline| {
            SectionShape::of(outline, counts.and_then(|counts| counts.get(&outline.name)))
        };
        let sections: Vec<SectionShape> = event.sections.iter().map(section).collect();
        let counts = sections.iter().fold(Counts::default(), |sum, section| sum.plus(section.counts));
        Self { about: About::of(event), sections, counts }
    }
}

impl SectionShape {
    fn of(outline: &SectionOutline, counts: Option<&SectionCounts>) -> Self {
        let subsection = |part: &SubsectionOutline| SubsectionShape {
            number: part.number,
            rows: part.rows,
            seats_per_row: part.seats_per_row,
            counts: counts
                .and_then(|counts| counts.subsections.get(&part.number).copied())
                .unwrap_or_else(|| Counts::all_free(part.seats())),
        };
        Self {
            name: outline.name.to_string(),
            price: outline.price.into(),
            subsections: outline.subsections.iter().map(subsection).collect(),
            counts: counts.map_or_else(|| Counts::all_free(outline.seats()), |counts| counts.total),
        }
    }
}
