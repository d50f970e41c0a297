//! The request bodies of a seller about an event. Shapes and times are parsed here; everything else
//! is a rule of event_ticketing.

use event_ticketing::{
    app::{create_event::EventDraft, edit_event::EventEdit},
    domain::{
        event::DetailsDraft,
        plan::{SectionDraft, SubsectionDraft},
    },
};
use kernel::{Timestamp, Violation, violation::code};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::strict::given;

/// A new event.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewEvent {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    venue_name: String,
    /// IANA name.
    #[schema(example = "Asia/Taipei")]
    time_zone: String,
    /// RFC 3339.
    #[schema(example = "2030-05-01T19:30:00+08:00")]
    starts_at: String,
    /// ISO 4217.
    #[schema(example = "TWD")]
    currency: String,
    /// 1–10; 4 when absent.
    #[serde(default, deserialize_with = "given")]
    max_seats_per_booking: Option<i64>,
    seating: Seating,
    #[serde(default)]
    status: NewStatus,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum NewStatus {
    #[default]
    Draft,
    OnSale,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Seating {
    sections: Vec<NewSection>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSection {
    /// 1–32 letters of any script, digits, spaces or `_`.
    name: String,
    /// The price of one seat in minor units.
    price_minor: i64,
    subsections: Vec<NewSubsection>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSubsection {
    number: i64,
    rows: i64,
    seats_per_row: i64,
}

/// Changes of an event; absent fields stay. The last three are allowed for a draft only.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EventChange {
    #[serde(default, deserialize_with = "given")]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    description: Option<String>,
    #[serde(default, deserialize_with = "given")]
    venue_name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    time_zone: Option<String>,
    #[serde(default, deserialize_with = "given")]
    starts_at: Option<String>,
    #[serde(default, deserialize_with = "given")]
    currency: Option<String>,
    #[serde(default, deserialize_with = "given")]
    max_seats_per_booking: Option<i64>,
    /// A whole new plan.
    #[serde(default, deserialize_with = "given")]
    seating: Option<Seating>,
}

impl NewEvent {
    pub(super) fn on_sale(&self) -> bool {
        self.status == NewStatus::OnSale
    }

    /// Reads the time. When it is wrong, the draft is judged, too, so that all broken rules are
    /// named at once.
    pub(super) fn read(self) -> Result<EventDraft, Vec<Violation>> {
        let mut violations = Vec::new();
        let starts_at = time(&self.starts_at).unwrap_or_else(|violation| {
            violations.push(violation);
            Timestamp::from_millis(0)
        });
        let details = DetailsDraft {
            name: self.name,
            description: self.description,
            venue_name: self.venue_name,
            time_zone: self.time_zone,
            starts_at,
            currency: self.currency,
            max_seats_per_booking: self.max_seats_per_booking,
        };
        let draft = EventDraft { details, sections: self.seating.drafts() };
        if violations.is_empty() {
            return Ok(draft);
        }
        violations.extend(draft.violations());
        Err(violations)
    }
}

impl Seating {
    fn drafts(self) -> Vec<SectionDraft> {
        self.sections.into_iter().map(NewSection::draft).collect()
    }
}

impl NewSection {
    fn draft(self) -> SectionDraft {
        let part = |s: NewSubsection| SubsectionDraft::new(s.number, s.rows, s.seats_per_row);
        SectionDraft {
            name: self.name,
            price_minor: self.price_minor,
            subsections: self.subsections.into_iter().map(part).collect(),
        }
    }
}

impl EventChange {
    pub(super) fn read(self) -> Result<EventEdit, Vec<Violation>> {
        let starts_at = self.starts_at.as_deref().map(time).transpose();
        let starts_at = starts_at.map_err(|violation| vec![violation])?;
        Ok(EventEdit {
            name: self.name,
            description: self.description,
            venue_name: self.venue_name,
            time_zone: self.time_zone,
            starts_at,
            currency: self.currency,
            max_seats_per_booking: self.max_seats_per_booking,
            sections: self.seating.map(Seating::drafts),
        })
    }
}

fn time(text: &str) -> Result<Timestamp, Violation> {
    let time: Result<jiff::Timestamp, _> = text.parse();
    let detail = "Must be an RFC 3339 timestamp, for example 2030-05-01T19:30:00+08:00.";
    time.map(|time| Timestamp::from_millis(time.as_millisecond()))
        .map_err(|_| Violation::new("/starts_at", code::INVALID_FORMAT, detail))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};
    use utoipa::PartialSchema;

    use super::*;
    use crate::http::strict::parse_json;

    /// Sets each field to null in turn.
    fn takes_no_null<T: DeserializeOwned + PartialSchema>(body: &Value) {
        let schema = serde_json::to_value(T::schema()).unwrap();
        let described: BTreeSet<&String> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(body.as_object().unwrap().keys().collect::<BTreeSet<_>>(), described);
        assert!(parse_json::<T>(body.to_string().as_bytes()).is_ok(), "{body}");
        for field in body.as_object().unwrap().keys() {
            let mut with_null = body.clone();
            with_null[field] = Value::Null;
            let read = parse_json::<T>(with_null.to_string().as_bytes());
            let problem = read.err().unwrap_or_else(|| panic!("null is taken as {field}"));
            let got: Vec<_> = problem.errors().iter().map(|e| (e.pointer.as_str(), e.code)).collect();
            assert_eq!(got, [(format!("/{field}").as_str(), code::WRONG_TYPE)]);
        }
    }

    #[test]
    fn null_is_no_value_of_any_field() {
        let mut body = json!({
            "name": "Concert", "description": "", "venue_name": "", "time_zone": "Asia/Taipei",
            "starts_at": "2030-05-01T19:30:00+08:00", "currency": "TWD", "max_seats_per_booking": 4,
            "seating": {"sections": []},
        });
        takes_no_null::<EventChange>(&body);
        body["status"] = "draft".into();
        takes_no_null::<NewEvent>(&body);
    }
}
