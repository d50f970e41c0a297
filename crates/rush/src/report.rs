//! The figures of a rush: from what is known of every booking to rates and percentiles. Pure.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::inbox::{Record, State};
use super::mix::MixReport;

/// What happened beside the bookings themselves.
#[derive(Debug, Clone, Default)]
pub(super) struct Observed {
    pub(super) event_id: String,
    pub(super) buyers: u32,
    pub(super) capacity: u64,
    /// Start of the rush on the rush's clock, µs.
    pub(super) started_us: u64,
    pub(super) offered: u64,
    pub(super) late_payments: u64,
    pub(super) dropped_streams: u64,
    pub(super) errors: BTreeMap<String, u64>,
    pub(super) retried: BTreeMap<String, u64>,
    /// Contradicting grants among those that buyers received.
    pub(super) double_sold_received: u64,
    /// Seats sold by the server's own counts, since before the rush.
    pub(super) server_sold: u64,
    pub(super) sold_out: bool,
    /// Ctrl-C ended the rush.
    pub(super) interrupted: bool,
    /// It was pressed again: what buyers received was not compared with the server.
    pub(super) unchecked: bool,
    pub(super) mix: Option<MixReport>,
    pub(super) prepare_seconds: f64,
    pub(super) generator_cpu_seconds: Option<f64>,
}

/// Percentiles in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(super) struct Latency {
    pub(super) p50: f64,
    pub(super) p95: f64,
    pub(super) p99: f64,
    pub(super) max: f64,
}

/// The object that `--json` prints; the first twelve fields are the contract.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Report {
    pub(super) offered: u64,
    pub(super) accepted: u64,
    /// Seats in bookings that ended paid.
    pub(super) seats_sold: u64,
    /// Bookings that got some of the seats they asked for.
    pub(super) partial: u64,
    /// Bookings that got none.
    pub(super) refused: u64,
    /// Unexplained errors; refusals and repeated requests are none.
    pub(super) errors: u64,
    /// The larger of the two counts below.
    pub(super) double_sold: u64,
    /// From the start to the last decision.
    pub(super) seconds: f64,
    pub(super) accepted_per_second: f64,
    pub(super) seats_per_second: f64,
    pub(super) accept_ms: Latency,
    pub(super) outcome_ms: Latency,
    pub(super) event_id: String,
    pub(super) buyers: u32,
    pub(super) capacity: u64,
    pub(super) sold_out: bool,
    pub(super) interrupted: bool,
    pub(super) unchecked: bool,
    pub(super) paid: u64,
    /// Bookings whose hold nobody paid, still held at the end.
    pub(super) abandoned: u64,
    /// Bookings cancelled by the end, mostly because nobody paid in time.
    pub(super) cancelled: u64,
    pub(super) undecided: u64,
    /// Bookings with hand-picked seats.
    pub(super) manual: u64,
    /// Hand-picked bookings that lost a seat, or all, to somebody else.
    pub(super) conflicts: u64,
    pub(super) late_payments: u64,
    pub(super) dropped_streams: u64,
    /// From the start to the last payment.
    pub(super) seconds_to_last_payment: f64,
    pub(super) pay_wait_ms: Latency,
    pub(super) double_sold_received: u64,
    pub(super) double_sold_server: u64,
    pub(super) errors_by_kind: BTreeMap<String, u64>,
    pub(super) retried: BTreeMap<String, u64>,
    /// Of `--mix real` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mix: Option<MixReport>,
    pub(super) prepare_seconds: f64,
    pub(super) generator_cpu_seconds: Option<f64>,
}

impl Report {
    /// Adds everything up.
    pub(super) fn of(records: &[Record], observed: Observed) -> Self {
        let sums = Sums::of(records);
        let seconds = seconds_between(observed.started_us, sums.last_received_us);
        let to_last_payment = seconds_between(observed.started_us, sums.last_paid_us);
        let double_sold_server = sums.seats_sold.saturating_sub(observed.server_sold);
        Self {
            offered: observed.offered,
            accepted: sums.accepted,
            seats_sold: sums.seats_sold,
            partial: sums.partial,
            refused: sums.refused,
            errors: observed.errors.values().sum(),
            double_sold: observed.double_sold_received.max(double_sold_server),
            seconds,
            accepted_per_second: per_second(sums.accepted, seconds),
            seats_per_second: per_second(sums.seats_sold, seconds.max(to_last_payment)),
            accept_ms: latency(&sums.accept_us),
            outcome_ms: latency(&sums.outcome_us),
            event_id: observed.event_id,
            buyers: observed.buyers,
            capacity: observed.capacity,
            sold_out: observed.sold_out,
            interrupted: observed.interrupted,
            unchecked: observed.unchecked,
            paid: sums.paid,
            abandoned: sums.abandoned,
            cancelled: sums.cancelled,
            undecided: sums.undecided,
            manual: sums.manual,
            conflicts: sums.conflicts,
            late_payments: observed.late_payments,
            dropped_streams: observed.dropped_streams,
            seconds_to_last_payment: to_last_payment,
            pay_wait_ms: latency(&sums.pay_us),
            double_sold_received: observed.double_sold_received,
            double_sold_server,
            errors_by_kind: observed.errors,
            retried: observed.retried,
            mix: observed.mix,
            prepare_seconds: rounded(observed.prepare_seconds),
            generator_cpu_seconds: observed.generator_cpu_seconds.map(rounded),
        }
    }

    /// No seat sold twice, nothing unexplained.
    pub(super) fn is_clean(&self) -> bool {
        self.double_sold == 0 && self.errors == 0
    }
}

#[derive(Debug, Default)]
struct Sums {
    accepted: u64,
    paid: u64,
    seats_sold: u64,
    partial: u64,
    refused: u64,
    abandoned: u64,
    cancelled: u64,
    undecided: u64,
    manual: u64,
    conflicts: u64,
    last_received_us: u64,
    last_paid_us: u64,
    accept_us: Vec<u64>,
    outcome_us: Vec<u64>,
    pay_us: Vec<u64>,
}

impl Sums {
    fn of(records: &[Record]) -> Self {
        let mut sums = Self::default();
        for record in records {
            sums.add(record);
        }
        sums
    }

    fn add(&mut self, record: &Record) {
        let Some(request) = record.request else { return };
        let granted = record.seats.len() as u64;
        self.accepted += 1;
        self.accept_us.push(request.accepted_us.saturating_sub(request.sent_us));
        let partial = granted > 0 && granted < u64::from(request.quantity);
        let refused = matches!(record.state, State::Failed(_));
        self.partial += u64::from(partial);
        self.manual += u64::from(request.manual);
        self.conflicts += u64::from(request.manual && (partial || refused));
        match record.state {
            State::Processing => self.undecided += 1,
            State::Held => self.abandoned += 1,
            State::Cancelled => self.cancelled += 1,
            State::Failed(_) => self.refused += 1,
            State::Paid => {
                self.paid += 1;
                self.seats_sold += granted;
            }
        }
        if let Some(received_us) = record.received_us {
            self.outcome_us.push(received_us.saturating_sub(request.sent_us));
            self.last_received_us = self.last_received_us.max(received_us);
            if let Some(paid_us) = record.paid_us {
                self.pay_us.push(paid_us.saturating_sub(received_us));
                self.last_paid_us = self.last_paid_us.max(paid_us);
            }
        }
    }
}

fn latency(samples_us: &[u64]) -> Latency {
    // Three significant digits; grows with the values, so nothing is cut off.
    let Ok(mut histogram) = Histogram::<u64>::new(3) else { return Latency::default() };
    for sample in samples_us {
        // Growing histograms take every value; `saturating_record` would not let it grow.
        let _ = histogram.record(*sample);
    }
    let at = |quantile| rounded(float(histogram.value_at_quantile(quantile)) / 1000.0);
    Latency { p50: at(0.50), p95: at(0.95), p99: at(0.99), max: rounded(float(histogram.max()) / 1000.0) }
}

fn seconds_between(from_us: u64, to_us: u64) -> f64 {
    rounded(float(to_us.saturating_sub(from_us)) / 1e6)
}

fn per_second(count: u64, seconds: f64) -> f64 {
    if seconds > 0.0 { rounded(float(count) / seconds) } else { 0.0 }
}

/// Three decimals are all that a reader wants.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "counts and microseconds of one rush stay far below 2^52")]
fn float(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::super::inbox::{Refusal, Request};
    use super::super::outline::SeatPlace;
    use super::*;

    fn record(state: State, quantity: u32, seats: u32, received_us: u64, paid_us: Option<u64>) -> Record {
        Record {
            request: Some(Request { sent_us: 1_000_000, accepted_us: 1_002_000, quantity, manual: true }),
            state,
            revision: 1,
            seats: (0..seats).map(SeatPlace).collect(),
            received_us: Some(received_us),
            paid_us,
            ..Record::default()
        }
    }

    fn story() -> Vec<Record> {
        vec![
            record(State::Paid, 4, 4, 1_010_000, Some(1_030_000)),
            record(State::Paid, 3, 2, 1_010_000, Some(3_000_000)),
            record(State::Held, 2, 2, 2_500_000, None),
            record(State::Cancelled, 1, 1, 1_010_000, None),
            record(State::Failed(Refusal::NoSeatsLeft), 2, 0, 1_010_000, None),
        ]
    }

    #[test]
    fn figures_add_up() {
        let observed = Observed {
            started_us: 500_000,
            offered: 6,
            server_sold: 6,
            capacity: 100,
            ..Observed::default()
        };
        let report = Report::of(&story(), observed);
        assert_eq!((report.offered, report.accepted, report.paid, report.seats_sold), (6, 5, 2, 6));
        assert_eq!((report.partial, report.refused, report.abandoned, report.cancelled), (1, 1, 1, 1));
        assert_eq!((report.manual, report.conflicts), (5, 2));
        assert_eq!((report.seconds, report.seconds_to_last_payment), (2.0, 2.5));
        assert_eq!((report.accepted_per_second, report.seats_per_second), (2.5, 2.4));
        assert!((report.accept_ms.p50 - 2.0).abs() < 0.01 && (report.outcome_ms.p50 - 10.0).abs() < 0.02);
        assert!((report.outcome_ms.max - 1500.0).abs() < 2.0);
        assert!(report.is_clean());
    }

    #[test]
    fn fewer_seats_sold_on_the_server_than_received_is_a_double_sale() {
        let observed = Observed { server_sold: 5, double_sold_received: 0, ..Observed::default() };
        let report = Report::of(&story(), observed);
        assert_eq!((report.double_sold, report.double_sold_server), (1, 1));
        assert!(!report.is_clean());
    }

    #[test]
    fn one_unexplained_error_is_not_clean_and_an_empty_rush_divides_by_nothing() {
        let errors = BTreeMap::from([("book-500-internal".to_owned(), 1)]);
        let report = Report::of(&[], Observed { errors, ..Observed::default() });
        assert!(!report.is_clean());
        assert!(report.accepted_per_second.abs() < f64::EPSILON);
    }

    #[test]
    fn the_json_begins_with_the_contract() {
        let text = serde_json::to_string(&Report::of(&story(), Observed::default())).unwrap();
        let mut at = 0;
        for field in [
            "offered",
            "accepted",
            "seats_sold",
            "partial",
            "refused",
            "errors",
            "double_sold",
            "seconds",
            "accepted_per_second",
            "seats_per_second",
            "accept_ms",
            "outcome_ms",
        ] {
            let here = text.find(&format!("\"{field}\":")).unwrap();
            assert!(here >= at, "{field}");
            at = here;
        }
    }
}
