//! One event's seat map: sections, counts, a status per seat. A projection of the rows that the
//! seat engine commits.
//!
//! Promises: the counts are those of the seats; an event whose seats are all free costs its outline
//! and nothing more.
//! Never: keeps who holds a seat.

use std::collections::BTreeMap;

use api::seats::{Counts, EventCounts, SectionCounts};
use kernel::{
    Money, SectionName,
    plan::{SectionOutline, SubsectionOutline},
};
use seat_reservation::row;

use super::packed::{Packed, SeatStatus};

/// The seats of `counts` that have this status.
fn count_of(counts: &mut Counts, status: SeatStatus) -> &mut u32 {
    match status {
        SeatStatus::Available => &mut counts.available,
        SeatStatus::Reserved => &mut counts.reserved,
        SeatStatus::Sold => &mut counts.sold,
    }
}

/// What a row changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Nothing,
    /// A section opened, or its price changed.
    Section,
    /// These seats of a subsection, by their number in it.
    Seats {
        section: SectionName,
        subsection: u16,
        numbers: Vec<u32>,
    },
}

/// The seats of one event.
#[derive(Debug, Clone, Default)]
pub(super) struct EventMap {
    sections: BTreeMap<SectionName, SectionMap>,
}

#[derive(Debug, Clone)]
struct SectionMap {
    outline: SectionOutline,
    /// Beside `outline.subsections`; empty until the first seat is held.
    held: Vec<Held>,
}

#[derive(Debug, Clone)]
struct Held {
    counts: Counts,
    seats: Option<Packed>,
}

/// A subsection as it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct SubsectionView<'a> {
    pub(super) outline: &'a SubsectionOutline,
    pub(super) counts: Counts,
    seats: Option<&'a Packed>,
}

impl<'a> SubsectionView<'a> {
    pub(super) fn status(&self, number: u32) -> SeatStatus {
        self.seats.map_or(SeatStatus::Available, |seats| seats.get(number))
    }

    /// `None` when no seat was ever held: all are available.
    pub(super) fn packed(&self) -> Option<&'a Packed> {
        self.seats
    }
}

/// A section as it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct SectionView<'a>(&'a SectionMap);

impl<'a> SectionView<'a> {
    pub(super) fn name(self) -> &'a SectionName {
        &self.0.outline.name
    }

    pub(super) fn price(self) -> Money {
        self.0.outline.price
    }

    pub(super) fn subsections(self) -> impl Iterator<Item = SubsectionView<'a>> {
        let held = &self.0.held;
        self.0.outline.subsections.iter().enumerate().map(move |(at, outline)| match held.get(at) {
            Some(held) => SubsectionView { outline, counts: held.counts, seats: held.seats.as_ref() },
            None => SubsectionView { outline, counts: Counts::all_free(outline.seats()), seats: None },
        })
    }

    pub(super) fn subsection(self, number: u16) -> Option<SubsectionView<'a>> {
        self.subsections().find(|subsection| subsection.outline.number == number)
    }

    pub(super) fn counts(self) -> SectionCounts {
        let mut counts = SectionCounts::default();
        for subsection in self.subsections() {
            counts.total = counts.total.plus(subsection.counts);
            counts.subsections.insert(subsection.outline.number, subsection.counts);
        }
        counts
    }
}

impl EventMap {
    pub(super) fn sections(&self) -> impl Iterator<Item = SectionView<'_>> {
        self.sections.values().map(SectionView)
    }

    pub(super) fn section(&self, name: &SectionName) -> Option<SectionView<'_>> {
        self.sections.get(name).map(SectionView)
    }

    pub(super) fn open_sections(&self) -> usize {
        self.sections.len()
    }

    pub(super) fn counts(&self) -> EventCounts {
        self.sections().map(|section| (section.name().clone(), section.counts())).collect()
    }

    pub(super) fn total(&self) -> Counts {
        let mut total = Counts::default();
        for subsection in self.sections().flat_map(SectionView::subsections) {
            total = total.plus(subsection.counts);
        }
        total
    }

    /// A section that opened or whose price changed.
    pub(super) fn apply_section(&mut self, row: row::Section) -> Change {
        match self.sections.get_mut(&row.outline.name) {
            Some(section) if section.outline == row.outline => return Change::Nothing,
            Some(section) => section.outline = row.outline,
            None => {
                let section = SectionMap { held: Vec::new(), outline: row.outline };
                self.sections.insert(section.outline.name.clone(), section);
            }
        }
        Change::Section
    }

    /// The holders of one row of seats. A row of a section that is not open is no row of a plan; it
    /// changes nothing.
    pub(super) fn apply_seats(&mut self, row: &row::Seats) -> Change {
        let Some(section) = self.sections.get_mut(&row.section) else { return Change::Nothing };
        let subsections = &section.outline.subsections;
        let Ok(at) = subsections.binary_search_by_key(&row.subsection, |s| s.number) else {
            return Change::Nothing;
        };
        if row.row == 0 || row.row > subsections[at].rows {
            return Change::Nothing;
        }
        if section.held.is_empty() {
            section.held = subsections
                .iter()
                .map(|s| Held { counts: Counts::all_free(s.seats()), seats: None })
                .collect();
        }
        let numbers = section.held[at].apply(subsections[at], row);
        if numbers.is_empty() {
            return Change::Nothing;
        }
        Change::Seats { section: row.section.clone(), subsection: row.subsection, numbers }
    }
}

impl Held {
    /// Takes over the row and answers which seats of it changed.
    fn apply(&mut self, outline: SubsectionOutline, row: &row::Seats) -> Vec<u32> {
        let per_row = outline.seats_per_row;
        let mut now = vec![SeatStatus::Available; per_row.into()];
        for holder in &row.holders {
            let status = if holder.sold { SeatStatus::Sold } else { SeatStatus::Reserved };
            for &seat in holder.seats.iter().filter(|&&seat| (1..=per_row).contains(&seat)) {
                now[usize::from(seat) - 1] = status;
            }
        }
        let seats = self.seats.get_or_insert_with(|| Packed::new(outline));
        let first = u32::from(row.row - 1) * u32::from(per_row);
        let mut changed = Vec::new();
        for (number, status) in (first..).zip(now) {
            let before = seats.get(number);
            if before != status {
                *count_of(&mut self.counts, before) -= 1;
                *count_of(&mut self.counts, status) += u32::from(!kernel::planted("live.counts-drift"));
                seats.set(number, status);
                changed.push(number);
            }
        }
        kernel::sabotaged!("live.delta-loses-a-seat", changed, changed.split_off(1.min(changed.len())))
    }
}
