//! The revision of a stored thing: its row's own counter of changes, which orders all updates about
//! it.
//!
//! Promises: of two revisions of one thing the larger one is the later. Never: compares two things,
//! or counts what was not stored.

use std::fmt;

/// The revision of one stored thing, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(u32);

impl Revision {
    /// That of a thing that was just made.
    pub const FIRST: Self = Self(1);

    /// A stored number; none when it is no revision.
    pub fn read(number: i64) -> Option<Self> {
        u32::try_from(number).ok().filter(|&number| number >= 1).map(Self)
    }

    pub const fn get(self) -> u32 {
        self.0
    }

    /// That of the thing after one more change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_count_from_one() {
        assert_eq!(Revision::read(0), None);
        assert_eq!(Revision::read(-1), None);
        assert_eq!(Revision::read(1), Some(Revision::FIRST));
        assert!(Revision::FIRST.next() > Revision::FIRST);
    }
}
