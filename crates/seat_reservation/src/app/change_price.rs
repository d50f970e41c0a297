//! SectionPriceChanged: grants after this position in the log are at the new price; earlier ones
//! keep theirs.
//!
//! Promises: of two prices the later one stays in force, in whatever order they come.

use kernel::message::SectionPriceChanged;

use super::{Step, open_section::check_price};
use crate::{domain::state::State, stored};

pub(crate) fn check(state: &State, changed: &SectionPriceChanged) -> Result<(), String> {
    check_price(changed.price)?;
    let section = state.sections.get(changed.event_id, &changed.section);
    if section.is_some_and(|section| section.outline.price.currency != changed.price.currency) {
        return Err("the price is in another currency than the section's".to_owned());
    }
    Ok(())
}

pub(crate) fn apply(state: &mut State, changed: &SectionPriceChanged, step: &mut Step<'_>) {
    let Some(section) = state.sections.get_mut(changed.event_id, &changed.section) else {
        step.counters.price_changes_ignored += 1;
        return;
    };
    // A change without a version was sent by a program that knew none, so before each that has one.
    let newer = match changed.price_version {
        0 => section.outline.price_version == 0,
        version => version > section.outline.price_version,
    };
    if !newer && !kernel::planted("seats.older-price-wins") {
        step.counters.prices_outdated += 1;
        return;
    }
    section.outline.price_version = changed.price_version;
    if !kernel::planted("seats.price-change-ignored") {
        section.outline.price = changed.price;
    }
    step.put(stored::section(section));
    step.counters.prices_changed += 1;
}
