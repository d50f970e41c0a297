//! The seats of one subsection in two bits each.
//!
//! Promises: seat `s` of row `r` (from 1) is number `(r-1) * seats_per_row + (s-1)`; four seats a
//! byte, the first in the lowest bits.

use kernel::plan::SubsectionOutline;

/// What everyone may know of a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SeatStatus {
    Available,
    Reserved,
    Sold,
}

impl SeatStatus {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Reserved => "reserved",
            Self::Sold => "sold",
        }
    }

    const fn bits(self) -> u8 {
        match self {
            Self::Available => 0,
            Self::Reserved => 1,
            Self::Sold => 2,
        }
    }

    const fn of_bits(bits: u8) -> Self {
        match bits {
            0 => Self::Available,
            1 => Self::Reserved,
            _ => Self::Sold,
        }
    }
}

/// The states of a subsection's seats, all available at first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Packed(Box<[u8]>);

impl Packed {
    pub(super) fn new(outline: SubsectionOutline) -> Self {
        Self(vec![0; bytes(outline)].into())
    }

    pub(super) fn get(&self, number: u32) -> SeatStatus {
        let (byte, shift) = place(number);
        SeatStatus::of_bits(self.0[byte] >> shift & 0b11)
    }

    pub(super) fn set(&mut self, number: u32, status: SeatStatus) {
        let (byte, shift) = place(number);
        self.0[byte] = self.0[byte] & !(0b11 << shift) | status.bits() << shift;
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Bytes that a subsection needs.
pub(super) fn bytes(outline: SubsectionOutline) -> usize {
    outline.seats().div_ceil(4) as usize
}

const fn place(number: u32) -> (usize, u32) {
    ((number / 4) as usize, number % 4 * 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_seat_has_its_own_two_bits() {
        let outline = SubsectionOutline::new(1, 3, 3);
        let mut packed = Packed::new(outline);
        packed.set(0, SeatStatus::Sold);
        packed.set(3, SeatStatus::Reserved);
        packed.set(8, SeatStatus::Sold);
        packed.set(0, SeatStatus::Reserved);
        assert_eq!(packed.as_bytes(), [0b0100_0001, 0, 0b10]);
        let held: Vec<u32> = (0..9).filter(|&n| packed.get(n) != SeatStatus::Available).collect();
        assert_eq!(held, [0, 3, 8]);
    }
}
