//! The web application's copy of what an event may name.
//!
//! Promises: the pages know the currencies and the time zones of the program, no more and no fewer.
//! `UPDATE_GOLDEN=1 cargo test -p event_ticketing --release --test accepted` writes the copies.
#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

use std::{fs, path::PathBuf};

use event_ticketing::domain::zone;
use kernel::Currency;

/// Compares the file of the web application, or writes it.
fn agrees(file: &str, due: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../web/src").join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, due).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap() == due, "{file} says something else; see above");
}

#[test]
fn the_pages_know_the_currencies_of_the_program() {
    let letters = 'A'..='Z';
    let codes = letters.clone().flat_map(|a| {
        let letters = letters.clone();
        letters.clone().flat_map(move |b| letters.clone().map(move |c| String::from_iter([a, b, c])))
    });
    let known = codes.filter_map(|code| Some((Currency::of_prices(&code).ok()?.decimals(), code)));
    let lines: Vec<_> = known.map(|(decimals, code)| format!("  \"{code}\": {decimals}")).collect();
    agrees("lib/currencies.json", &format!("{{\n{}\n}}\n", lines.join(",\n")));
}

#[test]
fn the_pages_know_the_time_zones_of_the_program() {
    let lines: Vec<_> = zone::all().into_iter().map(|name| format!("  \"{name}\"")).collect();
    agrees("seller/editor/zones.json", &format!("[\n{}\n]\n", lines.join(",\n")));
}
