//! The catalogue of planted faults, `tests/sabotage/catalogue.txt`, and what is known of each.

use std::{fs, path::PathBuf};

/// The variable that chooses the fault of a process of a sabotage build.
pub const VARIABLE: &str = "TICKETING_SABOTAGE";

/// A fault that a build with the feature `sabotage` can carry.
#[derive(Debug, Clone)]
pub struct Fault {
    /// As the code and the variable name it.
    pub name: String,
    /// The rules and invariants that it breaks.
    pub rules: String,
    /// What the program does wrong then.
    pub what: String,
    /// Whether it was planted without a look at the tests.
    pub blind: bool,
}

/// A file of `tests/sabotage`.
pub fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sabotage").join(name)
}

/// All faults, in the order of the file.
pub fn catalogue() -> Vec<Fault> {
    let fault = |parts: Vec<String>| {
        let blind = match &parts[..] {
            [_, _, _] => false,
            [_, _, _, mark] if mark == "blind" => true,
            _ => panic!("not `name | rules | what | blind`: {parts:?}"),
        };
        Fault { name: parts[0].clone(), rules: parts[1].clone(), what: parts[2].clone(), blind }
    };
    lines("catalogue.txt").map(fault).collect()
}

/// Faults that an operator's run cannot show, each with the reason.
pub fn unseen() -> Vec<(String, String)> {
    let pair = |parts: Vec<String>| match &parts[..] {
        [name, reason] => (name.clone(), reason.clone()),
        _ => panic!("not `name | reason`: {parts:?}"),
    };
    lines("unseen.txt").map(pair).collect()
}

/// Faults that the simulation must catch.
pub fn simulated() -> Vec<String> {
    lines("simulation.txt").map(|parts| parts[0].clone()).collect()
}

/// The lines of a file that are no comments, split at ` | `.
fn lines(name: &str) -> impl Iterator<Item = Vec<String>> {
    let text = fs::read_to_string(file(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| line.split(" | ").map(|part| part.trim().to_owned()).collect())
        .collect();
    lines.into_iter()
}
