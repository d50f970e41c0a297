//! The walls of the workspace, tested. Reads `cargo metadata` and the source text; never compiles
//! or runs our code.
//!
//! What it promises: the pure crates stay pure, dependencies run one way, the mode is chosen in one
//! place, every source file keeps the rules of hygiene, and comments and documents keep those of
//! words and width. Each test lists all offenders, so that one run shows all there is to mend.

#![allow(clippy::unwrap_used, reason = "tests")]

mod dependencies;
mod paths;
mod source;
mod words;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cargo_metadata::{Metadata, MetadataCommand};

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
const RANKS: [(&str, u8); 17] = [
    ("rig", 0),
    ("rush", 0),
    ("tidy", 0),
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
const PROOF: [&str; 5] = ["rig", "sim", "tests", "tidy", "bench"];

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

/// Large numbers that no caller meets: (files that begin so, what they are).
const NO_LIMITS: [(&str, &str); 8] = [
    ("adapters/examples", "a program of its own"),
    ("adapters/src/log/kafka/client.rs", "settings of the Kafka client"),
    ("adapters/src/log/local/wal.rs", "the form of RocksDB's files"),
    ("adapters/src/log/rocks.rs", "RocksDB's memory and files"),
    ("audit", "what an answer shows"),
    ("rush", "a load generator"),
    ("server/src/serve.rs", "files that the stores open"),
    ("ticketing/src/doctor.rs", "what a machine needs"),
];

/// Lines a file may have at the very most.
const MAX_LINES: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_path_buf()
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
