//! TicketReservedRequest: a buyer gets seats, or the reason why not. A repeated request gets its
//! first answer again and changes nothing.

use kernel::{
    BookingId, SeatPlace, limits,
    message::{
        BookingUpdatedToFailed, Failure, Grant, Hold, Message, Partial, Selection, TicketReservedRequest,
    },
    topic::{Action, Lane},
};

use super::Step;
use crate::{
    domain::{
        best_available,
        holders::Holder,
        manual,
        outcomes::{Answer, Outcome, Standing},
        section::Section,
        state::{Sections, State},
    },
    stored,
};

pub(crate) fn check(request: &TicketReservedRequest) -> Result<(), String> {
    let requested = request.selection.requested();
    if (1..=limits::SEATS_PER_BOOKING).contains(&requested) {
        return Ok(());
    }
    Err(format!("{requested} seats are asked for, not 1 to {}", limits::SEATS_PER_BOOKING))
}

pub(crate) fn apply(state: &mut State, request: &TicketReservedRequest, step: &mut Step<'_>) {
    let State { sections, outcomes, .. } = state;
    let booking = request.booking_id;
    if let Some(first) = outcomes.get(booking) {
        step.counters.requests_repeated += 1;
        if kernel::planted("seats.repeat-not-answered") {
            return;
        }
        return answer(sections, booking, first, step);
    }
    let outcome = decide(sections, request, step);
    step.put(stored::outcome(booking, &outcome));
    answer(sections, booking, &outcome, step);
    outcomes.insert(booking, outcome);
}

fn decide(sections: &mut Sections, request: &TicketReservedRequest, step: &mut Step<'_>) -> Outcome {
    let section = sections.get_mut(request.event_id, &request.section);
    let lane = section.as_ref().map_or(step.source.topic.lane, |section| section.lane);
    let granted = match section {
        Some(section) => grant(section, request, step),
        None => Err(Failure::SectionNotOpen),
    };
    let answer = match granted {
        Ok(grant) => {
            step.counters.requests_granted += 1;
            step.counters.seats_granted += grant.seats.len() as u64;
            Answer::Granted { grant: Box::new(grant), standing: Standing::Reserved }
        }
        Err(failure) => {
            step.counters.requests_failed += 1;
            Answer::Failed { event_id: request.event_id, failure, at: step.now }
        }
    };
    Outcome { own_lane: lane != Lane::Shared, answer }
}

/// Gives the buyer seats of the section, at its price of now, as its next hold.
fn grant(
    section: &mut Section,
    request: &TicketReservedRequest,
    step: &mut Step<'_>,
) -> Result<Grant, Failure> {
    let hold = Hold {
        booking_id: request.booking_id,
        number: section.version
            + kernel::sabotaged!("seats.hold-number-repeated", 1, u64::from(section.version == 0)),
    };
    let holder = Holder { hold, buyer_id: request.buyer_id, at: step.now, sold: false };
    let seats = take_seats(section, request, holder)?;
    section.version = hold.number;
    if !kernel::planted("seats.version-not-stored") {
        step.put(stored::version(section));
    }
    step.put_seats(section, &seats);
    Ok(Grant {
        hold,
        buyer_id: request.buyer_id,
        event_id: request.event_id,
        // The section's own name, so that all its grants share one.
        section: section.outline.name.clone(),
        seats,
        unit_price: section.outline.price,
    })
}

/// The seats that the holder has now, ascending.
fn take_seats(
    section: &mut Section,
    request: &TicketReservedRequest,
    holder: Holder,
) -> Result<Vec<SeatPlace>, Failure> {
    match &request.selection {
        Selection::BestAvailable { quantity, subsection } => {
            let subsection = match subsection {
                Some(number) => Some(section.subsection_at(*number).ok_or(Failure::NoSeatsLeft)?),
                None => None,
            };
            let quantity = u8::try_from(*quantity)
                .unwrap_or_else(|_| unreachable!("a request beyond the limit is not carried out"));
            let asked = usize::from(quantity);
            let free = asked.min(section.free_in(subsection) as usize);
            enough(free, asked, request.partial, Failure::NoSeatsLeft)?;
            let slot = section.add_holder(holder);
            let mut seats = best_available::take(section, subsection, quantity, slot);
            assert!(seats.len() == free, "SEAT-7: as many seats as are asked for and free");
            seats.sort_unstable();
            Ok(seats)
        }
        Selection::Manual { seats } => {
            let asked = manual::distinct(seats);
            let seats = manual::available(section, &asked);
            enough(seats.len(), asked.len(), request.partial, Failure::SeatsTaken)?;
            let slot = section.add_holder(holder);
            for &seat in &seats {
                section.take_seat(seat, slot);
            }
            Ok(seats)
        }
    }
}

/// Whether what can be had satisfies the buyer.
fn enough(free: usize, asked: usize, partial: Partial, none: Failure) -> Result<(), Failure> {
    match free {
        0 => Err(none),
        _ if kernel::planted("seats.all-or-nothing-ignored") => Ok(()),
        _ if free < asked && partial == Partial::Refuse => Err(Failure::NotEnoughSeats),
        _ => Ok(()),
    }
}

fn answer(sections: &Sections, booking_id: BookingId, outcome: &Outcome, step: &mut Step<'_>) {
    match &outcome.answer {
        Answer::Failed { event_id, failure, .. } => {
            let failed = BookingUpdatedToFailed { booking_id, event_id: *event_id, failure: *failure };
            let message = Message::BookingUpdatedToFailed(failed);
            step.tell_event(outcome.lane(), Action::BookingStatusToFailed, *event_id, message);
        }
        Answer::Granted { grant, .. } => {
            let section = sections.get(grant.event_id, &grant.section);
            let section = section.unwrap_or_else(|| unreachable!("a section stays open"));
            let to_tickets = Message::SeatUpdatedToReserved((**grant).clone());
            step.tell_section(section, Action::UpdateTicketStatusToReserved, to_tickets);
            let to_booking = Message::BookingUpdatedToPendingPayment((**grant).clone());
            let action = Action::UpdateBookingStatusToPendingPayment;
            step.tell_event(section.lane, action, grant.event_id, to_booking);
        }
    }
}
