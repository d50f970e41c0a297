//! The catalogue of planted faults is whole, and a program that carries them goes nowhere.
//!
//! Promises: each fault of the code is a line of the catalogue, once, and the other way round; each
//! design rule has a fault; `scripts/place`, by which `make build` and `make dist` hand a program
//! out, refuses one with faults.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tests::sabotage::{catalogue, simulated, unseen};

/// Rules of the design, R1 to this.
const RULES: u32 = 39;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The names of all faults that the crates ask for, sorted.
fn planted() -> Vec<String> {
    let mut files = Vec::new();
    sources(&root().join("crates"), &mut files);
    let mut names = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        for call in ["planted(", "sabotaged!("] {
            let calls = text.split(call).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
            names.extend(calls.map(|name| name.split('"').next().unwrap().to_owned()));
        }
    }
    names.sort();
    names
}

#[test]
fn each_fault_of_the_code_is_in_the_catalogue_once() {
    let mut listed: Vec<String> = catalogue().into_iter().map(|fault| fault.name).collect();
    listed.sort();
    assert_eq!(planted(), listed, "left the code, right the catalogue");
    for name in simulated().into_iter().chain(unseen().into_iter().map(|(name, _)| name)) {
        assert!(listed.contains(&name), "{name} is in no catalogue");
    }
}

#[test]
fn each_rule_has_a_fault() {
    let catalogue = catalogue();
    let has = |rule: &str| catalogue.iter().any(|fault| fault.rules.split(' ').any(|of| of == rule));
    let without: Vec<_> = (1..=RULES).map(|n| format!("R{n}")).filter(|rule| !has(rule)).collect();
    assert_eq!(without, Vec::<String>::new());
}

#[test]
fn a_program_with_faults_is_not_placed() {
    let folder = tempfile::tempdir().unwrap();
    let (built, placed) = (folder.path().join("built"), folder.path().join("bin/ticketing"));
    let place = || Command::new(root().join("scripts/place")).arg(&built).arg(&placed).output().unwrap();
    let code = fs::read_to_string(root().join("crates/kernel/src/sabotage.rs")).unwrap();
    let mark = code.split("eprintln!(\"").nth(1).unwrap().split(": {").next().unwrap();

    fs::write(&built, format!("a program\0{mark}\0that has faults")).unwrap();
    let refused = place();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("faults planted on purpose"), "{refused:?}");
    assert!(!placed.exists());

    fs::write(&built, "a program\0without").unwrap();
    let taken = place();
    assert!(taken.status.success(), "{taken:?}");
    assert!(placed.exists());
}
