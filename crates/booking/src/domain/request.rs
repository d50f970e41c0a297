//! A buyer's request, checked against the event's outline: does the section exist, do the seats,
//! are they not too many.
//!
//! Promises: every broken rule is reported with its place in the request. Never: asks whether a
//! seat is free.

use kernel::{
    SeatNo, SeatPlace,
    message::{EventOnSale, Partial, Selection},
    plan::SectionOutline,
    violation::{Pointer, Violation, code},
};

use super::booking::Asked;

/// What a buyer sends, its types checked but not its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingRequest {
    pub section: String,
    pub subsection: Option<u16>,
    pub mode: Mode,
    pub partial: Partial,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    BestAvailable { quantity: u16 },
    Manual { seats: Vec<String> },
}

impl BookingRequest {
    /// What is asked for, and the partition of its section.
    ///
    /// # Errors
    /// All rules that it breaks.
    pub fn check(self, event: &EventOnSale) -> Result<(Asked, u16), Vec<Violation>> {
        let mut broken = Vec::new();
        let section = event.sections.iter().find(|section| section.name.as_str() == self.section);
        if section.is_none() {
            let place = Pointer::ROOT;
            broken.push(
                place
                    .field("section")
                    .violation(code::UNKNOWN_SECTION, "The event has no section with this name."),
            );
        }
        if let (Some(section), Some(number)) = (section, self.subsection)
            && section.subsection(number).is_none()
        {
            let place = Pointer::ROOT;
            broken.push(
                place
                    .field("subsection")
                    .violation(code::UNKNOWN_SUBSECTION, "The section has no subsection with this number."),
            );
        }
        let most = kernel::sabotaged!("request.limit-of-the-event-ignored", event.max_seats_per_booking, 40);
        let selection =
            match &self.mode {
                Mode::BestAvailable { quantity } => {
                    if !(1..=most).contains(quantity) {
                        let place = Pointer::ROOT;
                        broken.push(place.field("quantity").violation(
                            code::OUT_OF_RANGE,
                            format!("Must be from 1 to {most} for this event."),
                        ));
                    }
                    Selection::BestAvailable { quantity: *quantity, subsection: self.subsection }
                }
                Mode::Manual { seats } => {
                    Selection::Manual { seats: check_seats(seats, &self, section, most, &mut broken) }
                }
            };
        match section {
            Some(section) if broken.is_empty() => {
                let asked = Asked {
                    section: section.name.clone(),
                    subsection: self.subsection,
                    selection,
                    partial: self.partial,
                };
                Ok((asked, section.partition))
            }
            _ => Err(broken),
        }
    }
}

fn check_seats(
    seats: &[String],
    request: &BookingRequest,
    section: Option<&SectionOutline>,
    most: u16,
    broken: &mut Vec<Violation>,
) -> Vec<SeatPlace> {
    let root = Pointer::ROOT;
    let field = root.field("seats");
    if seats.is_empty() {
        broken.push(field.violation(code::EMPTY, "Must contain at least one seat."));
    }
    if seats.len() > usize::from(most) {
        broken.push(
            field.violation(code::TOO_MANY, format!("Must contain at most {most} seats for this event.")),
        );
        return Vec::new();
    }
    let mut places: Vec<SeatPlace> = Vec::with_capacity(seats.len());
    for (index, text) in seats.iter().enumerate() {
        let place = field.index(index);
        let Ok(SeatNo { section: named, place: seat }) = text.parse::<SeatNo>() else {
            broken.push(place.violation(
                code::INVALID_FORMAT,
                "Must be section-subsection-row-seat, for example A-1-1-1.",
            ));
            continue;
        };
        let elsewhere = named.as_str() != request.section
            || request.subsection.is_some_and(|subsection| subsection != seat.subsection);
        if elsewhere || section.is_some_and(|section| !section.contains(seat)) {
            broken.push(
                place.violation(code::NOT_IN_PLAN, "The requested section or subsection has no such seat."),
            );
        } else if places.contains(&seat) {
            broken.push(place.violation(code::DUPLICATE, "The seat is listed twice."));
        }
        places.push(seat);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::event_on_sale;

    fn request(mode: Mode) -> BookingRequest {
        BookingRequest { section: "A".to_owned(), subsection: Some(1), mode, partial: Partial::Accept }
    }

    fn manual(seats: &[&str]) -> BookingRequest {
        request(Mode::Manual { seats: seats.iter().map(|&seat| seat.to_owned()).collect() })
    }

    fn best(quantity: u16) -> BookingRequest {
        request(Mode::BestAvailable { quantity })
    }

    #[test]
    fn good_requests_pass() {
        let event = event_on_sale();
        let (asked, partition) = best(4).check(&event).unwrap();
        assert_eq!((asked.selection.requested(), partition), (4, 3));
        let (asked, _) = manual(&["A-1-1-1", "A-1-2-20"]).check(&event).unwrap();
        assert_eq!(asked.selection.requested(), 2);
    }

    #[test]
    fn each_broken_rule_is_reported_with_its_place() {
        let event = event_on_sale();
        let unknown_section = BookingRequest { section: "Z".to_owned(), subsection: None, ..best(1) };
        let unknown_subsection = BookingRequest { subsection: Some(3), ..best(1) };
        let cases = [
            (best(0), vec![("/quantity", code::OUT_OF_RANGE)]),
            (best(5), vec![("/quantity", code::OUT_OF_RANGE)]),
            (unknown_section, vec![("/section", code::UNKNOWN_SECTION)]),
            (unknown_subsection, vec![("/subsection", code::UNKNOWN_SUBSECTION)]),
            (manual(&[]), vec![("/seats", code::EMPTY)]),
            (
                manual(&["A-1-1-1", "A-1-1-2", "A-1-1-3", "A-1-1-4", "A-1-1-5"]),
                vec![("/seats", code::TOO_MANY)],
            ),
            (
                manual(&["A-1-1-99", "x"]),
                vec![("/seats/0", code::NOT_IN_PLAN), ("/seats/1", code::INVALID_FORMAT)],
            ),
            (manual(&["A-1-1-1", "A-1-1-1"]), vec![("/seats/1", code::DUPLICATE)]),
            (manual(&["A-2-1-1"]), vec![("/seats/0", code::NOT_IN_PLAN)]),
            (manual(&["B-1-1-1"]), vec![("/seats/0", code::NOT_IN_PLAN)]),
        ];
        for (request, expected) in cases {
            let got = format!("{request:?}");
            let broken = request.check(&event).unwrap_err();
            let broken: Vec<_> = broken.iter().map(|v| (v.pointer.as_str(), v.code)).collect();
            assert_eq!(broken, expected, "{got}");
        }
    }
}
