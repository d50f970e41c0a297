//! Words and width of comments and documents: short sentences that a stranger understands.
//!
//! Promises: a word of [`OLD_WORDS`] in a comment, a document or a feature is an offender, also
//! when it is broken over two lines; so is a line of a comment or a document beyond
//! [`MAX_COLUMNS`], unless it is a table, code or one long token. Never: reads generated files.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use super::{assert_none, root};

/// Old words, each with what may follow it all the same. Write the known pattern instead: fencing,
/// rebalance, back-off, outbox relay, projection, snapshot, resume, notify.
const OLD_WORDS: [(&str, &str); 15] = [
    ("told", ""),
    ("tell", ""),
    ("tells", ""),
    ("anew", ""),
    ("whoever", ""),
    ("became of", ""),
    ("become of", ""),
    ("stands in", ""),
    ("stand in", ""),
    ("goes on", "sale"),
    ("go on", "sale"),
    ("is over", ""),
    ("are over", ""),
    ("lest", ""),
    ("shut out", ""),
];

/// Columns of a line in comments and documents.
const MAX_COLUMNS: usize = 100;

/// Where our text is, relative to the root. Generated clients and lockfiles are elsewhere.
const TEXT: [&str; 22] = [
    "crates",
    "rig",
    "tests",
    "bench",
    "docs",
    "deploy",
    "scripts",
    "config",
    ".github",
    "Makefile",
    "Cargo.toml",
    "README.md",
    "README.zh-TW.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "web/src",
    "web/e2e",
    "web/scripts",
    "web/screenshots",
    "web/bench-map",
    "web/README.md",
];

/// How a file marks its comments.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Everything but blocks of code is prose.
    Document,
    /// Prose, too, in lines of its own length: a table has no other place.
    Feature,
    /// The beginnings of a line that is a comment, and what begins a comment behind code.
    Code(&'static [&'static str], &'static str),
}

fn kind(name: &str) -> Option<Kind> {
    let file = Path::new(name).file_name()?.to_str()?;
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str()).unwrap_or(file);
    match extension {
        "md" => Some(Kind::Document),
        "feature" => Some(Kind::Feature),
        "rs" | "proto" | "c" | "ts" | "tsx" | "css" => Some(Kind::Code(&["//", "/*", "* ", "{/*"], " // ")),
        "sql" => Some(Kind::Code(&["--"], " -- ")),
        "toml" | "yaml" | "yml" | "cfg" | "conf" | "service" | "example" | "Makefile" | "Dockerfile" => {
            Some(Kind::Code(&["#"], " # "))
        }
        _ => (name.starts_with("scripts/")).then_some(Kind::Code(&["#"], " # ")),
    }
}

/// Our text files, relative to the root, with how their comments are marked.
fn texts() -> &'static Vec<(String, Kind, String)> {
    static TEXTS: OnceLock<Vec<(String, Kind, String)>> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let mut found = Vec::new();
        for top in TEXT {
            walk(&root().join(top), &mut found);
        }
        assert!(found.len() > 300, "the walk found next to nothing: it looks in the wrong place");
        found
    })
}

fn walk(path: &Path, found: &mut Vec<(String, Kind, String)>) {
    // A table of test names is generated.
    if path.ends_with("tests/sabotage/RESULTS.md") {
        return;
    }
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            walk(&entry.unwrap().path(), found);
        }
        return;
    }
    let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
    let text = kind(&name).and_then(|kind| Some((kind, fs::read_to_string(path).ok()?)));
    found.extend(text.map(|(kind, text)| (name, kind, text)));
}

/// The lines that are prose, each with its number; of a line of code only the comment behind it.
fn prose(kind: Kind, text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let comment = |line: &'_ str| -> Option<usize> {
        let Kind::Code(begins, behind) = kind else { return Some(0) };
        let start = line.len() - line.trim_start().len();
        if begins.iter().any(|begin| line[start..].starts_with(begin)) {
            return Some(start);
        }
        let at = line.find(behind)?;
        line[..at].matches('"').count().is_multiple_of(2).then_some(at)
    };
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if kind == Kind::Document && line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if let Some(at) = comment(line).filter(|_| !fenced) {
            lines.push((number + 1, &line[at..]));
        }
    }
    lines
}

/// The old words in these lines, each with the number of its line.
fn old_words(lines: &[(usize, &str)]) -> Vec<(usize, &'static str)> {
    let words: Vec<(usize, String)> = lines
        .iter()
        .flat_map(|(number, line)| line.split(|c: char| !c.is_alphanumeric()).map(|word| (*number, word)))
        .filter(|(_, word)| !word.is_empty())
        .map(|(number, word)| (number, word.to_lowercase()))
        .collect();
    let mut found = Vec::new();
    for (at, (number, _)) in words.iter().enumerate() {
        for (old, allowed) in OLD_WORDS {
            let length = old.split(' ').count();
            let same = old.split(' ').zip(words[at..].iter().map(|(_, word)| word.as_str()));
            let follows = words.get(at + length).map_or("", |(_, word)| word.as_str());
            let whole = words.len() >= at + length && same.into_iter().all(|(a, b)| a == b);
            if whole && (allowed.is_empty() || follows != allowed) {
                found.push((*number, old));
            }
        }
    }
    found
}

#[test]
fn comments_and_documents_use_standard_words() {
    let offenders: Vec<String> = texts()
        .iter()
        .flat_map(|(name, kind, text)| {
            let found = old_words(&prose(*kind, text));
            found.into_iter().map(move |(number, word)| format!("{name}:{number}: {word}"))
        })
        .collect();
    assert_none(&offenders, "name the known pattern in a short sentence instead of these words");
}

/// Whether a line may be longer: a table, a heading that an anchor needs whole, or one long token.
fn cannot_be_broken(line: &str) -> bool {
    let prose = line.trim_start_matches(['/', '!', '*', '#', '-', ' ']);
    let longest = prose.split(' ').map(|word| word.chars().count()).max().unwrap_or_default();
    prose.starts_with('|') || longest > MAX_COLUMNS / 2
}

#[test]
fn comments_and_documents_fit_the_page() {
    let mut offenders = Vec::new();
    for (name, kind, text) in texts().iter().filter(|(_, kind, _)| *kind != Kind::Feature) {
        let all: Vec<&str> = text.lines().collect();
        for (number, prose) in prose(*kind, text) {
            let line = all[number - 1];
            let alone = line.trim_start() == prose;
            let columns = line.chars().count();
            if (alone || *kind == Kind::Document) && columns > MAX_COLUMNS && !cannot_be_broken(prose) {
                offenders.push(format!("{name}:{number}: {columns} columns"));
            }
        }
    }
    assert_none(&offenders, "a line of a comment or a document has at most 100 columns");
}

#[test]
fn old_words_are_found_over_line_breaks_and_not_in_code() {
    let text =
        "//! A buyer is\n//! told. The event goes\n//! on sale; reading goes on.\nlet told = \"tell\";";
    let found = old_words(&prose(kind("a.rs").unwrap(), text));
    assert_eq!(found, [(2, "told"), (3, "goes on")]);
}
