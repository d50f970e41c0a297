//! Manual: of the seats that the buyer picked, those that exist and are free.

use kernel::SeatPlace;

use super::section::Section;

/// The seats asked for, ascending, each once.
pub fn distinct(asked: &[SeatPlace]) -> Vec<SeatPlace> {
    let mut seats = asked.to_vec();
    seats.sort_unstable();
    seats.dedup();
    seats
}

/// Those of the distinct seats asked for that can be had.
pub fn available(section: &Section, asked: &[SeatPlace]) -> Vec<SeatPlace> {
    let refused = |place: SeatPlace| kernel::planted("seats.picked-seat-refused") && place.seat > 9;
    asked.iter().copied().filter(|&place| section.is_free(place) && !refused(place)).collect()
}
