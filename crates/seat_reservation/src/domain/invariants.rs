//! The named promises of the seat engine, each one function: asserted while it runs where that is
//! cheap, checked in full after a restore and in the tests.
//!
//! | name | promise | kept by |
//! |---|---|---|
//! | SEAT-1 | a seat has at most one holder, and every holder of a seat is known | asserted with each seat; [`all`] |
//! | SEAT-2 | free + reserved + sold = capacity, in every section | asserted after each record; recounted by [`all`] |
//! | SEAT-3 | a hold ends once; what is sold stays sold | asserted with each release and sale |
//! | SEAT-4 | a booking has at most one living hold; it holds exactly the seats of its kept grant | asserted; [`all`] |
//! | SEAT-5 | the indexes of runs and the counts of free seats say what the seats say | [`all`] |
//! | SEAT-6 | hold numbers rise with the section's version, none twice | [`all`] |
//! | SEAT-7 | best available grants min(asked, free) seats | asserted with each grant |
//! | SEAT-8 | the log's time never goes back; one engine serves one partition | asserted; [`all`] |

use std::collections::{BTreeMap, BTreeSet};

use kernel::message::Grant;

use super::{
    holders::Slot,
    outcomes::{Answer, Standing},
    section::{Counts, Section},
    state::State,
};

/// A broken promise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} is broken in {place}: {what}")]
pub struct BrokenPromise {
    pub name: &'static str,
    pub place: String,
    pub what: &'static str,
}

/// SEAT-2 by the section's counts alone; costs nothing.
///
/// # Errors
/// When a seat was lost or made.
pub fn conserved(section: &Section) -> Result<(), BrokenPromise> {
    let Counts { free, reserved, sold } = section.counts();
    let holds = u64::from(free) + u64::from(reserved) + u64::from(sold) == u64::from(section.capacity());
    check(holds, "SEAT-2", section, "free + reserved + sold is not the capacity")
}

/// Every promise that the state alone can show. Looks at every seat and every outcome.
///
/// # Errors
/// With the first promise found broken.
pub fn all(state: &State) -> Result<(), BrokenPromise> {
    for section in state.sections.iter() {
        conserved(section)?;
        seats_and_holders_agree(section)?;
        numbers_rise(section)?;
        let consistent = section.subsections().iter().all(super::subsection::Subsection::is_consistent);
        check(consistent && section.index_agrees(), "SEAT-5", section, "an index differs from its seats")?;
    }
    living_holds_have_outcomes(state)?;
    let log = |holds, what| {
        if holds { Ok(()) } else { Err(BrokenPromise { name: "SEAT-8", place: "the log".to_owned(), what }) }
    };
    log(state.outcomes.finals_agree(), "the outcomes to be forgotten are not the final ones")?;
    let last = state.outcomes.latest_final();
    log(last <= state.log_time.map(|time| time.at), "an outcome is final after the log's time")
}

/// SEAT-1, and SEAT-2 by counting seats.
fn seats_and_holders_agree(section: &Section) -> Result<(), BrokenPromise> {
    let mut counts = Counts { free: 0, reserved: 0, sold: 0 };
    let mut holding = BTreeSet::new();
    for subsection in section.subsections() {
        let rows = 0..usize::from(subsection.outline().rows);
        let owners = rows.flat_map(|row| subsection.owners(row));
        let mut seen = 0;
        for slot in owners.inspect(|_| seen += 1).filter_map(|&owner| Slot::of_stored(owner)) {
            let holder = section.holders().get(slot);
            check(holder.is_some(), "SEAT-1", section, "a seat's holder is not known")?;
            let sold = holder.is_some_and(|holder| holder.sold);
            *(if sold { &mut counts.sold } else { &mut counts.reserved }) += 1;
            holding.insert(slot);
        }
        check(seen == 0 || seen == subsection.outline().seats(), "SEAT-1", section, "seats are missing")?;
    }
    let holders = section.holders().iter().count();
    check(holding.len() == holders, "SEAT-1", section, "a holder holds no seat")?;
    counts.free = section.capacity() - counts.reserved - counts.sold;
    check(counts == section.counts(), "SEAT-2", section, "the counts are not those of the seats")
}

/// SEAT-6.
fn numbers_rise(section: &Section) -> Result<(), BrokenPromise> {
    let numbers: BTreeSet<u64> = section.holders().iter().map(|holder| holder.hold.number).collect();
    let unique = numbers.len() == section.holders().iter().count();
    let in_range = numbers.first().is_none_or(|&first| first >= 1)
        && numbers.last().is_none_or(|&last| last <= section.version);
    check(unique && in_range, "SEAT-6", section, "hold numbers are not 1 to the version, each once")
}

/// SEAT-4: the living holds and the outcomes of living holds are the same, seat by seat.
fn living_holds_have_outcomes(state: &State) -> Result<(), BrokenPromise> {
    let mut living = BTreeMap::new();
    for (_, outcome) in state.outcomes.iter() {
        let Answer::Granted { grant, standing: Standing::Reserved } = &outcome.answer else { continue };
        let Some(section) = state.sections.get(grant.event_id, &grant.section) else {
            return Err(BrokenPromise {
                name: "SEAT-4",
                place: grant.section.to_string(),
                what: "a hold of no section",
            });
        };
        check(holds_its_seats(section, grant), "SEAT-4", section, "a hold does not hold its seats")?;
        let (holds, seats) = living.entry((grant.event_id, &grant.section)).or_insert((0, 0));
        *holds += 1;
        *seats += grant.seats.len();
    }
    for section in state.sections.iter() {
        let reserved = section.holders().iter().filter(|holder| !holder.sold).count();
        let expected = (reserved, section.counts().reserved as usize);
        let found = living.get(&(section.event_id, &section.outline.name)).copied().unwrap_or_default();
        check(found == expected, "SEAT-4", section, "a living hold has no outcome, or not all its seats")?;
    }
    Ok(())
}

fn holds_its_seats(section: &Section, grant: &Grant) -> bool {
    grant.seats.iter().all(|&place| {
        let holder = section.holder_of(place).and_then(|slot| section.holders().get(slot));
        holder.is_some_and(|holder| {
            !holder.sold && holder.hold == grant.hold && holder.buyer_id == grant.buyer_id
        })
    })
}

fn check(
    holds: bool,
    name: &'static str,
    section: &Section,
    what: &'static str,
) -> Result<(), BrokenPromise> {
    if holds {
        return Ok(());
    }
    Err(BrokenPromise { name, place: format!("{} {}", section.event_id, section.outline.name), what })
}
