//! The program is ended at every failpoint, one after another, under a rush of buyers, and started
//! again: on one process, and in a cluster.
//!
//! Promises: fails unless the process died of just that point, all that buyers received holds
//! afterwards, and the audit is clean; a point that is not visited is a failure. Shows as well that
//! the program that is shipped has no failpoints. `cargo test --test failpoints -- --points
//! kafka.restore` takes some of them.

#![allow(clippy::unwrap_used, reason = "tests")]

mod in_cluster;
mod on_one_process;

use std::{path::PathBuf, time::Instant};

use adapters::failpoint::Point;
use clap::Parser;
use tests::{
    rush::{Rng, seed},
    shop::Plan,
};

/// One section a partition: 10 sections of equal size lie on 10 partitions.
const PLAN: Plan = Plan { sections: 10, rows: 50, seats_per_row: 40 };
/// One a section, so that every partition has work.
const BUYERS: usize = 10;
/// What a process that aborts ends with.
const SIGABRT: i32 = 6;
/// Time to pay at the points that come after it: bookings expire within a round.
const SHORT_WINDOW: &str = "1s";

/// Ends the program at its failpoints.
#[derive(Parser)]
struct Arguments {
    /// Only points whose names begin with this
    #[arg(long, default_value = "")]
    points: String,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(&arguments.points))
}

async fn run(beginning: &str) -> anyhow::Result<()> {
    let (program, seed) = (program(), seed());
    let wanted: Vec<Point> =
        Point::ALL.iter().copied().filter(|point| point.name().starts_with(beginning)).collect();
    anyhow::ensure!(!wanted.is_empty(), "no point's name begins with {beginning}");
    let began = Instant::now();
    on_one_process::the_shipped_program_has_none().await?;
    // Side by side: the cluster mostly waits for its brokers to miss a process.
    let (alone, together) = tokio::try_join!(
        on_one_process::sweep(&program, &wanted, seed),
        in_cluster::sweep(&program, &wanted, seed)
    )?;
    println!("{alone} points on one process, {together} in a cluster, in {:.0?}", began.elapsed());
    Ok(())
}

/// The program that was built with failpoints.
fn program() -> PathBuf {
    let named = std::env::var_os("TICKETING_FAILPOINTS_BIN");
    PathBuf::from(
        named.expect("TICKETING_FAILPOINTS_BIN names the program that `make build-failpoints` makes"),
    )
}

/// A point, and which of its visits ends the process.
#[derive(Clone, Copy, Debug)]
struct Trap {
    point: Point,
    visit: u64,
}

impl Trap {
    /// At a random visit. A start restores few partitions, and few payments come too late.
    fn at(point: Point, rng: &mut Rng) -> Self {
        let rare = [".restore.", ".expiry.", ".refund."].iter().any(|part| point.name().contains(part));
        let last = match point {
            Point::KafkaLaneMade | Point::KafkaLaneAnnounced => 1,
            _ if rare => 3,
            _ => 12,
        };
        Self { point, visit: 1 + rng.below(last) }
    }

    /// For the variable `FAILPOINT`.
    fn variable(self) -> String {
        format!("{}={}", self.point.name(), self.visit)
    }

    /// Whether it comes only after the time to pay.
    fn needs_short_window(self) -> bool {
        [".expiry.", ".refund."].iter().any(|part| self.point.name().contains(part))
    }

    /// Panics unless a process that ended like this died here.
    fn was_sprung(self, signal: Option<i32>, said: &str) {
        let (name, visit) = (self.point.name(), self.visit);
        let said_so = said.contains(&format!("failpoint: {name}"));
        assert!(
            signal == Some(SIGABRT) && said_so,
            "it did not die at visit {visit} of {name}; it said:\n{said}"
        );
    }
}
