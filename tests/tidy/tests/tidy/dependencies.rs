//! What a crate may depend on: Cargo's own graph, and whether each arrow in it is used.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use cargo_metadata::{DependencyKind, PackageId};

use super::{PROOF, PURE, RANKS, WORLDLY, assert_none, metadata, root};
use super::{
    paths::is_name_part,
    source::{program_lines, rust_sources, test_modules},
};

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

/// The direct list alone would miss a helper crate that brings an async runtime.
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
            // `uuid` has an optional source of randomness; the pure crates get their ids as
            // arguments.
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
