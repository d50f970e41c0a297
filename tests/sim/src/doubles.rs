//! Messages that come twice: a relay that stood still publishes again what it had in hand, however
//! long ago that was.
//!
//! Promises: only messages that the log has, in the order in which it has them, to the seat engine,
//! which must know them.

use std::sync::Arc;

use kernel::{
    BookingId,
    message::{Envelope, Message},
    topic::{Action, Topic},
};
use stream::{Outgoing, Record, port::Publisher};

use crate::{
    town::{self, Town},
    world::millis,
};

/// Publishes again for as long as faults come.
pub(crate) async fn haunt(town: Arc<Town>) {
    let (world, log) = (&town.world, town.log.of_member(0));
    let often = if world.profile().slow { millis(kernel::limits::OUTCOME_RETENTION) / 4 } else { 10_000 };
    while world.faulty() {
        world.pause(often).await;
        let messages = pick(&town);
        if messages.is_empty() || !world.faulty() {
            continue;
        }
        world.cover("messages that came again");
        for message in messages {
            // The world outside gets no fault.
            let _ = log.publish(vec![message]).await;
        }
    }
}

/// The request of some hold that ended, its end, and requests after it.
fn pick(town: &Town) -> Vec<Outgoing> {
    let world = &town.world;
    let any = |count: usize| usize::try_from(world.below(count as u64)).unwrap_or(0);
    let house = &town.houses[any(town.houses.len())];
    let sections = town::sold(house);
    let partition = sections[any(sections.len())].partition;
    let action =
        if world.chance(70) { Action::ReleaseTicketToAvailable } else { Action::FinalizeTicketToPaid };
    let records = |action| town.log.records(Topic::new(house.lane, action), partition);
    let (ends, requests) = (records(action), records(Action::TicketReserveRequest));
    if ends.is_empty() {
        return Vec::new();
    }
    let end = &ends[any(ends.len())];
    let booking = booking_of(end);
    let Some(at) = requests.iter().position(|request| booking_of(request) == booking) else {
        return Vec::new();
    };
    let after = requests[at + 1..].iter().filter(|request| booking_of(request).is_some()).take(3);
    [&requests[at], end].into_iter().chain(after).map(again).collect()
}

/// The booking that a record to the seat engine is about.
fn booking_of(record: &Record) -> Option<BookingId> {
    match Envelope::decode(record.payload.clone()).ok()?.message {
        Message::TicketReservedRequest(request) => Some(request.booking_id),
        Message::ReleaseSeat(named) | Message::FinalizeSeat(named) => Some(named.hold.booking_id),
        _ => None,
    }
}

fn again(record: &Record) -> Outgoing {
    let source = record.source;
    Outgoing {
        topic: source.topic,
        partition: source.partition,
        key: record.key.clone(),
        payload: record.payload.clone(),
    }
}
