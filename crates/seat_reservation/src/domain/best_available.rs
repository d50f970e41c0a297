//! Best available: the front row that has enough adjacent free seats, left-most. If none has, the
//! request is split in halves.
//!
//! Promises: min(asked, free) seats are taken, always (SEAT-7), and the same ones for the same
//! state. The order of rows is (subsection, row).
//! Never: looks at a row that cannot have the run, or at single seats.

use kernel::SeatPlace;

use super::{holders::Slot, section::Section};

/// Gives up to `quantity` free seats of the subsection (or of the whole section) to the holder and
/// says which, in the order taken.
pub fn take(section: &mut Section, subsection: Option<usize>, quantity: u8, slot: Slot) -> Vec<SeatPlace> {
    let mut seats = Vec::with_capacity(quantity.into());
    take_part(section, subsection, quantity, slot, &mut seats);
    seats
}

fn take_part(
    section: &mut Section,
    subsection: Option<usize>,
    quantity: u8,
    slot: Slot,
    seats: &mut Vec<SeatPlace>,
) {
    if let Some(row) = section.first_row(subsection, quantity) {
        seats.extend(section.take_first_run(row, quantity, slot));
    } else if quantity > 1 {
        let larger = kernel::sabotaged!("seats.party-torn-apart", quantity.div_ceil(2), 1);
        take_part(section, subsection, larger, slot, seats);
        take_part(section, subsection, quantity - larger, slot, seats);
    }
}
