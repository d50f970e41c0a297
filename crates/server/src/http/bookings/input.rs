//! The request bodies of a buyer, to book and to pay.
//!
//! Never: asks whether sections and seats exist; booking does, against the event's outline.

use booking::{BookingRequest, Mode};
use kernel::{EventId, Violation, message::Partial, violation::code};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::strict::given;

/// A request for seats.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewBooking)]
#[serde(deny_unknown_fields)]
pub(super) struct NewBookingBody {
    event_id: String,
    #[schema(example = "A")]
    section: String,
    /// Absent: anywhere in the section.
    #[serde(default, deserialize_with = "given")]
    subsection: Option<i64>,
    mode: ModeName,
    /// With `best_available`: how many seats.
    #[serde(default, deserialize_with = "given")]
    #[schema(example = 2)]
    quantity: Option<i64>,
    /// With `manual`: which seats.
    #[serde(default, deserialize_with = "given")]
    seats: Option<Vec<String>>,
    /// What to do when not all seats can be had; `accept` when absent.
    #[serde(default, deserialize_with = "given")]
    partial: Option<PartialName>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ModeName {
    BestAvailable,
    Manual,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PartialName {
    Accept,
    Refuse,
}

/// How to pay.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Payment)]
#[serde(deny_unknown_fields)]
pub(super) struct PayBody {
    /// The `token` of one of `GET /v1/payment-methods`, never a card number.
    pub payment_method: String,
}

impl NewBookingBody {
    /// # Errors
    /// What the shape alone forbids, each with its place.
    pub(super) fn read(self) -> Result<(EventId, BookingRequest), Vec<Violation>> {
        let mut broken = Vec::new();
        let event_id = self.event_id.parse::<EventId>();
        if event_id.is_err() {
            broken.push(Violation::new("/event_id", code::INVALID_FORMAT, "Must be an event id."));
        }
        let needed = |field: &str, mode: &str| {
            Violation::new(
                format!("/{field}"),
                code::MISSING_FIELD,
                format!("Required when `mode` is `{mode}`."),
            )
        };
        let unknown = |field: &str, mode: &str| {
            Violation::new(
                format!("/{field}"),
                code::UNKNOWN_FIELD,
                format!("Not allowed when `mode` is `{mode}`."),
            )
        };
        let mode = match (self.mode, self.quantity, self.seats) {
            (ModeName::BestAvailable, Some(quantity), None) => {
                Some(Mode::BestAvailable { quantity: small(quantity) })
            }
            (ModeName::Manual, None, Some(seats)) => Some(Mode::Manual { seats }),
            (ModeName::BestAvailable, quantity, seats) => {
                broken.extend(quantity.is_none().then(|| needed("quantity", "best_available")));
                broken.extend(seats.is_some().then(|| unknown("seats", "best_available")));
                None
            }
            (ModeName::Manual, quantity, seats) => {
                broken.extend(seats.is_none().then(|| needed("seats", "manual")));
                broken.extend(quantity.is_some().then(|| unknown("quantity", "manual")));
                None
            }
        };
        let partial = match self.partial {
            Some(PartialName::Refuse) => Partial::Refuse,
            Some(PartialName::Accept) | None => Partial::Accept,
        };
        match (event_id, mode) {
            (Ok(event_id), Some(mode)) if broken.is_empty() => {
                let subsection = self.subsection.map(small);
                Ok((event_id, BookingRequest { section: self.section, subsection, mode, partial }))
            }
            _ => Err(broken),
        }
    }
}

/// A number as far as it fits; what does not becomes 0 or the largest, which no plan and no limit
/// allows.
fn small(number: i64) -> u16 {
    u16::try_from(number.max(0)).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::strict::parse_json;

    #[test]
    fn each_field_that_is_wrong_is_named() {
        let id = "evt_0000000000000000000000000000007b";
        let cases = [
            (
                format!(r#"{{"event_id":"{id}","section":"A","mode":"best_available"}}"#),
                "/quantity",
                "missing-field",
            ),
            (format!(r#"{{"event_id":"{id}","section":"A","mode":"manual"}}"#), "/seats", "missing-field"),
            (
                format!(r#"{{"event_id":"{id}","section":"A","mode":"best_available","quantity":null}}"#),
                "/quantity",
                "wrong-type",
            ),
            (
                format!(r#"{{"event_id":"{id}","section":"A","mode":"best","quantity":1}}"#),
                "/mode",
                "invalid-format",
            ),
            (
                format!(r#"{{"event_id":"{id}","section":"A","mode":"manual","seats":[],"quantity":1}}"#),
                "/quantity",
                "unknown-field",
            ),
            (
                format!(r#"{{"event_id":"{id}","section":"A","mode":"manual","seats":[1]}}"#),
                "/seats/0",
                "wrong-type",
            ),
            (
                r#"{"event_id":"x","section":"A","mode":"best_available","quantity":1}"#.to_owned(),
                "/event_id",
                "invalid-format",
            ),
        ];
        for (body, pointer, entry) in cases {
            let read = parse_json::<NewBookingBody>(body.as_bytes());
            let problem =
                read.and_then(|body| body.read().map_err(api::problem::Problem::invalid)).unwrap_err();
            let got: Vec<_> = problem.errors().iter().map(|e| (e.pointer.as_str(), e.code)).collect();
            assert_eq!(got, [(pointer, entry)], "{body}");
        }
    }
}
