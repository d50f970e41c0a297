//! Tickets and sales follow the holds: what a batch of messages changes, and what the seat engine must be told.
//!
//! Promises: the result is the same for every order and repetition of one hold's messages that the log can bring; each paid or given-back message sends its
//! FinalizeSeat or ReleaseSeat, again when it is repeated (the seat engine ignores what it has done).

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    EventId, SectionName, Timestamp,
    message::{Envelope, Grant, Hold, Message, Source},
    topic::{Action, Lane},
};
use stream::Outgoing;

use crate::domain::{
    sales::{Changes, Delta},
    ticket::HoldStatus,
};

/// A message about one hold.
#[derive(Debug, Clone)]
pub struct HoldMessage {
    pub at: Timestamp,
    pub source: Source,
    pub grant: Grant,
    pub asked: HoldStatus,
}

impl HoldMessage {
    /// Reads an envelope; none when it is no message about a hold for this service.
    pub fn read(envelope: Envelope, source: Source) -> Option<Self> {
        let (grant, asked) = match envelope.message {
            Message::SeatUpdatedToReserved(grant) => (grant, HoldStatus::Reserved),
            Message::BookingPaidSuccess(grant) => (grant, HoldStatus::Sold),
            Message::BookingExpiredReleaseTickets(grant) => (grant, HoldStatus::Released),
            _ => return None,
        };
        Some(Self { at: envelope.at, source, grant, asked })
    }
}

/// One hold before and after a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldChange {
    pub grant: Grant,
    pub before: Option<HoldStatus>,
    pub after: HoldStatus,
    /// When it came to `after`.
    pub at: Timestamp,
}

/// What a batch of messages leads to.
#[derive(Debug, Default)]
pub struct Followed {
    /// Each hold that changed, once.
    pub holds: Vec<HoldChange>,
    pub sales: Changes,
    pub messages: Vec<Outgoing>,
    /// The events whose figures changed.
    pub events: BTreeSet<EventId>,
}

/// Where a section's messages go: its event's lane and its partition.
pub type Route = (Lane, u16);

/// Follows the messages in order. `known` are the statuses of the holds that this service has seen before; `route` knows every section that
/// has messages.
pub fn follow_holds(
    messages: &[HoldMessage],
    known: &BTreeMap<Hold, HoldStatus>,
    route: impl Fn(EventId, &SectionName) -> Route,
) -> Followed {
    let mut followed = Followed::default();
    let mut changed: BTreeMap<Hold, HoldChange> = BTreeMap::new();
    for message in messages {
        let grant = &message.grant;
        let before = known.get(&grant.hold).copied();
        let now = changed.get(&grant.hold).map_or(before, |change| Some(change.after));
        if let Some(after) = HoldStatus::forward(now, message.asked) {
            let change = HoldChange { grant: grant.clone(), before, after, at: message.at };
            changed.insert(grant.hold, change);
            let delta = delta(grant, now, after);
            if !delta.is_zero() {
                followed.sales.add(grant.event_id, &grant.section, message.at, delta);
                followed.events.insert(grant.event_id);
            }
        }
        let stands = changed.get(&grant.hold).map_or(before, |change| Some(change.after));
        if stands == Some(message.asked)
            && let Some(outgoing) = tell_seat_engine(message, &route)
        {
            followed.messages.push(outgoing);
        }
    }
    followed.holds = changed.into_values().collect();
    followed
}

fn delta(grant: &Grant, before: Option<HoldStatus>, after: HoldStatus) -> Delta {
    let seats = i64::try_from(grant.seats.len()).unwrap_or(i64::MAX);
    let was_reserved = before == Some(HoldStatus::Reserved);
    let given_up = if was_reserved { -seats } else { 0 };
    match after {
        HoldStatus::Reserved => Delta { reserved: seats, ..Delta::default() },
        HoldStatus::Sold => {
            Delta { reserved: given_up, sold: seats, revenue_minor: grant.total().amount_minor }
        }
        HoldStatus::Released => Delta { reserved: given_up, ..Delta::default() },
    }
}

fn tell_seat_engine(
    message: &HoldMessage,
    route: impl Fn(EventId, &SectionName) -> Route,
) -> Option<Outgoing> {
    let grant = &message.grant;
    let hold = grant.hold_of_section();
    let (action, told) = match message.asked {
        HoldStatus::Reserved => return None,
        HoldStatus::Sold => (Action::FinalizeTicketToPaid, Message::FinalizeSeat(hold)),
        HoldStatus::Released => (Action::ReleaseTicketToAvailable, Message::ReleaseSeat(hold)),
    };
    let (lane, partition) = route(grant.event_id, &grant.section);
    let envelope = Envelope { at: message.at, source: Some(message.source), message: told };
    Some(Outgoing::to_section(lane, action, grant.event_id, &grant.section, partition, &envelope))
}

#[cfg(test)]
mod tests;
