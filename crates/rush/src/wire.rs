//! The wire format in the measured time: request bodies from one template, answers read
//! in place with only the fields that a buyer needs.

use bytes::Bytes;
use serde::Deserialize;

use super::outline::Outline;
use super::plan::Choice;

/// A booking as the system sends it, in an answer or on the stream.
#[derive(Debug, Deserialize)]
pub(super) struct BookingAnswer<'a> {
    #[serde(borrow)]
    pub(super) id: &'a str,
    #[serde(borrow)]
    pub(super) event_id: &'a str,
    #[serde(borrow)]
    pub(super) status: &'a str,
    /// Orders the news of one booking.
    pub(super) revision: u32,
    #[serde(borrow, default)]
    pub(super) seats: Vec<&'a str>,
    #[serde(borrow, default)]
    pub(super) failure: Option<FailureAnswer<'a>>,
    /// None until seats were granted.
    #[serde(default)]
    pub(super) total: Option<TotalAnswer>,
    #[serde(borrow, default)]
    pub(super) payment: Option<PaymentAnswer<'a>>,
    #[serde(borrow, default)]
    pub(super) created_at: Option<&'a str>,
    /// Until when it can be paid; none until seats were granted.
    #[serde(borrow, default)]
    pub(super) expires_at: Option<&'a str>,
    #[serde(borrow, default)]
    pub(super) cancel_reason: Option<&'a str>,
}

/// Milliseconds since 1970 of a time such as `2035-05-01T19:30:00.25Z`; none of another form.
pub(super) fn millis(time: &str) -> Option<i64> {
    let (date, clock) = time.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    // Years that begin in March: the leap day is the last of its year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 719_469;
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = whole.splitn(3, ':').map(str::parse::<i64>);
    let (hour, minute, second) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let fraction: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + fraction)
}

/// What the seats cost.
#[derive(Debug, Deserialize)]
pub(super) struct TotalAnswer {
    pub(super) amount_minor: i64,
}

/// How the latest payment stands.
#[derive(Debug, Deserialize)]
pub(super) struct PaymentAnswer<'a> {
    #[serde(borrow)]
    pub(super) status: &'a str,
}

/// Why a booking failed.
#[derive(Debug, Deserialize)]
pub(super) struct FailureAnswer<'a> {
    #[serde(borrow)]
    pub(super) code: &'a str,
}

/// The part of a problem answer that distinguishes kinds.
#[derive(Debug, Deserialize)]
struct ProblemAnswer {
    code: String,
}

/// The `code` of a problem answer, or `no-code` when the body is none.
pub(super) fn problem_code(body: &[u8]) -> String {
    serde_json::from_slice::<ProblemAnswer>(body)
        .map_or_else(|_| "no-code".to_owned(), |problem| problem.code)
}

/// The `payment.status` of a payment's answer; empty when the body has none.
pub(super) fn payment_status(body: &[u8]) -> String {
    let answer = serde_json::from_slice::<serde_json::Value>(body).unwrap_or_default();
    answer["payment"]["status"].as_str().unwrap_or_default().to_owned()
}

/// Body that pays with the sandbox's always successful method.
pub(super) const PAY_BODY: &[u8] = br#"{"payment_method":"sandbox_success"}"#;

/// Body that pays with any of the sandbox's methods.
pub(super) fn pay_body(method: &str) -> Bytes {
    Bytes::from(format!(r#"{{"payment_method":"{method}"}}"#))
}

/// The parts of a booking request that stay the same.
#[derive(Debug)]
pub(super) struct BookingTemplate {
    /// `{"event_id":"…","section":"…"`, one per section.
    heads: Vec<String>,
}

impl BookingTemplate {
    /// Prepares the text of every section of the event.
    pub(super) fn new(outline: &Outline) -> Self {
        let event = json_text(&outline.event_id);
        let head = |name: &str| format!(r#"{{"event_id":{event},"section":{}"#, json_text(name));
        Self { heads: outline.sections.iter().map(|section| head(&section.name)).collect() }
    }

    /// The body of `POST /v1/bookings` for one choice.
    pub(super) fn body(&self, outline: &Outline, choice: &Choice) -> Bytes {
        use std::fmt::Write as _;
        let mut text = String::with_capacity(256);
        text.push_str(&self.heads[choice.section]);
        // Writing to a String cannot fail.
        if let Some(b) = choice.subsection {
            let _ =
                write!(text, r#","subsection":{}"#, outline.sections[choice.section].subsections[b].number);
        }
        if choice.all {
            text.push_str(r#","partial":"refuse""#);
        }
        match choice.subsection {
            Some(b) if choice.is_manual() => {
                text.push_str(r#","mode":"manual","seats":["#);
                for (i, place) in choice.seats.iter().enumerate() {
                    text.push_str(if i == 0 { "\"" } else { ",\"" });
                    outline.write_id(choice.section, b, *place, &mut text);
                    text.push('"');
                }
                text.push_str("]}");
            }
            _ => {
                let _ = write!(text, r#","mode":"best_available","quantity":{}}}"#, choice.quantity);
            }
        }
        Bytes::from(text)
    }
}

/// A text as a JSON string.
fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::super::outline::tests::small;
    use super::*;

    #[test]
    fn bodies_are_json_as_the_contract_has_it() {
        let outline = small();
        let template = BookingTemplate::new(&outline);
        let body = |choice: &Choice| {
            serde_json::from_slice::<serde_json::Value>(&template.body(&outline, choice)).unwrap()
        };
        let best = Choice { section: 1, subsection: None, quantity: 3, seats: vec![], all: false };
        assert_eq!(
            body(&best),
            serde_json::json!({"event_id": "evt_1", "section": "B 區", "mode": "best_available", "quantity": 3})
        );
        let block = &outline.sections[0].subsections[1];
        let seats = vec![block.place(0, 2), block.place(0, 3)];
        let manual = Choice { section: 0, subsection: Some(1), quantity: 2, seats, all: true };
        assert_eq!(
            body(&manual),
            serde_json::json!({"event_id": "evt_1", "section": "A", "subsection": 2, "mode": "manual",
                "partial": "refuse", "seats": ["A-2-1-3", "A-2-1-4"]})
        );
    }

    #[test]
    fn times_are_milliseconds() {
        assert_eq!(millis("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(millis("2024-02-29T12:30:01.25Z"), Some(1_709_209_801_250));
        assert_eq!(millis("2035-05-01T11:30:00.123456Z"), Some(2_061_631_800_123));
        for other in ["", "2035-05-01", "2035-05-01T11:30:00+08:00", "x-05-01T11:30:00Z"] {
            assert_eq!(millis(other), None, "{other}");
        }
    }

    #[test]
    fn answers_are_read_whatever_else_they_carry() {
        let text = r#"{"id":"bkg_1","event_id":"evt_1","revision":2,"status":"failed","seats":[],"failure":{"code":"seats-taken","detail":"a \"b\""},"new":1}"#;
        let booking: BookingAnswer<'_> = serde_json::from_str(text).unwrap();
        assert_eq!((booking.id, booking.failure.unwrap().code), ("bkg_1", "seats-taken"));
        let text = r#"{"id":"bkg_1","event_id":"evt_1","revision":3,"status":"paid","seats":["區-1-1-1"],"failure":null}"#;
        let booking: BookingAnswer<'_> = serde_json::from_str(text).unwrap();
        assert_eq!(booking.seats, ["區-1-1-1"]);
        assert_eq!(problem_code(br#"{"code":"hold-expired","status":410}"#), "hold-expired");
        assert_eq!(problem_code(b"<html>"), "no-code");
    }
}
