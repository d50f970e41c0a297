//! The mapping between the engine's state and its stored rows. `restore(rows(state))` is the same
//! state, with the same bytes.
//!
//! Never trusts a row: what cannot be (a seat outside its plan, a seat held twice, a hold without
//! its outcome) is a fault.

use std::collections::BTreeMap;

use kernel::{BookingId, Fault, SeatPlace, message::SectionOpened};
use stream::Row;

use crate::{
    app::open_section,
    domain::{
        holders::{Holder, Slot},
        invariants::{self, BrokenPromise},
        outcomes::{Answer, Outcome, Standing},
        section::{RowAt, Section, number},
        state::{LogTime, State},
    },
    row::{self, InvalidRow, SeatRow, SeatsValue},
};

/// Why stored rows are not a state of the engine.
#[derive(Debug, thiserror::Error)]
enum Damage {
    #[error(transparent)]
    Row(#[from] InvalidRow),
    #[error(transparent)]
    Promise(#[from] BrokenPromise),
    #[error("an open section cannot be: {0}")]
    Plan(String),
    #[error("a row of seats or a version belongs to no open section: {0}")]
    NoSection(String),
    #[error("a row of seats does not fit its plan or the other rows: {0}")]
    Seats(String),
    #[error("there are rows of two partitions")]
    TwoPartitions,
}

pub(crate) fn log_time(time: LogTime) -> Row {
    (row::partition_key(time.partition), row::partition_value(time.at))
}

pub(crate) fn section(section: &Section) -> Row {
    let key = row::section_key(section.event_id, &section.outline.name);
    (key, row::section_value(section.lane, &section.outline))
}

pub(crate) fn version(section: &Section) -> Row {
    (row::version_key(section.event_id, &section.outline.name), row::version_value(section.version))
}

/// One row of seats with its holders, by hold number.
pub(crate) fn seats(section: &Section, at: RowAt) -> Row {
    let subsection = &section.subsections()[at.subsection];
    let owners = subsection.owners(at.row);
    let mut taken: Vec<(u64, Slot, u16)> = Vec::with_capacity(owners.len());
    for (seat, &owner) in owners.iter().enumerate() {
        let Some(slot) = Slot::of_stored(owner) else { continue };
        taken.push((holder(section, slot).hold.number, slot, number(seat)));
    }
    if !kernel::planted("seats.rows-in-slot-order") {
        taken.sort_unstable();
    }
    let same_hold = |a: &(u64, Slot, u16), b: &(u64, Slot, u16)| a.0 == b.0;
    let mut value = SeatsValue::of(taken.chunk_by(same_hold).count(), taken.len());
    for group in taken.chunk_by(same_hold) {
        let holder = holder(section, group[0].1);
        let seats = group.iter().map(|&(_, _, seat)| seat);
        let sold = kernel::sabotaged!("seats.sale-not-stored", holder.sold, false);
        value.holder(holder.hold, holder.buyer_id, holder.at, sold, seats);
    }
    let (name, number) = (&section.outline.name, number(at.row));
    (row::seats_key(section.event_id, name, subsection.outline().number, number), value.done())
}

fn holder(section: &Section, slot: Slot) -> &Holder {
    section.holders().get(slot).unwrap_or_else(|| unreachable!("SEAT-1: a seat's holder is known"))
}

pub(crate) fn outcome(booking: BookingId, outcome: &Outcome) -> Row {
    let own = outcome.own_lane;
    let value = match &outcome.answer {
        Answer::Failed { event_id, failure, at } => row::failed_value(own, *event_id, *failure, *at),
        Answer::Granted { grant, standing } => match standing {
            Standing::Reserved => row::reserved_value(own, grant),
            Standing::Released { at } => row::ended_value(own, false, grant, *at),
            Standing::Sold { at } => row::ended_value(own, true, grant, *at),
        },
    };
    (row::outcome_key(booking), value)
}

/// Every stored row of the state, by key.
pub(crate) fn rows(state: &State) -> Vec<Row> {
    let mut rows: Vec<Row> = state.log_time.map(log_time).into_iter().collect();
    for open in state.sections.iter() {
        rows.push(section(open));
        if open.version > 0 {
            rows.push(version(open));
        }
        for (subsection, block) in open.subsections().iter().enumerate() {
            let touched = (0..usize::from(block.outline().rows)).filter(|&row| block.is_touched(row));
            rows.extend(touched.map(|row| seats(open, RowAt { subsection, row })));
        }
    }
    rows.extend(state.outcomes.iter().map(|(booking, kept)| outcome(booking, kept)));
    rows.sort_unstable();
    rows
}

/// The state that these rows (in any order) describe.
pub(crate) fn restore(rows: &[Row]) -> Result<State, Fault> {
    read(rows).map_err(|damage| Fault::new("decode the stored seats", damage))
}

fn read(rows: &[Row]) -> Result<State, Damage> {
    let mut state = State::default();
    let mut of_sections = Vec::new();
    for (key, value) in rows {
        match row::decode_row(key, value)? {
            SeatRow::Section(row::Section { event_id, lane, outline: section }) => {
                let opened = SectionOpened { event_id, lane, section };
                open_section::check(&opened, opened.section.partition).map_err(Damage::Plan)?;
                state.sections.insert(Section::open(opened));
            }
            SeatRow::Partition(_) if state.log_time.is_some() => return Err(Damage::TwoPartitions),
            SeatRow::Partition(time) => {
                state.log_time = Some(LogTime { partition: time.partition, at: time.log_time });
            }
            SeatRow::Outcome(kept) => state.outcomes.insert(kept.booking_id, outcome_of(kept)),
            other => of_sections.push(other),
        }
    }
    let mut slots = BTreeMap::new();
    for row in of_sections {
        match row {
            SeatRow::Version(row) => {
                section_of(&mut state, row.event_id, &row.section)?.version = row.version;
            }
            SeatRow::Seats(row) => {
                let section = section_of(&mut state, row.event_id, &row.section)?;
                put_holders(section, &row, &mut slots)?;
            }
            _ => unreachable!("only rows of sections are left"),
        }
    }
    invariants::all(&state)?;
    Ok(state)
}

fn section_of<'s>(
    state: &'s mut State,
    event: kernel::EventId,
    name: &kernel::SectionName,
) -> Result<&'s mut Section, Damage> {
    state.sections.get_mut(event, name).ok_or_else(|| Damage::NoSection(format!("{event} {name}")))
}

type Slots = BTreeMap<(kernel::EventId, kernel::SectionName, u64), Slot>;

/// Gives the seats of one row back to their holders. A hold may have seats in several rows; `slots`
/// knows those seen before.
fn put_holders(section: &mut Section, row: &row::Seats, slots: &mut Slots) -> Result<(), Damage> {
    let place = |seat| SeatPlace { subsection: row.subsection, row: row.row, seat };
    let damage = || Damage::Seats(format!("{} {} {}-{}", row.event_id, row.section, row.subsection, row.row));
    section.touch(section.row_at(place(1)).ok_or_else(damage)?);
    for stored in &row.holders {
        let holder =
            Holder { hold: stored.hold, buyer_id: stored.buyer_id, at: stored.at, sold: stored.sold };
        let key = (row.event_id, row.section.clone(), holder.hold.number);
        let slot = *slots.entry(key).or_insert_with(|| section.add_holder(holder));
        if section.holders().get(slot) != Some(&holder) {
            return Err(damage());
        }
        for &seat in &stored.seats {
            if !section.is_free(place(seat)) {
                return Err(damage());
            }
            section.take_seat(place(seat), slot);
        }
    }
    Ok(())
}

fn outcome_of(row: row::Outcome) -> Outcome {
    let granted = |grant, standing| Answer::Granted { grant: Box::new(grant), standing };
    Outcome {
        own_lane: row.lane != kernel::topic::Lane::Shared,
        answer: match row.answer {
            row::Answer::Failed { event_id, failure, at } => Answer::Failed { event_id, failure, at },
            row::Answer::Reserved { grant } => granted(grant, Standing::Reserved),
            row::Answer::Released { grant, at } => granted(grant, Standing::Released { at }),
            row::Answer::Sold { grant, at } => granted(grant, Standing::Sold { at }),
        },
    }
}
