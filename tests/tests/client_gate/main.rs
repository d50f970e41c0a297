//! The gate that the log on Kafka must pass: two member processes decide under load while they and
//! the broker are killed, frozen and stopped.
//!
//! Promises: fails unless every input had exactly one effect, in order, and the state of both
//! members equals the changelog byte for byte. Prints the figures. `cargo test --test client_gate
//! -- --rounds 200` is the long form.

#![allow(clippy::unwrap_used, reason = "tests")]

mod counter;
mod driver;
mod load;
mod member;
mod watch;
mod worker;

use std::path::PathBuf;

use adapters::log::kafka::KafkaConfig;
use clap::{Parser, Subcommand};

/// Kills, freezes and stops members and broker of a log on Kafka, and checks that nothing is lost
/// or done twice.
#[derive(Parser)]
struct Arguments {
    /// Faults, one after another
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// Makes the same faults at the same moments
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Makes no other fault than this one
    #[arg(long)]
    only: Option<driver::Disturbance>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// One member; started by the gate itself
    Member { brokers: String, folder: PathBuf },
}

/// The settings that members and driver share.
fn config(brokers: &str) -> KafkaConfig {
    KafkaConfig { session_timeout: std::time::Duration::from_secs(3), ..KafkaConfig::new(brokers, "gate") }
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        match arguments.command {
            Some(Command::Member { brokers, folder }) => worker::run(&brokers, folder).await,
            None => driver::run(arguments.rounds, arguments.seed, arguments.only).await,
        }
    })
}
