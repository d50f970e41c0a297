//! Test aids: whole rows, written as the engine writes them piece by piece.

use bytes::Bytes;
use kernel::topic::Lane;

use crate::row::{self, Answer, Holder, SeatRow, SeatsValue};

impl SeatRow {
    /// The row as it is stored: key and value.
    pub fn encode(&self) -> (Bytes, Bytes) {
        match self {
            Self::Partition(it) => (row::partition_key(it.partition), row::partition_value(it.log_time)),
            Self::Section(it) => {
                (row::section_key(it.event_id, &it.outline.name), row::section_value(it.lane, &it.outline))
            }
            Self::Version(it) => (row::version_key(it.event_id, &it.section), row::version_value(it.version)),
            Self::Seats(it) => {
                (row::seats_key(it.event_id, &it.section, it.subsection, it.row), seats_value(&it.holders))
            }
            Self::Outcome(it) => (row::outcome_key(it.booking_id), outcome_value(it.lane, &it.answer)),
        }
    }
}

fn seats_value(holders: &[Holder]) -> Bytes {
    let seats = holders.iter().map(|holder| holder.seats.len()).sum();
    let mut value = SeatsValue::of(holders.len(), seats);
    for holder in holders {
        value.holder(holder.hold, holder.buyer_id, holder.at, holder.sold, holder.seats.iter().copied());
    }
    value.done()
}

fn outcome_value(lane: Lane, answer: &Answer) -> Bytes {
    let own_lane = lane != Lane::Shared;
    match answer {
        Answer::Failed { event_id, failure, at } => row::failed_value(own_lane, *event_id, *failure, *at),
        Answer::Reserved { grant } => row::reserved_value(own_lane, grant),
        Answer::Released { grant, at } => row::ended_value(own_lane, false, grant, *at),
        Answer::Sold { grant, at } => row::ended_value(own_lane, true, grant, *at),
    }
}
