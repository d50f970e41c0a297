//! The public view of seats: counts by status, and the messages of the live stream.
//!
//! Never: who holds a seat.

use std::collections::BTreeMap;

use kernel::SectionName;
use serde::Serialize;
use utoipa::ToSchema;

use crate::shapes::MoneyShape;

/// How many seats have which status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counts {
    pub available: u32,
    pub reserved: u32,
    pub sold: u32,
}

impl Counts {
    pub fn all_free(seats: u32) -> Self {
        Self { available: seats, ..Self::default() }
    }

    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            available: self.available + other.available,
            reserved: self.reserved + other.reserved,
            sold: self.sold + other.sold,
        }
    }
}

/// The counts of an event's open sections by name.
pub type EventCounts = BTreeMap<SectionName, SectionCounts>;

/// The counts of a section and of its subsections by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SectionCounts {
    pub total: Counts,
    pub subsections: BTreeMap<u16, Counts>,
}

/// The whole event, the first thing that a viewer gets. SSE event `snapshot`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Snapshot {
    pub event_id: String,
    /// Where in the stream of changes this stands; the SSE id.
    pub position: String,
    #[serde(flatten)]
    pub counts: Counts,
    pub sections: Vec<SectionSnapshot>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SectionSnapshot {
    pub name: String,
    pub price: MoneyShape,
    pub subsections: Vec<SubsectionSnapshot>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SubsectionSnapshot {
    pub number: u16,
    pub rows: u16,
    pub seats_per_row: u16,
    #[serde(flatten)]
    pub counts: Counts,
    /// Base64 of two bits per seat, four seats a byte with the first in the lowest bits, row after
    /// row: 0 available, 1 reserved, 2 sold. Null: all are available.
    pub states: Option<String>,
}

/// The new counts of a subsection. SSE event `subsection`.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubsectionChange<'a> {
    pub section: &'a str,
    pub subsection: u16,
    #[serde(flatten)]
    pub counts: Counts,
}

/// Seats of one subsection whose status changed. SSE event `seats`.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeatsChange<'a> {
    pub section: &'a str,
    pub subsection: u16,
    pub changes: Vec<SeatChange>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SeatChange {
    pub id: String,
    /// `available`, `reserved` or `sold`.
    pub status: &'static str,
}

/// Every seat of a subsection.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubsectionSeats {
    pub event_id: String,
    pub section: String,
    pub subsection: u16,
    pub price: MoneyShape,
    /// Where in the event's stream of changes this stands.
    pub position: String,
    pub seats: Vec<SeatShape>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SeatShape {
    #[schema(example = "A-1-1-1")]
    pub id: String,
    pub row: u16,
    pub seat: u16,
    /// `available`, `reserved` or `sold`.
    pub status: &'static str,
}
