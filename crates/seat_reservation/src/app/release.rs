//! ReleaseSeat: the seats of a hold that is still only reserved are free again. A late, repeated or
//! foreign release changes nothing and is counted.

use kernel::message::HoldOfSection;

use super::Step;
use crate::{
    domain::{outcomes::Standing, state::State},
    stored,
};

pub(crate) fn apply(state: &mut State, named: &HoldOfSection, step: &mut Step<'_>) {
    let State { sections, outcomes, .. } = state;
    let Some(grant) = outcomes.living(named).filter(|_| !kernel::planted("seats.release-ignored")) else {
        step.counters.releases_ignored += 1;
        return;
    };
    let (section, slot) = sections.hold_of(grant);
    section.release(slot, &grant.seats);
    step.put_seats(section, &grant.seats);
    let booking = named.hold.booking_id;
    step.put(stored::outcome(booking, outcomes.end(booking, Standing::Released { at: step.now })));
    step.counters.holds_released += 1;
}
