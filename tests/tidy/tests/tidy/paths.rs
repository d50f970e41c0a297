//! What a file may name: paths through our crates, the modules of the server and of booking.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{rust_sources, without_strings};
use super::{INSIDE_SERVER, RANKS, SEEN_BY_AUDIT, assert_none};

pub(super) fn is_name_part(c: char) -> bool {
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
