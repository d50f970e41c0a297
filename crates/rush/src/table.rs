//! The report as a table for people.

use std::fmt::Write as _;

use comfy_table::{Cell, CellAlignment, Table, presets};

use super::mix::MixReport;
use super::report::{Latency, Report};
use super::tally::Met;

/// Figures first, then whatever went wrong with one example of each.
pub(super) fn table(report: &Report, errors: &std::collections::BTreeMap<String, Met>) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header(["", "p50", "p95", "p99", "max"]);
    for (name, latency) in [
        ("accept, ms", report.accept_ms),
        ("outcome, ms", report.outcome_ms),
        ("granted to paid, ms", report.pay_wait_ms),
    ] {
        table.add_row(latency_row(name, latency));
    }
    let mut text = format!("{}\n{table}\n", figures(report));
    for (kind, met) in errors {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "error {kind}: {} times, such as: {}", met.times, met.example);
    }
    text.push_str(match (report.is_clean(), report.unchecked) {
        (false, _) => "NOT CLEAN: seats sold twice, or errors that nothing explains.",
        (true, true) => "Interrupted: not everything was checked.",
        (true, false) => "No seat was sold twice.",
    });
    text
}

fn latency_row(name: &str, latency: Latency) -> Vec<Cell> {
    let number = |value: f64| Cell::new(format!("{value:.2}")).set_alignment(CellAlignment::Right);
    vec![Cell::new(name), number(latency.p50), number(latency.p95), number(latency.p99), number(latency.max)]
}

fn mix_rows(mix: &MixReport) -> [(&'static str, u64); 9] {
    [
        ("declined as asked for", mix.declined),
        ("given back by buyers", mix.given_back),
        ("repeated under their key", mix.repeated),
        ("used keys refused", mix.keys_refused),
        ("pressed twice, counted once", mix.pressed_twice),
        ("money that comes late", mix.paid_late),
        ("late money returned", mix.refunded),
        ("price changes", mix.price_changes),
        ("changes of seats seen live", mix.changes_seen),
    ]
}

fn figures(report: &Report) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header(["rush", ""]);
    let mut row = |name: &str, value: String| {
        table.add_row([Cell::new(name), Cell::new(value).set_alignment(CellAlignment::Right)]);
    };
    if report.interrupted {
        row("interrupted", "yes".to_owned());
    }
    row("buyers", report.buyers.to_string());
    row("bookings offered", report.offered.to_string());
    row("accepted", report.accepted.to_string());
    row("paid", report.paid.to_string());
    row("partial", report.partial.to_string());
    row("refused", report.refused.to_string());
    row("hand-picked, lost to others", format!("{} of {}", report.conflicts, report.manual));
    row("abandoned, still held", report.abandoned.to_string());
    row("cancelled or expired", report.cancelled.to_string());
    row("paid too late", report.late_payments.to_string());
    row("seats sold", format!("{} of {}", report.seats_sold, report.capacity));
    row("seats sold twice", report.double_sold.to_string());
    row("errors", report.errors.to_string());
    for (reason, times) in &report.retried {
        row(&format!("sent again, {reason}"), times.to_string());
    }
    for (name, count) in report.mix.iter().flat_map(mix_rows) {
        row(name, count.to_string());
    }
    row("streams dropped", report.dropped_streams.to_string());
    row("seconds to last decision", format!("{:.2}", report.seconds));
    row("seconds to last payment", format!("{:.2}", report.seconds_to_last_payment));
    row("accepted per second", format!("{:.0}", report.accepted_per_second));
    row("seats per second", format!("{:.0}", report.seats_per_second));
    if let Some(seconds) = report.generator_cpu_seconds {
        row("CPU seconds of this program", format!("{seconds:.2}"));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::report::Observed;
    use super::*;

    #[test]
    fn an_interrupted_rush_says_so_and_what_was_not_checked() {
        let table_of = |interrupted, unchecked| {
            let observed = Observed { interrupted, unchecked, ..Observed::default() };
            table(&Report::of(&[], observed), &std::collections::BTreeMap::new())
        };
        assert!(!table_of(false, false).contains("nterrupted"));
        let first = table_of(true, false);
        assert!(first.contains("interrupted") && first.ends_with("No seat was sold twice."), "{first}");
        let second = table_of(true, true);
        assert!(second.ends_with("Interrupted: not everything was checked."), "{second}");
    }
}
