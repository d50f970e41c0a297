//! The outline of a section: its subsections, its price and the partition that its seats live on.
//! What booking and the seat engine know of a plan.
//!
//! The full seating plan, with its limits and its editing, belongs to event_ticketing.

use crate::{Money, SeatPlace, SectionName};

/// A block of equal rows, all its seats free at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubsectionOutline {
    /// From 1, ascending and unique inside the section.
    pub number: u16,
    pub rows: u16,
    pub seats_per_row: u16,
}

impl SubsectionOutline {
    pub fn new(number: u16, rows: u16, seats_per_row: u16) -> Self {
        Self { number, rows, seats_per_row }
    }

    pub fn seats(&self) -> u32 {
        u32::from(self.rows) * u32::from(self.seats_per_row)
    }
}

/// A section as the other services know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionOutline {
    pub name: SectionName,
    /// The partition of every topic that this section's seats live on.
    pub partition: u16,
    pub price: Money,
    /// How often the price was changed. The later of two prices has the higher version.
    pub price_version: u32,
    /// By number, ascending.
    pub subsections: Vec<SubsectionOutline>,
}

impl SectionOutline {
    /// At its first price. `subsections` must be ascending by number.
    pub fn new(
        name: SectionName,
        partition: u16,
        price: Money,
        subsections: impl IntoIterator<Item = SubsectionOutline>,
    ) -> Self {
        let subsections = subsections.into_iter().collect();
        Self { name, partition, price, price_version: 0, subsections }
    }

    pub fn seats(&self) -> u32 {
        self.subsections.iter().map(SubsectionOutline::seats).sum()
    }

    pub fn subsection(&self, number: u16) -> Option<&SubsectionOutline> {
        self.subsections.binary_search_by_key(&number, |s| s.number).ok().map(|at| &self.subsections[at])
    }

    pub fn contains(&self, place: SeatPlace) -> bool {
        self.subsection(place.subsection)
            .is_some_and(|s| (1..=s.rows).contains(&place.row) && (1..=s.seats_per_row).contains(&place.seat))
    }
}
