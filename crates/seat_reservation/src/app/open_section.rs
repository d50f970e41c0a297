//! SectionOpened: a section's seats are on sale from this position in the log on. Opening it again
//! changes nothing, not even its price.

use kernel::{Money, limits, message::SectionOpened, plan::SubsectionOutline};

use super::Step;
use crate::{
    domain::{section::Section, state::State},
    stored,
};

pub(crate) fn check(opened: &SectionOpened, partition: u16) -> Result<(), String> {
    let outline = &opened.section;
    if outline.partition != partition {
        return Err(format!("the section lives on partition {}", outline.partition));
    }
    let subsections = &outline.subsections;
    let seats: u64 = subsections.iter().map(|s| u64::from(s.rows) * u64::from(s.seats_per_row)).sum();
    let in_limits = (1..=limits::SUBSECTIONS_PER_SECTION).contains(&subsections.len())
        && subsections.iter().copied().all(subsection_in_limits)
        && seats <= u64::from(limits::SEATS_PER_EVENT);
    if !in_limits || !subsections.is_sorted_by(|a, b| a.number < b.number) {
        return Err("the section's plan is empty, beyond the limits or out of order".to_owned());
    }
    check_price(outline.price)
}

pub(super) fn check_price(price: Money) -> Result<(), String> {
    if (0..=limits::PRICE_MINOR).contains(&price.amount_minor) {
        return Ok(());
    }
    Err("the price is out of its range".to_owned())
}

fn subsection_in_limits(subsection: SubsectionOutline) -> bool {
    subsection.number >= 1
        && (1..=limits::ROWS_PER_SUBSECTION).contains(&subsection.rows)
        && (1..=limits::SEATS_PER_ROW).contains(&subsection.seats_per_row)
}

pub(crate) fn apply(state: &mut State, opened: SectionOpened, step: &mut Step<'_>) {
    let known = state.sections.get(opened.event_id, &opened.section.name).is_some();
    if known && !kernel::planted("seats.section-opened-again") {
        step.counters.openings_ignored += 1;
        return;
    }
    let section = Section::open(opened);
    step.put(stored::section(&section));
    step.counters.sections_opened += 1;
    state.sections.insert(section);
}
