//! The event as the buyers see it: sections, subsections, rows, and one number per seat.
//!
//! A seat has a place in `0..capacity`; tables over all seats are plain vectors. Seat ids
//! (`A-1-1-1`) are turned into places and back here and nowhere else. Pure: no I/O.

use serde::Deserialize;

/// A seat's place in `0..capacity` of its event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SeatPlace(pub(super) u32);

impl SeatPlace {
    /// The place as an index into a table over all seats.
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// The event's answer of `GET /v1/events/{id}`, as far as the rush needs it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct EventAnswer {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: String,
    #[serde(default)]
    pub(super) max_seats_per_booking: Option<u32>,
    #[serde(default)]
    pub(super) sections: Vec<SectionAnswer>,
}

/// One section of an event's answer.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct SectionAnswer {
    name: String,
    pub(super) subsections: Vec<SubsectionAnswer>,
}

/// One subsection of an event's answer, with its counts of seats.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct SubsectionAnswer {
    number: u32,
    rows: u32,
    seats_per_row: u32,
    #[serde(default)]
    pub(super) available: u64,
    #[serde(default)]
    pub(super) reserved: u64,
    #[serde(default)]
    pub(super) sold: u64,
}

/// The seating of one event, numbered through.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) event_id: String,
    pub(super) event_name: String,
    pub(super) max_seats_per_booking: u32,
    pub(super) sections: Vec<Section>,
    capacity: u32,
}

/// A section: its name and its subsections, in the order of the answer.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) name: String,
    pub(super) subsections: Vec<Subsection>,
}

/// A block of `rows × seats_per_row` seats whose places follow one another.
#[derive(Debug)]
pub(super) struct Subsection {
    pub(super) number: u32,
    pub(super) rows: u32,
    pub(super) seats_per_row: u32,
    first: u32,
}

impl Subsection {
    /// Number of seats.
    pub(super) fn capacity(&self) -> u32 {
        self.rows * self.seats_per_row
    }

    /// The place of a seat, row and seat counted from 0; the caller keeps inside the plan.
    pub(super) fn place(&self, row: u32, seat: u32) -> SeatPlace {
        SeatPlace(self.first + row * self.seats_per_row + seat)
    }

    pub(super) fn contains(&self, place: SeatPlace) -> bool {
        (self.first..self.first + self.capacity()).contains(&place.0)
    }

    /// All places of this subsection.
    #[cfg(test)]
    pub(super) fn places(&self) -> impl Iterator<Item = SeatPlace> + use<> {
        (self.first..self.first + self.capacity()).map(SeatPlace)
    }
}

impl Outline {
    /// Numbers the seats of an event's answer.
    pub(super) fn new(event: EventAnswer) -> Self {
        let mut next = 0;
        let sections = event
            .sections
            .into_iter()
            .map(|section| Section {
                name: section.name,
                subsections: section.subsections.iter().map(|answer| subsection(answer, &mut next)).collect(),
            })
            .collect();
        Self {
            event_id: event.id,
            event_name: event.name,
            max_seats_per_booking: event.max_seats_per_booking.unwrap_or(4),
            sections,
            capacity: next,
        }
    }

    /// Seats of the whole event.
    pub(super) fn capacity(&self) -> u32 {
        self.capacity
    }

    /// The place of a seat id such as `A-1-1-1`; `None` when the plan has no such seat.
    pub(super) fn place_of(&self, id: &str) -> Option<SeatPlace> {
        let mut parts = id.split('-');
        let name = parts.next()?;
        let mut number = || parts.next()?.parse::<u32>().ok();
        let (subsection, row, seat) = (number()?, number()?, number()?);
        if parts.next().is_some() {
            return None;
        }
        let section = self.sections.iter().find(|section| section.name == name)?;
        let subsection = section.subsections.iter().find(|candidate| candidate.number == subsection)?;
        let inside = (1..=subsection.rows).contains(&row) && (1..=subsection.seats_per_row).contains(&seat);
        inside.then(|| subsection.place(row - 1, seat - 1))
    }

    /// The section, in the order of the answer, that a place lies in.
    pub(super) fn section_of(&self, place: SeatPlace) -> Option<usize> {
        let holds = |block: &Subsection| block.contains(place);
        self.sections.iter().position(|section| section.subsections.iter().any(holds))
    }

    /// Writes a seat's id, such as `A-1-1-1`, for a place inside the given subsection.
    pub(super) fn write_id(&self, section: usize, subsection: usize, place: SeatPlace, into: &mut String) {
        use std::fmt::Write as _;
        let section = &self.sections[section];
        let block = &section.subsections[subsection];
        let offset = place.0 - block.first;
        let (row, seat) = (offset / block.seats_per_row + 1, offset % block.seats_per_row + 1);
        // Writing to a String cannot fail.
        let _ = write!(into, "{}-{}-{row}-{seat}", section.name, block.number);
    }
}

fn subsection(answer: &SubsectionAnswer, next: &mut u32) -> Subsection {
    let block = Subsection {
        number: answer.number,
        rows: answer.rows,
        seats_per_row: answer.seats_per_row,
        first: *next,
    };
    *next += block.capacity();
    block
}

/// The seats of an event by state, added up over its subsections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) available: u64,
    pub(super) reserved: u64,
    pub(super) sold: u64,
}

impl Counts {
    /// Adds up the subsections of an event's answer.
    pub(super) fn of(event: &EventAnswer) -> Self {
        let mut counts = Self::default();
        for block in event.sections.iter().flat_map(|section| &section.subsections) {
            counts.available += block.available;
            counts.reserved += block.reserved;
            counts.sold += block.sold;
        }
        counts
    }

    /// Seats in any state.
    pub(super) fn total(self) -> u64 {
        self.available + self.reserved + self.sold
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// Two sections, A of 2 subsections and B of 1, each 3 rows of 4 seats.
    pub(crate) fn small() -> Outline {
        let block = |n: u32| {
            format!(r#"{{"number":{n},"rows":3,"seats_per_row":4,"available":10,"reserved":1,"sold":1}}"#)
        };
        let text = format!(
            r#"{{"id":"evt_1","name":"Small","status":"on_sale","sections":[
                {{"name":"A","subsections":[{},{}]}},{{"name":"B 區","subsections":[{}]}}]}}"#,
            block(1),
            block(2),
            block(1)
        );
        let event: EventAnswer = serde_json::from_str(&text).unwrap();
        assert_eq!(Counts::of(&event), Counts { available: 30, reserved: 3, sold: 3 });
        Outline::new(event)
    }

    #[test]
    fn every_place_has_one_id_and_back() {
        let outline = small();
        assert_eq!(outline.capacity(), 36);
        let mut seen = 0;
        for (s, section) in outline.sections.iter().enumerate() {
            for (b, block) in section.subsections.iter().enumerate() {
                for place in block.places() {
                    let mut id = String::new();
                    outline.write_id(s, b, place, &mut id);
                    assert_eq!(outline.place_of(&id), Some(place), "{id}");
                    assert_eq!(place.0, seen);
                    seen += 1;
                }
            }
        }
        assert_eq!(seen, 36);
    }

    #[test]
    fn seats_outside_the_plan_have_no_place() {
        let outline = small();
        for id in [
            "A-1-1-5",
            "A-1-4-1",
            "A-3-1-1",
            "C-1-1-1",
            "A-1-1",
            "A-1-1-1-1",
            "A-0-1-1",
            "A-1-0-1",
            "",
            "A-x-1-1",
        ] {
            assert_eq!(outline.place_of(id), None, "{id}");
        }
    }
}
