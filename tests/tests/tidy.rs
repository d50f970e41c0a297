//! The walls of the workspace, tested. Reads `cargo metadata` and the source text; never compiles
//! or runs our code.
//!
//! What it promises: the pure crates stay pure, dependencies run one way, the mode is chosen in one
//! place, and every source file keeps the house's hygiene. Each test lists all offenders, so that
//! one run shows all there is to mend.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

/// Crates that decide and never touch the world.
const PURE: [&str; 6] = ["kernel", "stream", "accounts", "booking", "seat_reservation", "event_ticketing"];

/// What touches the world, or would let wire formats seep into the rules.
const WORLDLY: [&str; 14] = [
    "tokio",
    "sqlx",
    "rocksdb",
    "axum",
    "hyper",
    "reqwest",
    "tracing",
    "serde_json",
    "rdkafka",
    "redis",
    "confluent-kafka",
    "async-std",
    "mio",
    "getrandom",
];

/// A crate may name only crates of a lower rank. The rig and the load generator name none of ours,
/// and any crate's tests may name the rig.
const RANKS: [(&str, u8); 16] = [
    ("rig", 0),
    ("rush", 0),
    ("kernel", 0),
    ("stream", 1),
    ("accounts", 2),
    ("booking", 2),
    ("seat_reservation", 2),
    ("event_ticketing", 2),
    ("api", 3),
    ("adapters", 3),
    ("audit", 4),
    ("server", 5),
    ("ticketing", 6),
    ("sim", 7),
    ("tests", 8),
    ("bench", 8),
];

/// Crates that only prove: no part of the product.
const PROOF: [&str; 4] = ["rig", "sim", "tests", "bench"];

/// What the audit may see of our crates: words, and the form of what is stored. Never a rule.
const SEEN_BY_AUDIT: [(&str, &[&str]); 4] = [
    ("kernel", &[]),
    ("stream", &["DeadLetter"]),
    ("seat_reservation", &["row"]),
    ("adapters", &["log", "sql::DatabaseUrl", "sql::inspection"]),
];

/// Within the server a module may not name these: (files that begin so, what they never name).
const INSIDE_SERVER: [(&str, &[&str]); 2] = [
    ("crates/server/src/live", &["http", "wiring", "serve"]),
    ("crates/server/src/http", &["wiring", "serve"]),
];

/// Lines a file may have at the very most.
const MAX_LINES: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// The workspace with its resolved graph, for the platform this test was built for: foreign
/// platforms would ask for crates that nobody has downloaded.
fn metadata() -> &'static Metadata {
    static METADATA: OnceLock<Metadata> = OnceLock::new();
    METADATA.get_or_init(|| {
        let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        MetadataCommand::new()
            .manifest_path(root().join("Cargo.toml"))
            .other_options(vec!["--locked".to_owned(), "--filter-platform".to_owned(), target])
            .exec()
            .unwrap()
    })
}

/// Fails with all offenders, one a line.
fn assert_none(offenders: &[String], rule: &str) {
    assert!(offenders.is_empty(), "{rule}\n  {}\n", offenders.join("\n  "));
}

#[test]
fn pure_crates_name_nothing_worldly() {
    let offenders: Vec<String> = metadata()
        .workspace_packages()
        .into_iter()
        .filter(|package| PURE.contains(&package.name.as_str()))
        .flat_map(|package| {
            package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind == DependencyKind::Normal)
                .filter(|dependency| WORLDLY.contains(&dependency.name.as_str()))
                .map(|dependency| format!("{} depends on {}", package.name, dependency.name))
        })
        .collect();
    assert_none(&offenders, "a pure crate decides and never touches the world");
}

/// The direct list alone would let a helper crate bring an async runtime in by the back door.
#[test]
fn pure_crates_reach_nothing_that_waits() {
    let metadata = metadata();
    let resolve = metadata.resolve.as_ref().unwrap();
    let edges: BTreeMap<&PackageId, Vec<&PackageId>> = resolve
        .nodes
        .iter()
        .map(|node| {
            let normal = node
                .deps
                .iter()
                .filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
            (&node.id, normal.map(|dep| &dep.pkg).collect())
        })
        .collect();
    let mut offenders = Vec::new();
    for package in
        metadata.workspace_packages().into_iter().filter(|package| PURE.contains(&package.name.as_str()))
    {
        let mut seen = BTreeSet::new();
        let mut open = vec![&package.id];
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(&edges[id]);
            }
        }
        for id in seen {
            let name = metadata[id].name.as_str();
            // `uuid` may carry a source of chance for those who ask it for one; the pure crates are
            // handed their ids.
            if WORLDLY.contains(&name) && name != "getrandom" {
                offenders.push(format!("{} reaches {name}", package.name));
            }
        }
    }
    assert_none(&offenders, "nothing below a pure crate may bring an async runtime, a store or a broker");
}

#[test]
fn dependencies_run_one_way() {
    let ranks: BTreeMap<&str, u8> = RANKS.into_iter().collect();
    let mut offenders = Vec::new();
    for package in metadata().workspace_packages() {
        let Some(&own) = ranks.get(package.name.as_str()) else {
            offenders.push(format!("{} has no place in the order: give it one here", package.name));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|dependency| dependency.path.is_some()) {
            let below = ranks.get(dependency.name.as_str()).is_some_and(|&other| other < own);
            if !below {
                offenders.push(format!("{} names {}", package.name, dependency.name));
            }
        }
    }
    assert_none(
        &offenders,
        "kernel <- stream <- services <- {api, adapters} <- audit <- server <- ticketing <- proof; services never name each other",
    );
}

/// A dependency that no line uses is an arrow in the picture without anything behind it.
#[test]
fn every_declared_dependency_is_used() {
    let mut offenders = Vec::new();
    for package in metadata().workspace_packages() {
        let folder = package.manifest_path.parent().unwrap().strip_prefix(root()).unwrap();
        let in_folder = |below: &[&str]| {
            let prefixes: Vec<String> = below.iter().map(|part| format!("{folder}/{part}")).collect();
            rust_sources().filter(move |(name, _)| prefixes.iter().any(|prefix| name.starts_with(prefix)))
        };
        for dependency in &package.dependencies {
            let places: &[&str] = match dependency.kind {
                DependencyKind::Build => &["build.rs"],
                DependencyKind::Normal if !PROOF.contains(&package.name.as_str()) => &["src/"],
                _ => &["src/", "tests/", "benches/", "examples/"],
            };
            let name = dependency.rename.as_ref().unwrap_or(&dependency.name).replace('-', "_");
            if !in_folder(places).any(|(_, text)| names_crate(text, &name)) {
                offenders.push(format!("{} never uses {}", package.name, dependency.name));
            }
        }
    }
    assert_none(&offenders, "a dependency that nothing uses is taken out of Cargo.toml");
}

/// Whether some line of code has `name::`, `name!`, `use name` or `#[name`.
fn names_crate(text: &str, name: &str) -> bool {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.into_iter().any(|line| {
        line.match_indices(name).any(|(at, _)| {
            let (before, after) = (&line[..at], &line[at + name.len()..]);
            let whole = !before.ends_with(is_name_part) && !after.starts_with(is_name_part);
            let used = after.starts_with("::") || after.starts_with('!');
            whole && (used || before.ends_with("use ") || before.ends_with("#["))
        })
    })
}

fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

/// Our crates, as `(crate, path behind it)`, that a file names; a group in braces names each of its
/// entries.
fn named_paths(text: &str) -> BTreeSet<(&'static str, String)> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [without_strings(line), "\n".to_owned()])
        .collect();
    let mut found = BTreeSet::new();
    for (ours, _) in RANKS {
        for (at, _) in code.match_indices(&format!("{ours}::")) {
            if code[..at].ends_with(|c: char| is_name_part(c) || c == ':') {
                continue;
            }
            for path in entries(&code[at + ours.len() + 2..]) {
                found.insert((ours, path));
            }
        }
    }
    found
}

/// The paths that begin here: one, or those of a group in braces.
fn entries(text: &str) -> Vec<String> {
    let end = text.find(|c: char| !(is_name_part(c) || c == ':')).unwrap_or(text.len());
    let (head, rest) = text.split_at(end);
    let Some(group) = rest.strip_prefix('{') else { return vec![head.to_owned()] };
    let (mut paths, mut rest) = (Vec::new(), group.trim_start());
    while !rest.is_empty() && !rest.starts_with('}') {
        paths.extend(entries(rest).into_iter().map(|path| format!("{head}{path}")));
        rest = behind_entry(rest);
    }
    paths
}

/// What follows the first entry of a group, at the next entry or at the closing brace.
fn behind_entry(text: &str) -> &str {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            ',' if depth == 0 => return text[at + 1..].trim_start(),
            '}' if depth == 0 => return &text[at..],
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    ""
}

/// A tool that drives the product from outside names nothing of ours; the auditor sees what is
/// stored and no rule.
#[test]
fn what_watches_the_product_shares_no_rule() {
    let mut offenders = Vec::new();
    for (name, text) in rust_sources() {
        let (rush, audit) = (name.starts_with("crates/rush/"), name.starts_with("crates/audit/"));
        for (ours, path) in named_paths(text) {
            let itself = (rush && ours == "rush") || (audit && ours == "audit");
            let seen = SEEN_BY_AUDIT.iter().find(|(seen, _)| *seen == ours).is_some_and(|(_, parts)| {
                let within = |part: &&str| path == **part || path.starts_with(&format!("{part}::"));
                parts.is_empty() || parts.iter().any(within)
            });
            if !itself && (rush || (audit && !seen)) {
                offenders.push(format!("{name} names {ours}::{path}"));
            }
        }
    }
    assert_none(&offenders, "rush names nothing of ours; audit sees words, rows, records and log inspection");
}

/// Routes call live views, never the other way; only the wiring and the start see all of them.
#[test]
fn modules_of_the_server_run_one_way() {
    let mut offenders = Vec::new();
    for (name, text) in rust_sources() {
        for (_, never) in INSIDE_SERVER.iter().filter(|(files, _)| name.starts_with(files)) {
            for module in named_modules(text).into_iter().filter(|module| never.contains(&module.as_str())) {
                offenders.push(format!("{name} names crate::{module}"));
            }
        }
    }
    assert_none(&offenders, "in the server: wiring -> http -> live -> gate, never back");
}

/// The modules at the crate's root that a file names.
fn named_modules(text: &str) -> BTreeSet<String> {
    text.match_indices("crate::")
        .flat_map(|(at, word)| entries(&text[at + word.len()..]))
        .filter_map(|path| path.split("::").next().map(str::to_owned))
        .collect()
}

/// Booking's modules by their paths, without the root, which names all of them, and what only
/// proves.
fn modules_of_booking() -> BTreeMap<String, &'static str> {
    let module = |name: &str| {
        let path = name.strip_prefix("crates/booking/src/")?.strip_suffix(".rs")?;
        Some(path.strip_suffix("/mod").unwrap_or(path).replace('/', "::"))
    };
    let proves = |module: &str| module == "lib" || module.ends_with("tests") || module.starts_with("testing");
    let all = rust_sources().filter_map(|(name, text)| Some((module(name)?, text.as_str())));
    all.filter(|(module, _)| !proves(module)).collect()
}

/// A file that is named back, however far around, cannot be understood or moved alone.
#[test]
fn booking_has_no_circle_of_files() {
    let modules = modules_of_booking();
    assert!(modules.len() > 15, "the search found next to nothing");
    let named = |module: &str, text: &str| -> BTreeSet<String> {
        let parent = module.rsplit_once("::").map_or(String::new(), |(parent, _)| format!("{parent}::"));
        let below = format!("{module}::");
        let child = |name: &&str| text.contains(&format!("use {name}::"));
        let children = modules.keys().filter_map(|other| other.strip_prefix(&below)).filter(child);
        let paths = [("crate::", ""), ("super::", parent.as_str())].into_iter().flat_map(|(word, base)| {
            let found = text.match_indices(word).flat_map(|(at, _)| entries(&text[at + word.len()..]));
            found.map(move |path| format!("{base}{path}"))
        });
        let all = paths.chain(children.map(|name| format!("{below}{name}")));
        let within = |path: &str, other: &str| path == other || path.starts_with(&format!("{other}::"));
        all.filter_map(|path| {
            modules.keys().filter(|other| within(&path, other)).max_by_key(|m| m.len()).cloned()
        })
        .filter(|other| other != module)
        .collect()
    };
    let edges: BTreeMap<&String, BTreeSet<String>> =
        modules.iter().map(|(module, text)| (module, named(module, text))).collect();
    let mut offenders = Vec::new();
    for module in modules.keys() {
        let (mut open, mut seen) = (vec![module], BTreeSet::new());
        while let Some(at) = open.pop() {
            open.extend(edges[at].iter().filter(|next| seen.insert((*next).clone())));
        }
        if seen.contains(module) {
            offenders.push(format!("{module} is named by what it names: {seen:?}"));
        }
    }
    assert_none(&offenders, "decision <- ports <- app: no file of booking names one that names it back");
}

#[test]
fn paths_are_found_in_groups() {
    let text = "use adapters::{\n    log::{A, kafka::{self, B}},\n    sql::DatabaseUrl,\n};\nlet x = crate::http::y();";
    let paths: Vec<String> = named_paths(text).into_iter().map(|(_, path)| path).collect();
    assert_eq!(paths, ["log::A", "log::kafka::B", "log::kafka::self", "sql::DatabaseUrl"]);
    assert_eq!(named_modules(text), BTreeSet::from(["http".to_owned()]));
}

/// What `cargo tree` prints, a line for each package with the features that are asked of it.
fn features(edges: &str) -> BTreeSet<String> {
    let arguments =
        ["tree", "--locked", "--workspace", "--prefix", "none", "--format", "{p} {f}", "--edges", edges];
    let tree = Command::new(env!("CARGO")).current_dir(root()).args(arguments).output().unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let text = String::from_utf8(tree.stdout).unwrap();
    text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

/// Otherwise `make test` compiles a second time what `make build` compiled, the Kafka client for
/// minutes.
#[test]
fn the_program_and_the_tests_share_what_is_compiled() {
    let (program, all) = (features("normal,build"), features("normal,build,dev"));
    let offenders: Vec<String> = program.difference(&all).cloned().collect();
    assert_none(&offenders, "tests ask more of it: ask the same among the dependencies of tests/Cargo.toml");
}

/// The test aids of the pure crates are compiled with them, so that the program and the tests share
/// one build.
#[test]
fn the_program_never_names_test_aids() {
    let test_modules = test_modules();
    let mut offenders = Vec::new();
    for (name, text) in rust_sources() {
        for (number, line) in program_lines(name, text, &test_modules) {
            if line.contains("testing") && !line.ends_with("mod testing;") {
                offenders.push(format!("{name}:{number}: {}", line.trim()));
            }
        }
    }
    assert_none(&offenders, "a `testing` module is for tests alone");
}

#[test]
fn the_product_never_names_the_proof() {
    let mut offenders = Vec::new();
    for package in metadata().workspace_packages() {
        let proof = |name: &str| PROOF.contains(&name);
        for dependency in package.dependencies.iter().filter(|dependency| proof(&dependency.name)) {
            if !proof(&package.name) && dependency.kind != DependencyKind::Development {
                offenders.push(format!("{} names {}", package.name, dependency.name));
            }
        }
    }
    assert_none(&offenders, "what proves the product is no part of it: only tests may name it");
}

/// Our source files, relative to the root, with their text.
fn sources() -> &'static Vec<(String, String)> {
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

fn rust_sources() -> impl Iterator<Item = &'static (String, String)> {
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
fn test_modules() -> BTreeSet<String> {
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
fn program_lines(
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

/// The line without its string literals and its trailing comment.
fn without_strings(line: &str) -> String {
    let code = line.split(" // ").next().unwrap_or(line);
    code.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
}
