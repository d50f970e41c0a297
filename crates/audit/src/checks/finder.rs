//! I15, no false refusal: a request for seats that nobody ever held gets them, adjacent where a row
//! has them.
//!
//! Promises: what it counts as a violation is one. Never: judges seats that were held and released:
//! the log of one topic cannot show whether they were free again by then.

use std::collections::BTreeMap;

use kernel::{
    SeatPlace,
    message::{Grant, Partial, Selection, TicketReservedRequest},
    plan::SectionOutline,
};

use crate::{
    history::{Answer, History},
    report::Report,
};

const NO_FALSE_REFUSAL: &str = "I15 no false refusal";
const SIDE_BY_SIDE: &str = "I15 a party sits side by side";
const HALVES: &str = "I15 half of a party sits side by side";

pub(super) fn check(report: &mut Report, history: &History) {
    let mut untouched: BTreeMap<_, _> = history
        .opened
        .iter()
        .map(|(section, opened)| (section.clone(), Untouched::of(&opened.section)))
        .collect();
    for (source, request) in &history.requests {
        let Some([answer]) = history.answers.get(source).map(Vec::as_slice) else { continue };
        let Some(free) = untouched.get_mut(&(request.event_id, request.section.clone())) else { continue };
        match &request.selection {
            Selection::BestAvailable { quantity, subsection } => {
                best_available(report, request, (*quantity, *subsection), answer, free);
            }
            Selection::Manual { seats } => by_hand(report, request, seats, answer, free),
        }
        if let Answer::Granted(grant) = answer {
            grant.seats.iter().for_each(|&seat| free.touch(seat));
        }
    }
}

fn best_available(
    report: &mut Report,
    request: &TicketReservedRequest,
    (quantity, subsection): (u16, Option<u16>),
    answer: &Answer,
    free: &mut Untouched,
) {
    let (quantity, in_reach) = (usize::from(quantity), free.seats(subsection));
    // A refusal had too few; a grant that is short took every untouched seat there was.
    let holds = match answer {
        Answer::Failed(_) if request.partial == Partial::Refuse => in_reach < quantity,
        Answer::Failed(_) => in_reach == 0,
        Answer::Granted(grant) => grant.seats.len() == quantity || in_reach <= grant.seats.len(),
    };
    report.check(NO_FALSE_REFUSAL, holds, || {
        format!("{request:?} got {answer:?} while {in_reach} seats were untouched")
    });
    if let (Answer::Granted(grant), Some(_)) = (answer, free.first_row(subsection, quantity.div_ceil(2))) {
        report.check(HALVES, longest_run(grant) >= quantity.div_ceil(2), || {
            format!("{request:?} got {:?} while a row had room for half of it", grant.seats)
        });
    }
    if let (Answer::Granted(grant), Some(front)) = (answer, free.first_row(subsection, quantity)) {
        // Released seats may have made a row further in front fit, never one behind.
        let fits = grant.seats.first().is_some_and(|first| (first.subsection, first.row) <= front);
        report.check(SIDE_BY_SIDE, fits && side_by_side(grant), || {
            format!("{request:?} got {:?} while row {front:?} had room", grant.seats)
        });
    }
}

fn by_hand(
    report: &mut Report,
    request: &TicketReservedRequest,
    asked: &[SeatPlace],
    answer: &Answer,
    free: &Untouched,
) {
    let mut untouched = asked.iter().filter(|&&seat| free.has(seat));
    let holds = match answer {
        Answer::Failed(_) if request.partial == Partial::Refuse => untouched.count() < asked.len(),
        Answer::Failed(_) => untouched.next().is_none(),
        Answer::Granted(grant) => untouched.all(|seat| grant.seats.contains(seat)),
    };
    report.check(NO_FALSE_REFUSAL, holds, || format!("{request:?} got {answer:?} against untouched seats"));
}

/// All in one row, each beside the next; seats of a grant are ascending.
fn side_by_side(grant: &Grant) -> bool {
    longest_run(grant) == grant.seats.len()
}

/// The most seats of a grant that lie beside each other; its seats are ascending.
fn longest_run(grant: &Grant) -> usize {
    let beside = |one: &SeatPlace, next: &SeatPlace| {
        (one.subsection, one.row, one.seat + 1) == (next.subsection, next.row, next.seat)
    };
    grant.seats.chunk_by(beside).map(<[SeatPlace]>::len).max().unwrap_or(0)
}

/// The seats of a section that nobody ever held.
struct Untouched {
    /// By subsection and row: whether each seat is untouched, and the longest run of such.
    rows: BTreeMap<(u16, u16), (Vec<bool>, usize)>,
    /// How many there are, by subsection.
    seats: BTreeMap<u16, usize>,
    /// The row found for each scope and quantity. Runs only get shorter, so none before it fits
    /// again.
    found: BTreeMap<(Option<u16>, usize), (u16, u16)>,
}

impl Untouched {
    fn of(outline: &SectionOutline) -> Self {
        let (mut rows, mut seats) = (BTreeMap::new(), BTreeMap::new());
        for block in &outline.subsections {
            let width = usize::from(block.seats_per_row);
            rows.extend((1..=block.rows).map(|row| ((block.number, row), (vec![true; width], width))));
            seats.insert(block.number, usize::from(block.rows) * width);
        }
        Self { rows, seats, found: BTreeMap::new() }
    }

    fn has(&self, place: SeatPlace) -> bool {
        let row = self.rows.get(&(place.subsection, place.row));
        row.is_some_and(|(seats, _)| place.seat > 0 && seats.get(usize::from(place.seat) - 1) == Some(&true))
    }

    fn touch(&mut self, place: SeatPlace) {
        if !self.has(place) {
            return;
        }
        if let Some((seats, longest)) = self.rows.get_mut(&(place.subsection, place.row)) {
            seats[usize::from(place.seat) - 1] = false;
            *longest = seats.split(|free| !free).map(<[bool]>::len).max().unwrap_or(0);
        }
        if let Some(left) = self.seats.get_mut(&place.subsection) {
            *left -= 1;
        }
    }

    /// How many there are in the subsection, or in the whole section.
    fn seats(&self, subsection: Option<u16>) -> usize {
        match subsection {
            Some(number) => self.seats.get(&number).copied().unwrap_or(0),
            None => self.seats.values().sum(),
        }
    }

    /// The first row, by subsection and row, with so many adjacent seats.
    fn first_row(&mut self, subsection: Option<u16>, quantity: usize) -> Option<(u16, u16)> {
        let (first, last) = subsection.map_or((0, u16::MAX), |number| (number, number));
        let from = self.found.entry((subsection, quantity)).or_insert((first, 0));
        let mut rows = self.rows.range(*from..=(last, u16::MAX));
        let row = rows.find(|(_, (_, longest))| *longest >= quantity).map(|(row, _)| *row);
        *from = row.unwrap_or((last, u16::MAX));
        row
    }
}
