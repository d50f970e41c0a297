//! Every failpoint of the program is a step at which processes die in the simulation, or says why
//! only the rig can die there.
//!
//! Promises: a failpoint without a line here fails, and so does a line without a failpoint, or a
//! step at which no process died.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeMap, thread};

use sim::runs;

/// Where the program's failpoints are named.
const POINTS: &str = include_str!("../../../crates/adapters/src/failpoint.rs");

/// Seeds that meet each of the steps.
const SEEDS: u64 = 200;

enum At {
    /// Processes die at this step of a port.
    Step(&'static str),
    RigOnly(&'static str),
}

use At::{RigOnly, Step};

/// A transaction in memory is done in one go: a process that dies within it dies before it.
const TABLE: &[(&str, At)] = &[
    ("local.restore.owned", Step("log.restore.owned")),
    ("local.restore.read", Step("log.restore.read")),
    ("local.batch.read", Step("log.batch.read")),
    ("local.batch.decided", Step("log.commit.decided")),
    ("local.write.ready", Step("log.commit.ready")),
    ("local.write.synced", Step("log.commit.stored")),
    ("local.write.notified", Step("log.publish.stored")),
    ("local.batch.committed", Step("log.batch.begun")),
    ("kafka.restore.owned", Step("log.restore.owned")),
    ("kafka.restore.fenced", Step("log.restore.fenced")),
    (
        "kafka.restore.read",
        RigOnly("the checkpoint is the adapter's own; the port shows committed rows only"),
    ),
    (
        "kafka.restore.advanced",
        RigOnly("the checkpoint is the adapter's own; the port shows committed rows only"),
    ),
    ("kafka.restore.loaded", Step("log.restore.read")),
    ("kafka.restore.done", Step("log.batch.begun")),
    ("kafka.batch.read", Step("log.batch.read")),
    ("kafka.batch.begun", Step("log.commit.decided")),
    ("kafka.batch.messages-sent", Step("log.commit.ready")),
    ("kafka.batch.changes-sent", Step("log.commit.ready")),
    ("kafka.batch.committed", Step("log.commit.stored")),
    ("kafka.batch.done", Step("log.commit.stored")),
    (
        "kafka.lane.made",
        RigOnly("topics are made by the adapter; in memory a lane is there when it is first written to"),
    ),
    (
        "kafka.lane.announced",
        RigOnly("topics are made by the adapter; in memory a lane is there when it is first written to"),
    ),
    ("booking.batch.read", Step("booking.batch.read")),
    ("booking.batch.moved", Step("booking.batch.read")),
    ("booking.batch.written", Step("booking.batch.read")),
    ("booking.batch.committed", Step("booking.batch.committed")),
    ("booking.rows.written", Step("booking.create.begun")),
    ("booking.created", Step("booking.created")),
    ("booking.cancelled", Step("booking.cancelled")),
    ("booking.payment.begun", Step("booking.payment.begun")),
    ("booking.payment.charged", Step("provider.charged")),
    ("booking.payment.settled", Step("booking.payment.settled")),
    ("booking.expiry.found", Step("booking.expiry.found")),
    ("booking.expiry.committed", Step("booking.expiry.committed")),
    ("booking.refund.made", Step("booking.refund.made")),
    ("booking.refund.committed", Step("booking.refund.committed")),
    ("tickets.batch.read", Step("tickets.batch.read")),
    ("tickets.batch.moved", Step("tickets.batch.read")),
    ("tickets.rows.written", Step("tickets.batch.read")),
    ("tickets.batch.written", Step("tickets.batch.read")),
    ("tickets.batch.committed", Step("tickets.batch.committed")),
    ("outbox.read", Step("outbox.read")),
    ("outbox.published", Step("outbox.published")),
    ("outbox.removed", Step("outbox.remove")),
    ("outbox.committed", Step("outbox.committed")),
    ("sql.begun", Step("booking.create.begun")),
    ("sql.worked", Step("booking.settle.begun")),
    ("sql.committed", Step("booking.created")),
];

/// The names in the program's source, each in a line like `Name = "a.b": "when",`.
fn points() -> Vec<&'static str> {
    let named =
        |line: &'static str| line.trim().split_once(" = \"")?.1.split_once("\": \"").map(|(name, _)| name);
    POINTS.lines().filter_map(named).collect()
}

#[test]
fn every_failpoint_is_a_simulated_step_or_says_why_not() {
    let table: BTreeMap<_, _> = TABLE.iter().map(|(name, at)| (*name, at)).collect();
    let points = points();
    assert!(points.len() > 40, "only {} failpoints were found", points.len());
    let mut sorted = points.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, table.keys().copied().collect::<Vec<_>>());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let sum = runs::run(0..SEEDS, threads);
    let mut missed = Vec::new();
    for (point, at) in TABLE {
        match at {
            Step(step) if sum.coverage.get(&format!("crash at {step}")) == 0 => {
                missed.push(format!("{point} ({step})"));
            }
            Step(_) => {}
            RigOnly(reason) => assert!(!reason.is_empty(), "{point} says why"),
        }
    }
    assert!(missed.is_empty(), "no process died at {missed:?}");
}
