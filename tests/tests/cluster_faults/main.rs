//! The whole cluster under a sale, while one part after another is killed, stopped, flushed or taken away for a while.
//!
//! Promises: fails unless all that buyers were told still holds at the end, the audit is clean, and nobody waited longer for a decision than the
//! goals allow. Prints the figures. `cargo test --test cluster_faults -- --rounds 10` kills the seat servers more often.

#![allow(clippy::unwrap_used, reason = "tests")]

mod check;
mod crowd;
mod faults;

use std::{sync::Arc, time::Duration};

use clap::Parser;
use rig::{Cluster, ClusterOptions};
use tests::{api::Api, program, shop};

use crowd::{BUYERS, Crowd, PLAN};

/// Time to pay, short enough that holds expire in the middle of a fault.
const SHORT_WINDOW: Duration = Duration::from_secs(15);
/// From the last fault, or the last deadline, until everything agrees.
const CONVERGED: Duration = Duration::from_secs(30);

/// Disturbs every part of a cluster during a sale, and checks that no promise is broken.
#[derive(Parser)]
struct Arguments {
    /// How often each seat server is killed
    #[arg(long, default_value_t = 2)]
    rounds: usize,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(arguments.rounds))
}

async fn run(rounds: usize) -> anyhow::Result<()> {
    let options = ClusterOptions {
        program: program::binary(),
        data: None,
        ports: None,
        demo: false,
        long_lived: false,
        settings: vec![("TICKETING_PAYMENT_WINDOW".to_owned(), format!("{}s", SHORT_WINDOW.as_secs()))],
    };
    let cluster = Cluster::start(&options).await?;
    let api = Api::new(&cluster.url());
    let shop = Arc::new(shop::open(&api, PLAN, BUYERS).await);
    let crowd = Crowd::begin(&api, &shop);

    faults::all(&cluster, &crowd, rounds).await?;

    let told = crowd.end().await;
    check::promises(&api, &shop, &told).await;
    check::audits(&cluster).await?;
    println!(
        "{} bookings answered, {} told their seats, {} paid; {} answers 503 with Retry-After, {} requests without an answer; audits clean",
        told.accepted.len(),
        told.decided.len(),
        told.paid.len(),
        told.turned_away,
        told.unanswered,
    );
    cluster.stop().await
}
