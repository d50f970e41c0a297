//! One row of seats as bits, a set bit for each free seat: seat 1 is the lowest bit of the first
//! word.
//!
//! Promises: the cost depends on the row's words and on the run asked for, never on how full or
//! scattered the row is.

use kernel::limits;

const BITS: usize = u64::BITS as usize;

/// Words of the longest row.
const WORDS: usize = (limits::SEATS_PER_ROW as usize).div_ceil(BITS);

/// No booking asks for more adjacent seats than this, so longer runs need not be distinguished.
#[expect(clippy::cast_possible_truncation, reason = "asserted below")]
pub const LONGEST_RUN: u8 = limits::SEATS_PER_BOOKING as u8;
const _: () = assert!(limits::SEATS_PER_BOOKING <= u8::MAX as u16);

/// How many words a row of that many seats takes.
pub fn words(seats: u16) -> usize {
    usize::from(seats).div_ceil(BITS)
}

/// Marks all of a row's seats free.
pub fn fill(row: &mut [u64], seats: u16) {
    row.fill(u64::MAX);
    let rest = usize::from(seats) % BITS;
    if let (Some(last), 1..) = (row.last_mut(), rest) {
        *last = (1 << rest) - 1;
    }
}

pub fn is_free(row: &[u64], seat: usize) -> bool {
    row[seat / BITS] >> (seat % BITS) & 1 == 1
}

pub fn set_free(row: &mut [u64], seat: usize) {
    row[seat / BITS] |= 1 << (seat % BITS);
}

pub fn set_taken(row: &mut [u64], seat: usize) {
    row[seat / BITS] &= !(1 << (seat % BITS));
}

/// The length of the longest run of free seats, at most [`LONGEST_RUN`].
pub fn longest_run(row: &[u64]) -> u8 {
    let mut starts = Starts::of(row);
    let mut length = 0;
    while length < LONGEST_RUN && !starts.is_empty() {
        length += 1;
        starts.lengthen();
    }
    length
}

/// Where the left-most run of `length` free seats begins (seats counted from 0).
pub fn first_run(row: &[u64], length: u8) -> Option<usize> {
    let mut starts = Starts::of(row);
    for _ in 1..length {
        starts.lengthen();
    }
    starts.first()
}

/// The seats at which a run of some length begins.
struct Starts {
    words: [u64; WORDS],
    used: usize,
}

impl Starts {
    /// Where runs of one seat begin.
    fn of(row: &[u64]) -> Self {
        let mut words = [0; WORDS];
        words[..row.len()].copy_from_slice(row);
        Self { words, used: row.len() }
    }

    /// From runs of n seats to runs of n + 1: both this seat and the next one must begin a run of
    /// n.
    fn lengthen(&mut self) {
        for at in 0..self.used {
            let next = if at + 1 < self.used { self.words[at + 1] } else { 0 };
            self.words[at] &= self.words[at] >> 1 | next << (BITS - 1);
        }
    }

    fn is_empty(&self) -> bool {
        self.words[..self.used].iter().all(|&word| word == 0)
    }

    fn first(&self) -> Option<usize> {
        let at = self.words[..self.used].iter().position(|&word| word != 0)?;
        Some(at * BITS + self.words[at].trailing_zeros() as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row from a text, `.` for a free seat.
    fn row(text: &str) -> Vec<u64> {
        let mut row = vec![0; text.len().div_ceil(64)];
        text.bytes().enumerate().filter(|(_, seat)| *seat == b'.').for_each(|(at, _)| set_free(&mut row, at));
        row
    }

    #[test]
    fn runs_are_found_also_across_words() {
        let across = format!("{}....x", "x".repeat(62));
        let end = format!("{}.", "x".repeat(999));
        for (text, longest, runs) in [
            ("", 0, [None, None, None]),
            ("x", 0, [None, None, None]),
            (".", 1, [Some(0), None, None]),
            (".x.x.", 1, [Some(0), None, None]),
            ("x.x..x...", 3, [Some(1), Some(3), Some(6)]),
            ("...", 3, [Some(0), Some(0), Some(0)]),
            (across.as_str(), 4, [Some(62), Some(62), Some(62)]),
            (end.as_str(), 1, [Some(999), None, None]),
        ] {
            assert_eq!(longest_run(&row(text)), longest, "{text}");
            assert_eq!([1, 2, 3].map(|length| first_run(&row(text), length)), runs, "{text}");
        }
    }

    #[test]
    fn a_full_row_is_free_to_its_last_seat_and_no_further() {
        for seats in [1, 20, 63, 64, 65, 128, 1000] {
            let mut bits = vec![0; words(seats)];
            fill(&mut bits, seats);
            assert_eq!(bits.iter().map(|word| word.count_ones()).sum::<u32>(), u32::from(seats));
            assert!(is_free(&bits, usize::from(seats) - 1));
            assert_eq!(u16::from(longest_run(&bits)), seats.min(10));
        }
    }
}
