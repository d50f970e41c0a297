//! Seats and sections by name: `A-1-1-1` is section A, subsection 1, row 1, seat 1, each counted
//! from 1.
//!
//! Never knows whether a seat exists in a plan; that is `plan`.

use std::{fmt, str::FromStr, sync::Arc};

use crate::limits;

/// A section's name: 1–32 letters (of any script), digits, spaces or `_`, not beginning or ending
/// with a space. Never `-`, which parts a seat's id.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SectionName(Arc<str>);

/// Why a text is no section name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Must be 1 to 32 letters, digits, spaces or _, with no space at either end.")]
pub struct InvalidSectionName;

impl SectionName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SectionName {
    type Err = InvalidSectionName;

    fn from_str(name: &str) -> Result<Self, InvalidSectionName> {
        let length = name.chars().count();
        let allowed = name.chars().all(|c| c.is_alphanumeric() || c == ' ' || c == '_');
        if length == 0 || length > limits::SECTION_NAME_CHARS || !allowed || name.trim() != name {
            return Err(InvalidSectionName);
        }
        Ok(Self(name.into()))
    }
}

impl fmt::Display for SectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A seat's place inside its section: subsection, row, seat, each from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeatPlace {
    pub subsection: u16,
    pub row: u16,
    pub seat: u16,
}

/// A seat of an event, written `A-1-1-1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeatNo {
    pub section: SectionName,
    pub place: SeatPlace,
}

/// Why a text is no seat id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a seat is written section-subsection-row-seat, for example A-1-1-1")]
pub struct InvalidSeatNo;

impl fmt::Display for SeatNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}-{}", self.section, self.place.subsection, self.place.row, self.place.seat)
    }
}

impl FromStr for SeatNo {
    type Err = InvalidSeatNo;

    fn from_str(text: &str) -> Result<Self, InvalidSeatNo> {
        let mut parts = text.split('-');
        let mut next = || parts.next().ok_or(InvalidSeatNo);
        let section = next()?.parse().map_err(|_| InvalidSeatNo)?;
        let place = SeatPlace { subsection: number(next()?)?, row: number(next()?)?, seat: number(next()?)? };
        if parts.next().is_some() {
            return Err(InvalidSeatNo);
        }
        Ok(Self { section, place })
    }
}

/// A number from 1 without sign or leading zero, so that a seat has one spelling only.
fn number(text: &str) -> Result<u16, InvalidSeatNo> {
    if text.starts_with(['0', '+']) {
        return Err(InvalidSeatNo);
    }
    text.parse().map_err(|_| InvalidSeatNo)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_reads_back_what_it_writes() {
        for text in ["A-1-1-1", "搖滾區-12-3-40", "Floor 2_b-1-1000-1000"] {
            assert_eq!(text.parse::<SeatNo>().map(|seat| seat.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "",
            "A",
            "A-1-1",
            "A-1-1-1-1",
            "A-0-1-1",
            "A-01-1-1",
            "A-+1-1-1",
            "-1-1-1",
            " A-1-1-1",
            "A-1-1-70000",
        ] {
            assert!(text.parse::<SeatNo>().is_err(), "{text}");
        }
    }
}
