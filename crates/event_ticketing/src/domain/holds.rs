//! What a batch of messages about holds changes: tickets, sales figures, and messages to the seat
//! engine.
//!
//! Promises: the result is the same for every order and repetition of one hold's messages that the
//! log can bring; each paid or given-back message sends its FinalizeSeat or ReleaseSeat, again when
//! it is repeated (the seat engine ignores repeats).

use std::collections::{BTreeMap, HashMap};

use kernel::{
    EventId, SectionName, Timestamp,
    message::{Envelope, Grant, Hold, Message, Source},
    topic::{Action, Lane},
};
use stream::{DeadLetter, Outgoing};

use super::{
    sales::{Delta, SalesChanges},
    ticket::HoldStatus,
};

/// Records that were read, and what they need to be followed.
#[derive(Debug)]
pub struct HoldBatch {
    pub messages: Vec<HoldMessage>,
    pub dead_letters: Vec<DeadLetter>,
    /// When the batch was read.
    pub read_at: Timestamp,
    /// Where the messages for each section named here go.
    pub routes: HashMap<(EventId, SectionName), Route>,
}

impl HoldBatch {
    /// Decides what the messages lead to. `known` are the statuses of their holds so far.
    pub fn decide(&self, known: &BTreeMap<Hold, HoldStatus>) -> Followed {
        follow_holds(&self.messages, known, |event, section| {
            // Every message's section was found when the batch was read.
            self.routes[&(event, section.clone())]
        })
    }
}

/// A message about one hold.
#[derive(Debug, Clone)]
pub struct HoldMessage {
    pub at: Timestamp,
    pub source: Source,
    pub grant: Grant,
    pub asked: HoldStatus,
}

impl HoldMessage {
    /// Reads an envelope; none when it is not a message about a hold for this service.
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
    /// Since when it is `after`.
    pub at: Timestamp,
}

/// What a batch of messages leads to.
#[derive(Debug, Default)]
pub struct Followed {
    /// Each hold that changed, once.
    pub holds: Vec<HoldChange>,
    pub sales: SalesChanges,
    pub messages: Vec<Outgoing>,
}

/// The route of a section's messages: its event's lane and its partition.
pub type Route = (Lane, u16);

/// Follows the messages in order. `known` are the statuses of the holds that this service has seen
/// before; `route` knows every section that has messages.
fn follow_holds(
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
            let at = kernel::sabotaged!("tickets.at-another-time", message.at, Timestamp::from_millis(0));
            let change = HoldChange { grant: grant.clone(), before, after, at };
            changed.insert(grant.hold, change);
            let delta = delta(grant, now, after);
            if !delta.is_zero() {
                followed.sales.add(grant.event_id, &grant.section, message.at, delta);
            }
        }
        let status = changed.get(&grant.hold).map_or(before, |change| Some(change.after));
        if status == Some(message.asked)
            && let Some(outgoing) = for_seat_engine(message, &route)
        {
            followed.messages.push(outgoing);
        }
    }
    followed.holds = changed.into_values().collect();
    followed
}

fn delta(grant: &Grant, before: Option<HoldStatus>, after: HoldStatus) -> Delta {
    let was = before.map_or_else(Delta::default, |before| figures(grant, before));
    let is = figures(grant, after);
    Delta {
        available: is.available - was.available,
        reserved: is.reserved - kernel::sabotaged!("sales.reserved-drifts", was.reserved, 0),
        sold: is.sold - was.sold,
        revenue_minor: is.revenue_minor - was.revenue_minor,
    }
}

/// What a hold is in its section's figures, beside a section without holds.
fn figures(grant: &Grant, status: HoldStatus) -> Delta {
    let seats = i64::try_from(grant.seats.len()).unwrap_or(i64::MAX);
    let taken = Delta { available: -seats, ..Delta::default() };
    match status {
        HoldStatus::Reserved => Delta { reserved: seats, ..taken },
        HoldStatus::Sold => {
            let factor = kernel::sabotaged!("sales.revenue-doubled", 1, 2);
            Delta { sold: seats, revenue_minor: grant.total().amount_minor * factor, ..taken }
        }
        HoldStatus::Released => Delta::default(),
    }
}

fn for_seat_engine(
    message: &HoldMessage,
    route: impl Fn(EventId, &SectionName) -> Route,
) -> Option<Outgoing> {
    let grant = &message.grant;
    let hold = grant.hold_of_section();
    let (action, message_out) = match message.asked {
        HoldStatus::Reserved => return None,
        HoldStatus::Sold if kernel::planted("tickets.sale-not-finalized") => return None,
        HoldStatus::Released if kernel::planted("tickets.release-not-sent") => return None,
        HoldStatus::Sold => (Action::FinalizeTicketToPaid, Message::FinalizeSeat(hold)),
        HoldStatus::Released => (Action::ReleaseTicketToAvailable, Message::ReleaseSeat(hold)),
    };
    let (lane, partition) = route(grant.event_id, &grant.section);
    let envelope = Envelope { at: message.at, source: Some(message.source), message: message_out };
    Some(Outgoing::to_section(lane, action, grant.event_id, &grant.section, partition, &envelope))
}

#[cfg(test)]
mod tests;
