//! Hygiene of the source files: their headers, their size, and what the program never does.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use super::{MAX_LINES, NO_LIMITS, PROOF, assert_none, root};

/// Our source files, relative to the root, with their text.
pub(super) fn sources() -> &'static Vec<(String, String)> {
    static SOURCES: OnceLock<Vec<(String, String)>> = OnceLock::new();
    SOURCES.get_or_init(|| {
        let mut found = Vec::new();
        for top in ["crates", "rig", "tests", "bench"] {
            walk(&root().join(top), &mut found);
        }
        assert!(found.len() > 10, "the walk found next to nothing: it looks in the wrong place");
        found.sort();
        found
    })
}

fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("target") && !path.ends_with("node_modules") {
                walk(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "feature") {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

pub(super) fn rust_sources() -> impl Iterator<Item = &'static (String, String)> {
    sources()
        .iter()
        .filter(|(name, _)| Path::new(name).extension().is_some_and(|extension| extension == "rs"))
}

#[test]
fn every_file_says_what_it_promises() {
    let offenders: Vec<String> = rust_sources()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(name, _)| format!("{name} does not begin with //!"))
        .collect();
    assert_none(&offenders, "a file reads from the top: what it promises, what it never does");
}

#[test]
fn files_are_small() {
    let offenders: Vec<String> = sources()
        .iter()
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|&(_, lines)| lines > MAX_LINES)
        .map(|(name, lines)| format!("{name} has {lines} lines"))
        .collect();
    assert_none(&offenders, "a file has at most 600 lines");
}

#[test]
fn a_todo_names_its_issue() {
    // Written apart, so that this file does not report itself.
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME")];
    let mut offenders = Vec::new();
    for (name, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            let numbered = |mark: &str| {
                line.split(mark).skip(1).all(|rest| {
                    rest.strip_prefix("(#")
                        .and_then(|rest| rest.chars().next())
                        .is_some_and(|c| c.is_ascii_digit())
                })
            };
            if marks.iter().any(|mark| !numbered(mark)) {
                offenders.push(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert_none(&offenders, "a loose end belongs to an issue: write its number in brackets, with #");
}

/// Modules declared under `#[cfg(test)]` in a file of their own, as the paths those files may have.
pub(super) fn test_modules() -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    for (name, text) in rust_sources() {
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if !line.trim_start().starts_with("#[cfg(test)]") {
                continue;
            }
            let declared = lines.find(|line| !line.trim_start().starts_with("#[")).unwrap_or_default().trim();
            let declared = declared.strip_prefix("pub(crate) ").unwrap_or(declared);
            if let Some(module) = declared.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) {
                let folder = Path::new(name).parent().unwrap();
                let stem = Path::new(name).file_stem().unwrap().to_string_lossy().into_owned();
                let inside = if ["mod", "lib", "main"].contains(&stem.as_str()) {
                    folder.to_path_buf()
                } else {
                    folder.join(stem)
                };
                modules.insert(inside.join(module).to_string_lossy().into_owned());
            }
        }
    }
    modules
}

/// The lines of the program itself: no tests, no test aids, no comments; each with its number.
pub(super) fn program_lines(
    name: &str,
    text: &'static str,
    test_modules: &BTreeSet<String>,
) -> Vec<(usize, &'static str)> {
    let aid = PROOF.iter().any(|folder| name.starts_with(&format!("{folder}/")))
        || name
            .split('/')
            .any(|part| ["tests", "benches", "tests.rs", "testing", "testing.rs"].contains(&part))
        || text.contains("#![cfg(test)]")
        || test_modules
            .iter()
            .any(|module| name == format!("{module}.rs") || name.starts_with(&format!("{module}/")));
    if aid {
        return Vec::new();
    }
    let mut lines = text.lines().enumerate().peekable();
    let mut kept = Vec::new();
    while let Some((number, line)) = lines.next() {
        // The tests of a file stand at its end: what follows an inline test module is not the
        // program.
        let attribute = line.trim_start().starts_with("#[cfg(test)]");
        if attribute
            && lines.peek().is_some_and(|(_, next)| next.trim_end().ends_with('{') || next.starts_with("#["))
        {
            break;
        }
        if !line.trim_start().starts_with("//") {
            kept.push((number + 1, line));
        }
    }
    kept
}

#[test]
fn the_program_never_unwraps() {
    let forbidden = [".unwrap()", ".unwrap_err()", ".expect(\"", "todo!(", "unimplemented!("];
    let test_modules = test_modules();
    let mut looked_at = 0;
    let mut offenders = Vec::new();
    for (name, text) in rust_sources() {
        for (number, line) in program_lines(name, text, &test_modules) {
            looked_at += 1;
            if forbidden.iter().any(|word| line.contains(word)) {
                offenders.push(format!("{name}:{number}: {}", line.trim()));
            }
        }
    }
    assert!(looked_at > 0, "no line of the program was looked at");
    assert_none(
        &offenders,
        "outside tests a refusal is a value, a fault an error, and a bug an assert! with its reason",
    );
}

/// Two modes, nothing twice: the choice between them is made in the wiring, and no other code asks
/// for it.
#[test]
fn only_the_wiring_knows_the_mode() {
    let words = ["embedded", "cluster"];
    let test_modules = test_modules();
    let mut offenders = Vec::new();
    for (name, text) in rust_sources().filter(|(name, _)| !name.starts_with("crates/server/src/wiring")) {
        for (number, line) in program_lines(name, text, &test_modules) {
            // The library that carries the pages within the program has a type of such a name.
            let code = without_strings(line).replace("EmbeddedFile", "").to_lowercase();
            // Calling into the wiring, or into the adapters' module of that name, chooses nothing.
            if words.iter().any(|word| code.contains(word)) && !code.contains("wiring::") {
                offenders.push(format!("{name}:{number}: {}", line.trim()));
            }
        }
    }
    assert_none(&offenders, "the mode is chosen in server/src/wiring/ and mentioned nowhere else");
}

/// What a caller or a shared resource may have at most is found in one file. Ticks and back-offs
/// stay beside their loops.
#[test]
fn limits_stand_together() {
    let test_modules = test_modules();
    let offenders: Vec<String> = rust_sources()
        .filter(|(name, _)| name.starts_with("crates/") && !name.ends_with("kernel/src/limits.rs"))
        .filter(|(name, _)| !NO_LIMITS.iter().any(|(file, _)| name.starts_with(&format!("crates/{file}"))))
        .flat_map(|(name, text)| {
            let lines = program_lines(name, text, &test_modules).into_iter();
            lines
                .filter(|(_, line)| counts(line))
                .map(move |(number, line)| format!("{name}:{number}: {line}"))
        })
        .collect();
    assert_none(&offenders, "a limit is a row of kernel/src/limits.rs, with its unit in the name");
}

/// Whether the line is a constant number of at least 50.
fn counts(line: &str) -> bool {
    let Some((declared, value)) = line.split_once(" = ") else { return false };
    let number = [": usize", ": u32", ": u64"].iter().any(|kind| declared.ends_with(kind));
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    number
        && declared.contains("const ")
        && value.starts_with(|c: char| c.is_ascii_digit())
        && digits.parse::<u64>().is_ok_and(|value| value >= 50)
}

/// The line without its string literals and its trailing comment.
pub(super) fn without_strings(line: &str) -> String {
    let code = line.split(" // ").next().unwrap_or(line);
    code.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
}
