//! `tests/sabotage/RESULTS.md`: a row per fault, written after each.
//!
//! Promises: rows keep the order of the catalogue; cells that were not measured again stay as they
//! are.

use std::{
    collections::BTreeMap,
    fs,
    process::Command,
    sync::{Mutex, PoisonError},
    thread,
};

use tests::sabotage::{catalogue, file, unseen};

const HEAD: &str = "# What catches each planted fault

Written by `make sabotage`. The faults are those of `catalogue.txt`; *blind* ones were planted
without a look at the tests. Rings of tests are tried from the innermost, and the first that fails
is named. *Seen* says what an operator notices within about a minute who runs `ticketing rush --mix
real`, kills the server once, and runs `ticketing audit`; the number behind a kind of error says how
often the rush met it. An empty cell is not measured yet.

";
const NOT: &str = "**no**";

#[derive(Clone, Default)]
struct Row {
    caught: String,
    seen: String,
}

pub(crate) struct Table(Mutex<BTreeMap<String, Row>>);

impl Table {
    pub(crate) fn open() -> anyhow::Result<Self> {
        let text = fs::read_to_string(file("RESULTS.md")).unwrap_or_default();
        let mut rows = BTreeMap::new();
        for line in text.lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<_> = line.split(" | ").map(|cell| cell.trim_matches(['|', ' '])).collect();
            if let [name, _, _, caught, seen] = cells[..] {
                rows.insert(
                    name.trim_matches('`').to_owned(),
                    Row { caught: caught.to_owned(), seen: seen.to_owned() },
                );
            }
        }
        let table = Self(Mutex::new(rows));
        table.change("", |_| ())?;
        Ok(table)
    }

    pub(crate) fn is_caught(&self, fault: &str) -> bool {
        self.has(fault, |row| !row.caught.is_empty() && row.caught != NOT)
    }

    pub(crate) fn is_seen(&self, fault: &str) -> bool {
        self.has(fault, |row| !row.seen.is_empty() && !row.seen.starts_with(NOT))
    }

    fn has(&self, fault: &str, what: impl Fn(&Row) -> bool) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(fault).is_some_and(what)
    }

    /// Which ring caught it, and by what.
    pub(crate) fn caught(&self, fault: &str, by: Option<(&str, String)>) -> anyhow::Result<()> {
        let cell = by.map_or_else(|| NOT.to_owned(), |(ring, by)| format!("{ring}: `{}`", plain(&by)));
        self.change(fault, |row| row.caught = cell)
    }

    /// What an operator saw.
    pub(crate) fn seen(&self, fault: &str, what: Option<String>) -> anyhow::Result<()> {
        self.change(fault, |row| row.seen = what.map_or_else(|| NOT.to_owned(), |what| plain(&what)))
    }

    fn change(&self, fault: &str, change: impl FnOnce(&mut Row)) -> anyhow::Result<()> {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !fault.is_empty() {
            change(rows.entry(fault.to_owned()).or_default());
        }
        Ok(fs::write(file("RESULTS.md"), text(&rows))?)
    }
}

/// Without what would break the table.
fn plain(text: &str) -> String {
    text.replace(['|', '\n', '`'], " ").trim().to_owned()
}

/// Where and of what the latest cells were taken.
fn taken() -> String {
    let commit = Command::new("git").args(["rev-parse", "--short=7", "HEAD"]).output();
    let commit =
        commit.map_or_else(|_| String::new(), |said| String::from_utf8_lossy(&said.stdout).trim().to_owned());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    format!("The latest run changed cells at commit {commit}, on {cores} cores.")
}

fn text(rows: &BTreeMap<String, Row>) -> String {
    let (faults, reasons) = (catalogue(), unseen());
    let count = |what: fn(&Row) -> bool| {
        faults.iter().filter_map(|fault| rows.get(&fault.name)).filter(|row| what(row)).count()
    };
    let caught = count(|row| !row.caught.is_empty() && row.caught != NOT);
    let seen = count(|row| !row.seen.is_empty() && !row.seen.starts_with(NOT));
    let mut text = format!("{HEAD}{}\n\n{} faults, {caught} caught, {seen} seen.\n\n", taken(), faults.len());
    text.push_str("| fault | rules | what it does | caught by | seen |\n|---|---|---|---|---|\n");
    for fault in &faults {
        let row = rows.get(&fault.name).cloned().unwrap_or_default();
        let reason = reasons.iter().find(|(name, _)| *name == fault.name);
        let seen = match reason {
            Some((_, reason)) if row.seen.is_empty() || row.seen.starts_with(NOT) => {
                format!("{NOT}: {reason}")
            }
            _ => row.seen,
        };
        let blind = if fault.blind { " *blind*" } else { "" };
        let line = format!(
            "| `{}` | {} | {}{blind} | {} | {seen} |\n",
            fault.name, fault.rules, fault.what, row.caught
        );
        text.push_str(&line);
    }
    text
}
