//! Typed ids. Inside 16 bytes, outside a prefix and 32 hex digits (`bkg_0192…`), so that an id in a
//! log line says what it names.
//!
//! Never makes an id by itself: the caller brings the `Uuid` (time-ordered v7, or random v4 for
//! ticket codes).

use std::{fmt, str::FromStr};

use uuid::Uuid;

/// A text that is not the id it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {expected}<32 hex digits>")]
pub struct InvalidId {
    expected: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// # Errors
            /// When `bytes` are not 16.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, InvalidId> {
                Uuid::from_slice(bytes).map(Self).map_err(|_| InvalidId { expected: $prefix })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut hex = Uuid::encode_buffer();
                f.write_str($prefix)?;
                f.write_str(self.0.as_simple().encode_lower(&mut hex))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let invalid = InvalidId { expected: $prefix };
                let hex = text.strip_prefix($prefix).filter(|hex| {
                    hex.len() == 32 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
                });
                hex.and_then(|hex| Uuid::try_parse(hex).ok()).map(Self).ok_or(invalid)
            }
        }
    };
}

id!(
    /// An event (a concert, a match) with its seating plan.
    EventId,
    "evt_"
);
id!(
    /// One buyer's request for seats and its outcome.
    BookingId,
    "bkg_"
);
id!(
    /// A person with an account, seller or buyer.
    UserId,
    "usr_"
);
id!(
    /// A ticket: one seat of one paid booking.
    TicketId,
    "tkt_"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_writes() {
        let id = BookingId::new(Uuid::from_u128(0x0001_92aa));
        assert_eq!(id.to_string(), "bkg_000000000000000000000000000192aa");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(BookingId::from_slice(id.as_bytes()), Ok(id));
    }

    #[test]
    fn other_prefixes_lengths_and_letters_are_refused() {
        for text in [
            "",
            "bkg_",
            "evt_000000000000000000000000000192aa",
            "bkg_192aa",
            "bkg_000000000000000000000000000192AA",
        ] {
            assert!(text.parse::<BookingId>().is_err(), "{text}");
        }
    }
}
