//! I10: where the records of an event lie: in the topics of its lane, and its sections on several
//! partitions.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{EventId, message::Message, topic::Lane};

use crate::{evidence::Evidence, report::Report};

pub(super) fn check(report: &mut Report, evidence: &Evidence) {
    let mut lanes: BTreeMap<EventId, Lane> = BTreeMap::new();
    let mut places: BTreeMap<EventId, (BTreeSet<String>, BTreeSet<u16>)> = BTreeMap::new();
    for record in &evidence.records {
        if let Message::SectionOpened(opened) = &record.message {
            lanes.insert(opened.event_id, opened.lane);
            let (sections, partitions) = places.entry(opened.event_id).or_default();
            sections.insert(opened.section.name.to_string());
            partitions.insert(record.source.partition);
        }
    }
    for record in &evidence.records {
        let Some(event) = event_of(&record.message) else { continue };
        let (lane, source) = (lanes.get(&event), record.source);
        let own = lane.is_none_or(|lane| *lane == source.topic.lane);
        report.check("I10 records lie in the lane of their event", own, || {
            format!("{event} of {lane:?}: {source:?}")
        });
    }
    for (event, (sections, partitions)) in places {
        let shared = sections.len() == 1 || partitions.len() > 1;
        report.check("I10 sections share the partitions", shared, || {
            format!("{event}: {sections:?} lie on {partitions:?}")
        });
    }
}

/// The event whose lane carries the message; none where all events share one.
fn event_of(message: &Message) -> Option<EventId> {
    Some(match message {
        Message::TicketReservedRequest(request) => request.event_id,
        Message::SeatUpdatedToReserved(grant)
        | Message::BookingUpdatedToPendingPayment(grant)
        | Message::BookingPaidSuccess(grant)
        | Message::BookingExpiredReleaseTickets(grant) => grant.event_id,
        Message::BookingUpdatedToFailed(failed) => failed.event_id,
        Message::ReleaseSeat(hold) | Message::FinalizeSeat(hold) => hold.event_id,
        Message::SectionOpened(opened) => opened.event_id,
        Message::SectionPriceChanged(changed) => changed.event_id,
        Message::EventOnSale(_) => return None,
    })
}
