//! The steps, by service. Each is thin: it says one thing over HTTP, or looks at one thing that
//! came back.

mod accounts;
mod booking;
mod event_ticketing;
mod http;
mod live;
mod payment;
mod seat_reservation;

use cucumber::gherkin::Step;

/// The names in `Ann`, `Ann and Bob` or `Ann, Bob and Eve`.
fn names(text: &str) -> Vec<String> {
    text.replace(" and ", ", ")
        .split(", ")
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

/// The rows of a step's table as text by column name.
fn rows(step: &Step) -> Vec<std::collections::BTreeMap<String, String>> {
    let table = &step.table.as_ref().expect("the step has a table").rows;
    let head = &table[0];
    table[1..].iter().map(|row| head.iter().cloned().zip(row.iter().cloned()).collect()).collect()
}
