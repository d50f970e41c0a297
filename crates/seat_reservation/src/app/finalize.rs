//! FinalizeSeat: the seats of a reserved hold are sold, permanently. A late, repeated or foreign
//! finalize changes nothing and is counted.

use kernel::message::HoldOfSection;

use super::Step;
use crate::{
    domain::{outcomes::Standing, state::State},
    stored,
};

pub(crate) fn apply(state: &mut State, named: &HoldOfSection, step: &mut Step<'_>) {
    let State { sections, outcomes, .. } = state;
    let Some(grant) = outcomes.living(named).filter(|_| !kernel::planted("seats.finalize-ignored")) else {
        step.counters.finalizes_ignored += 1;
        return;
    };
    let (section, slot) = sections.hold_of(grant);
    section.sell(slot, grant.seats.len());
    step.put_seats(section, &grant.seats);
    let booking = named.hold.booking_id;
    step.put(stored::outcome(booking, outcomes.end(booking, Standing::Sold { at: step.now })));
    step.counters.holds_sold += 1;
}
