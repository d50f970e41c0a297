//! Seating plans: the rules for a plan, and the partitions of its seats.
//!
//! Promises: an accepted plan keeps every limit of `kernel::limits`; a refused one names each place
//! that breaks a rule, all at once.
//! Never: makes a row per seat; a plan of 500,000 seats is as many numbers as it has subsections.

use std::{
    collections::{BTreeMap, HashSet},
    ops::RangeInclusive,
};

use kernel::{
    Currency, Money, Pointer, SectionName, Violation, limits,
    plan::{SectionOutline, SubsectionOutline},
    topic,
    violation::code,
};

/// A section as the seller wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionDraft {
    pub name: String,
    pub price_minor: i64,
    pub subsections: Vec<SubsectionDraft>,
}

/// A subsection as the seller wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubsectionDraft {
    pub number: i64,
    pub rows: i64,
    pub seats_per_row: i64,
}

impl SubsectionDraft {
    pub const fn new(number: i64, rows: i64, seats_per_row: i64) -> Self {
        Self { number, rows, seats_per_row }
    }
}

/// Reads a plan; `at` is its place in the request (`/seating`). The sections keep the seller's
/// order and know their partitions.
///
/// # Errors
/// Every broken rule with its place.
pub fn read(
    drafts: &[SectionDraft],
    currency: Currency,
    at: Pointer<'_>,
) -> Result<Vec<SectionOutline>, Vec<Violation>> {
    let mut violations = Vec::new();
    let sections_at = at.field("sections");
    if drafts.is_empty() {
        violations.push(sections_at.violation(code::EMPTY, "Must contain at least one section."));
    }
    if drafts.len() > limits::SECTIONS_PER_EVENT {
        let most = limits::SECTIONS_PER_EVENT;
        violations
            .push(sections_at.violation(code::TOO_MANY, format!("Must contain at most {most} sections.")));
        return Err(violations);
    }
    let mut names = HashSet::new();
    let mut sections = Vec::with_capacity(drafts.len());
    for (index, draft) in drafts.iter().enumerate() {
        let at = sections_at.index(index);
        match section(draft, currency, at, &mut violations) {
            Some(section) if !names.insert(section.name.clone()) => {
                violations
                    .push(at.field("name").violation(code::DUPLICATE, "Another section has the same name."));
            }
            Some(section) => sections.push(section),
            None => {}
        }
    }
    if violations.is_empty() && seats(&sections) > u64::from(limits::SEATS_PER_EVENT) {
        let most = limits::SEATS_PER_EVENT;
        violations.push(at.violation(code::TOO_MANY, format!("Must contain at most {most} seats in total.")));
    }
    if !violations.is_empty() {
        return Err(violations);
    }
    assign_partitions(&mut sections);
    Ok(sections)
}

/// All seats of these sections.
pub fn seats(sections: &[SectionOutline]) -> u64 {
    sections.iter().flat_map(|s| &s.subsections).map(|s| u64::from(s.rows) * u64::from(s.seats_per_row)).sum()
}

/// A price of one seat in minor units; `at` is its place in the request.
///
/// # Errors
/// When it is negative or beyond the limit.
pub fn price(amount_minor: i64, currency: Currency, at: Pointer<'_>) -> Result<Money, Violation> {
    let most = limits::PRICE_MINOR;
    if (0..=most).contains(&amount_minor) {
        Ok(Money::new(amount_minor, currency))
    } else {
        Err(at.violation(code::OUT_OF_RANGE, format!("Must be from 0 to {most} minor units.")))
    }
}

fn section(
    draft: &SectionDraft,
    currency: Currency,
    at: Pointer<'_>,
    violations: &mut Vec<Violation>,
) -> Option<SectionOutline> {
    let before = violations.len();
    let name: Option<SectionName> = draft
        .name
        .parse()
        .map_err(|error: kernel::seat::InvalidSectionName| {
            violations.push(at.field("name").violation(code::INVALID_FORMAT, error.to_string()));
        })
        .ok();
    let price = price(draft.price_minor, currency, at.field("price_minor"))
        .map_err(|violation| violations.push(violation))
        .ok();
    let subsections = subsections(&draft.subsections, at.field("subsections"), violations);
    if violations.len() > before {
        return None;
    }
    // The partition is assigned when the whole plan is known.
    Some(SectionOutline::new(name?, 0, price?, subsections))
}

fn subsections(
    drafts: &[SubsectionDraft],
    at: Pointer<'_>,
    violations: &mut Vec<Violation>,
) -> Vec<SubsectionOutline> {
    let most = limits::SUBSECTIONS_PER_SECTION;
    if drafts.is_empty() {
        violations.push(at.violation(code::EMPTY, "Must contain at least one subsection."));
    }
    if drafts.len() > most {
        violations.push(at.violation(code::TOO_MANY, format!("Must contain at most {most} subsections.")));
        return Vec::new();
    }
    let mut read = BTreeMap::new();
    for (index, draft) in drafts.iter().enumerate() {
        let at = at.index(index);
        let mut within = |value: i64, field: &str, range: RangeInclusive<u16>| {
            let number = u16::try_from(value).ok().filter(|number| range.contains(number));
            number.unwrap_or_else(|| {
                let (least, most) = (range.start(), range.end());
                violations.push(
                    at.field(field)
                        .violation(code::OUT_OF_RANGE, format!("Must be a number from {least} to {most}.")),
                );
                *range.start()
            })
        };
        let outline = SubsectionOutline {
            number: within(draft.number, "number", 1..=u16::MAX),
            rows: within(draft.rows, "rows", 1..=limits::ROWS_PER_SUBSECTION),
            seats_per_row: within(draft.seats_per_row, "seats_per_row", 1..=limits::SEATS_PER_ROW),
        };
        if read.insert(outline.number, outline).is_some() {
            violations.push(
                at.field("number").violation(code::DUPLICATE, "Another subsection has the same number."),
            );
        }
    }
    read.into_values().collect()
}

/// Gives partitions equal numbers of seats as far as sections allow: the largest section first,
/// each to the emptiest partition, the lowest number where several are equally empty. A section is
/// never split, because it is decided in one place.
fn assign_partitions(sections: &mut [SectionOutline]) {
    let mut load = [0_u32; topic::PARTITIONS as usize];
    let mut order: Vec<usize> = (0..sections.len()).collect();
    order.sort_by_key(|&index| (std::cmp::Reverse(sections[index].seats()), index));
    for index in order {
        let emptiest = (0..topic::PARTITIONS).min_by_key(|&n| (load[usize::from(n)], n)).unwrap_or(0);
        sections[index].partition = kernel::sabotaged!("plan.all-on-one-partition", emptiest, 0);
        load[usize::from(emptiest)] += sections[index].seats();
    }
}

#[cfg(test)]
mod tests;
