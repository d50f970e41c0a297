//! The whole cluster under a sale, while one part after another is killed, stopped, flushed or
//! taken away for a while.
//!
//! Promises: fails unless all that buyers received still holds at the end, the audit is clean, and
//! nobody waited longer for a decision than the goals allow. Prints the figures. `cargo test --test
//! cluster_faults -- --rounds 10` kills the seat servers more often.

#![allow(clippy::unwrap_used, reason = "tests")]

mod faults;

use std::{sync::Arc, time::Duration};

use clap::Parser;
use rig::{Cluster, ClusterOptions};
use tests::{
    api::Api,
    program::{self, audit_with, judged},
    rush::{Received, Rush, Until, seed},
    shop::{self, Plan},
};

/// One section a partition: 10 sections of equal size lie on 10 partitions. Large enough for a lane
/// of its own.
const PLAN: Plan = Plan { sections: 10, rows: 100, seats_per_row: 30 };
/// Two of each section.
const BUYERS: usize = 20;

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
    let rush = Rush::begin(&api, &shop, seed(), Received::default());

    faults::all(&cluster, &rush, rounds).await?;

    let received = rush.end().await;
    received.holds(&api, &shop, Until::Ended, SHORT_WINDOW + CONVERGED).await;
    audits(&cluster).await?;
    println!("{}; audits clean", received.summary());
    cluster.stop().await
}

/// The audit of log, databases and both seat servers' checkpoints.
async fn audits(cluster: &Cluster) -> anyhow::Result<()> {
    cluster.stop_product().await?;
    for server in cluster.seats() {
        judged(&audit_with(server.folder(), cluster.settings()).await).map_err(anyhow::Error::msg)?;
    }
    Ok(())
}
