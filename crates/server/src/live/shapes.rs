//! Live seat events, written as JSON and as server-sent events.

use std::fmt::Write as _;

use api::seats::{
    SeatChange, SeatShape, SeatsChange, SectionSnapshot, Snapshot, SubsectionChange, SubsectionSeats,
    SubsectionSnapshot,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use kernel::{EventId, SectionName};
use serde::Serialize;

use super::map::{EventMap, SectionView, SubsectionView};

/// The whole event at `position`.
pub(super) fn snapshot(event: EventId, position: String, map: &EventMap) -> Snapshot {
    Snapshot {
        event_id: event.to_string(),
        position,
        counts: map.total(),
        sections: map.sections().map(section_snapshot).collect(),
    }
}

fn section_snapshot(section: SectionView<'_>) -> SectionSnapshot {
    let subsection = |view: SubsectionView<'_>| SubsectionSnapshot {
        number: view.outline.number,
        rows: view.outline.rows,
        seats_per_row: view.outline.seats_per_row,
        counts: view.counts,
        states: view.packed().map(|seats| BASE64.encode(seats.as_bytes())),
    };
    SectionSnapshot {
        name: section.name().to_string(),
        price: section.price().into(),
        subsections: section.subsections().map(subsection).collect(),
    }
}

/// Every seat of a subsection at `position`.
pub(super) fn subsection_seats(
    event: EventId,
    position: String,
    section: SectionView<'_>,
    view: SubsectionView<'_>,
) -> SubsectionSeats {
    let seats = (0..view.outline.seats()).map(|number| {
        let (row, seat) = row_and_seat(view, number);
        SeatShape {
            id: seat_id(section.name(), view, number),
            row,
            seat,
            status: view.status(number).as_str(),
        }
    });
    SubsectionSeats {
        event_id: event.to_string(),
        section: section.name().to_string(),
        subsection: view.outline.number,
        price: section.price().into(),
        position,
        seats: seats.collect(),
    }
}

/// The changes of one subsection as server-sent events, the counts first; `numbers` ascending.
pub(super) fn write_changes(
    frame: &mut String,
    section: &SectionName,
    view: SubsectionView<'_>,
    numbers: &[u32],
) {
    let (name, subsection) = (section.as_str(), view.outline.number);
    let counts = SubsectionChange { section: name, subsection, counts: view.counts };
    write_event(frame, "subsection", &counts);
    let change = |&number: &u32| SeatChange {
        id: seat_id(section, view, number),
        status: view.status(number).as_str(),
    };
    let seats = SeatsChange { section: name, subsection, changes: numbers.iter().map(change).collect() };
    write_event(frame, "seats", &seats);
}

/// One server-sent event without an id. JSON has no line breaks, so its data is one line.
pub(super) fn write_event(frame: &mut String, name: &str, data: &impl Serialize) {
    let data =
        serde_json::to_string(data).unwrap_or_else(|error| unreachable!("shapes of ours are JSON: {error}"));
    // Writing to a text cannot fail.
    let _ = write!(frame, "event: {name}\ndata: {data}\n\n");
}

/// Puts the id on the last event of the frame: a viewer that has all of it resumes behind it.
pub(super) fn with_id(mut frame: String, id: &str) -> Bytes {
    frame.pop();
    // Writing to a text cannot fail.
    let _ = write!(frame, "id: {id}\n\n");
    frame.into()
}

/// The compact form of a subsection: rows, seats per row (16 bits each), available, reserved, sold
/// (32 bits each), all big-endian, then two bits per seat as in [`SubsectionSnapshot::states`].
pub(super) fn compact(view: SubsectionView<'_>) -> Bytes {
    let mut bytes = Vec::with_capacity(16 + super::packed::bytes(*view.outline));
    bytes.extend(view.outline.rows.to_be_bytes());
    bytes.extend(view.outline.seats_per_row.to_be_bytes());
    for count in [view.counts.available, view.counts.reserved, view.counts.sold] {
        bytes.extend(count.to_be_bytes());
    }
    match view.packed() {
        Some(seats) => bytes.extend(seats.as_bytes()),
        None => bytes.resize(16 + super::packed::bytes(*view.outline), 0),
    }
    bytes.into()
}

fn row_and_seat(view: SubsectionView<'_>, number: u32) -> (u16, u16) {
    let per_row = u32::from(view.outline.seats_per_row);
    let from_one =
        |n: u32| u16::try_from(n + 1).unwrap_or_else(|_| unreachable!("a plan's rows and seats fit 16 bits"));
    (from_one(number / per_row), from_one(number % per_row))
}

fn seat_id(section: &SectionName, view: SubsectionView<'_>, number: u32) -> String {
    let (row, seat) = row_and_seat(view, number);
    format!("{section}-{}-{row}-{seat}", view.outline.number)
}
