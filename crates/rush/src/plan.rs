//! What a buyer asks for next: how many seats, where, and which ones if picked by hand.
//!
//! A choice follows from the seed and from what the buyers believe about the seats. Hand-picked
//! seats come from a small window of hot rows, so that buyers truly want the same ones.
//! Pure: no I/O, no clock.

use super::args::QuantityRange;
use super::market::Market;
use super::mix::Mix;
use super::outline::{Outline, SeatPlace, Subsection};
use super::rng::Rng;

/// Subsections of a section, and rows of a subsection, that all hand-picking buyers crowd into.
const HOT_SUBSECTIONS: usize = 2;
const HOT_ROWS: usize = 4;
/// Of 100 bookings of the real mix those that want all their seats or none.
const ALL_OR_NOTHING: u8 = 15;

/// One booking that a buyer wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) section: usize,
    /// None: anywhere in the section.
    pub(super) subsection: Option<usize>,
    pub(super) quantity: u32,
    /// Hand-picked seats; empty when the system is to choose the best available.
    pub(super) seats: Vec<SeatPlace>,
    /// All of them or none.
    pub(super) all: bool,
}

impl Choice {
    /// These seats; `None` when there are none, since others may take what looked free while a
    /// buyer looks.
    fn by_hand(section: usize, subsection: usize, seats: Vec<SeatPlace>) -> Option<Self> {
        let quantity = u32::try_from(seats.len()).ok().filter(|&quantity| quantity > 0)?;
        Some(Self { section, subsection: Some(subsection), quantity, seats, all: false })
    }

    /// Whether these seats can be the answer.
    pub(super) fn allows(&self, outline: &Outline, seats: &[SeatPlace]) -> bool {
        let blocks = &outline.sections[self.section].subsections;
        let within = |place: &SeatPlace| match self.subsection {
            Some(number) => blocks[number].contains(*place),
            None => blocks.iter().any(|block| block.contains(*place)),
        };
        let asked = |place: &SeatPlace| !self.is_manual() || self.seats.contains(place);
        let count =
            seats.len() == self.quantity as usize || !self.all && seats.len() < self.quantity as usize;
        count && seats.iter().all(|place| within(place) && asked(place))
    }

    /// Did the buyer name the seats?
    pub(super) fn is_manual(&self) -> bool {
        !self.seats.is_empty()
    }
}

/// The habits of one line of a buyer.
#[derive(Debug)]
pub(super) struct Planner {
    pub(super) rng: Rng,
    pub(super) quantity: QuantityRange,
    /// Percentage of hand-picked bookings.
    pub(super) manual: u8,
    /// Percentage of granted bookings that are paid.
    pub(super) pay: u8,
    pub(super) mix: Mix,
}

impl Planner {
    /// The next booking to ask for; `None` when every section has answered that nothing is left.
    pub(super) fn next(&mut self, outline: &Outline, market: &Market) -> Option<Choice> {
        let choice = self.choose(outline, market)?;
        // The plain mix draws nothing here, so its choices follow from the seed as they did.
        let all = self.mix == Mix::Real && self.rng.percent(ALL_OR_NOTHING);
        Some(Choice { all, ..choice })
    }

    fn choose(&mut self, outline: &Outline, market: &Market) -> Option<Choice> {
        let section = first_from(&mut self.rng, outline.sections.len(), |s| market.section_open(s))?;
        let quantity = self.rng.between(self.quantity.least, self.quantity.most);
        if self.rng.percent(self.manual)
            && let Some(choice) = self.pick(outline, market, section, quantity)
        {
            return Some(choice);
        }
        let blocks = outline.sections[section].subsections.len();
        let subsection = if self.rng.percent(50) {
            first_from(&mut self.rng, blocks, |b| market.subsection_open(section, b))
        } else {
            None
        };
        Some(Choice { section, subsection, quantity, seats: Vec::new(), all: false })
    }

    /// Does the buyer pay for what was granted?
    pub(super) fn pays(&mut self) -> bool {
        self.rng.percent(self.pay)
    }

    /// Adjacent seats in a hot row that look free; `None` when the map shows none.
    fn pick(&mut self, outline: &Outline, market: &Market, section: usize, quantity: u32) -> Option<Choice> {
        let blocks = &outline.sections[section].subsections;
        let hot: Vec<(usize, u32)> = blocks
            .iter()
            .enumerate()
            .filter(|(b, _)| market.subsection_open(section, *b))
            .map(|(b, block)| (b, hot_rows(block, market)))
            .filter(|(_, rows)| !rows.is_empty())
            .take(HOT_SUBSECTIONS)
            .flat_map(|(b, rows)| rows.into_iter().map(move |row| (b, row)))
            .collect();
        let &(b, row) = hot.get(self.rng.below(hot.len()))?;
        Choice::by_hand(section, b, adjacent(&mut self.rng, &blocks[b], row, quantity, market))
    }
}

/// The first few rows that look as if they had a free seat.
fn hot_rows(block: &Subsection, market: &Market) -> Vec<u32> {
    (0..block.rows)
        .filter(|row| (0..block.seats_per_row).any(|seat| market.looks_free(block.place(*row, seat))))
        .take(HOT_ROWS)
        .collect()
}

/// Up to `quantity` neighbours that look free, from a random start to the right, then from the
/// row's first seat.
fn adjacent(rng: &mut Rng, block: &Subsection, row: u32, quantity: u32, market: &Market) -> Vec<SeatPlace> {
    let width = block.seats_per_row as usize;
    let start = rng.below(width);
    let mut best = Vec::new();
    let mut run = Vec::new();
    for seat in (start..width).chain(0..start) {
        let place = block.place(row, u32::try_from(seat).unwrap_or(0));
        // Coming round to seat 0 ends a run: the row's ends are not neighbours.
        let free = market.looks_free(place);
        if seat == 0 || !free {
            run.clear();
        }
        if free {
            run.push(place);
        }
        if run.len() > best.len() {
            best.clone_from(&run);
        }
        if best.len() == quantity as usize {
            break;
        }
    }
    best
}

/// The first of `0..n`, from a random start and round, that is wanted.
fn first_from(rng: &mut Rng, n: usize, wanted: impl Fn(usize) -> bool) -> Option<usize> {
    let start = rng.below(n);
    (start..n).chain(0..start).find(|i| wanted(*i))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::super::outline::tests::small;
    use super::*;

    fn planner(seed: u64, manual: u8) -> Planner {
        let quantity = QuantityRange { least: 1, most: 3 };
        Planner { rng: Rng::of(seed, 3, 1), quantity, manual, pay: 90, mix: Mix::Plain }
    }

    #[test]
    fn the_same_seed_makes_the_same_choices() {
        let outline = small();
        let market = Market::new(&outline);
        let choices = |seed| {
            let mut planner = planner(seed, 20);
            (0..50).map(|_| planner.next(&outline, &market).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(choices(5), choices(5));
        assert_ne!(choices(5), choices(6));
        let manual = choices(5).iter().filter(|choice| choice.is_manual()).count();
        assert!((2..25).contains(&manual), "{manual}");
    }

    #[test]
    fn hand_picked_seats_are_neighbours_in_one_row_that_look_free() {
        let outline = small();
        let market = Market::new(&outline);
        let block = &outline.sections[0].subsections[0];
        market.take(block.place(0, 1));
        let mut planner = planner(9, 100);
        for _ in 0..200 {
            let choice = planner.next(&outline, &market).unwrap();
            assert!(choice.is_manual());
            assert_eq!(choice.quantity as usize, choice.seats.len());
            for pair in choice.seats.windows(2) {
                assert_eq!(pair[1].0, pair[0].0 + 1);
                assert_ne!(pair[1].0 % 4, 0, "a pick went round the end of its row");
            }
            assert!(choice.seats.iter().all(|place| market.looks_free(*place)));
        }
    }

    #[test]
    fn an_answer_that_was_not_asked_for_is_seen() {
        let outline = small();
        let block = &outline.sections[0].subsections[0];
        let (one, two) = (block.place(0, 0), block.place(0, 1));
        let best = Choice { section: 0, subsection: None, quantity: 2, seats: vec![], all: false };
        assert!(best.allows(&outline, &[one, two]) && best.allows(&outline, &[two]));
        assert!(!best.allows(&outline, &[outline.sections[1].subsections[0].place(0, 0)]));
        let elsewhere = Choice { subsection: Some(1), ..best.clone() };
        assert!(!elsewhere.allows(&outline, &[one, two]));
        let all = Choice { all: true, ..best.clone() };
        assert!(all.allows(&outline, &[one, two]) && !all.allows(&outline, &[one]));
        let picked = Choice { subsection: Some(0), seats: vec![one, two], ..best };
        assert!(picked.allows(&outline, &[one]) && !picked.allows(&outline, &[block.place(0, 2)]));
    }

    #[test]
    fn a_row_that_fills_up_while_a_buyer_looks_is_no_choice() {
        let outline = small();
        let market = Market::new(&outline);
        let block = &outline.sections[0].subsections[0];
        block.places().for_each(|place| market.take(place));
        let seats = adjacent(&mut Rng::of(1, 1, 1), block, 0, 2, &market);
        assert_eq!(Choice::by_hand(0, 0, seats), None);
    }

    #[test]
    fn a_full_looking_section_is_left_to_the_system_and_a_sold_out_event_ends_it() {
        let outline = small();
        let market = Market::new(&outline);
        for place in
            outline.sections.iter().flat_map(|section| &section.subsections).flat_map(Subsection::places)
        {
            market.take(place);
        }
        let mut planner = planner(1, 100);
        assert!(!planner.next(&outline, &market).unwrap().is_manual());
        market.sold_out(0, None);
        for _ in 0..20 {
            assert_eq!(planner.next(&outline, &market).unwrap().section, 1);
        }
        market.sold_out(1, Some(0));
        assert_eq!(planner.next(&outline, &market), None);
    }
}
