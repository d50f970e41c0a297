//! `make cluster`: the whole cluster on this machine until Ctrl-C, with the demo event.
//!
//! Promises: prints where everything is when all of it is ready; ends everything in order; says so
//! when a part ended by itself.

use std::{
    fs, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::PathBuf, process::ExitCode, time::Duration,
};

use anyhow::Context as _;
use clap::Parser;
use rig::{Cluster, ClusterOptions, Ports};
use tokio::signal::unix::{SignalKind, signal};

/// Between two looks whether all parts still run.
const LOOK: Duration = Duration::from_millis(500);

/// Starts the cluster on this machine: Kafka, PostgreSQL, Redis, the processes of each role, and
/// HAProxy in front of them.
#[derive(Debug, Parser)]
#[command(name = "cluster")]
struct Arguments {
    /// The program of the product
    #[arg(long, env = "TICKETING_BIN", default_value = "bin/ticketing", value_name = "FILE")]
    program: PathBuf,

    /// Folder that holds the data and the logs
    #[arg(long, default_value = "cluster-data", value_name = "DIR")]
    data: PathBuf,

    /// Forget what an earlier cluster left in the folder
    #[arg(long)]
    fresh: bool,

    /// Take free ports instead of the usual ones
    #[arg(long)]
    free_ports: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let program = fs::canonicalize(&arguments.program)
        .with_context(|| format!("no program at {}: run `make build`", arguments.program.display()))?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut stop = async || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    if arguments.fresh {
        Cluster::forget(&arguments.data)?;
    }
    let options = ClusterOptions {
        program,
        data: Some(arguments.data),
        ports: (!arguments.free_ports).then_some(Ports::USUAL),
        demo: true,
        long_lived: true,
        settings: Vec::new(),
    };
    eprintln!("starting …");
    let cluster = tokio::select! {
        cluster = Cluster::start(&options) => cluster?,
        () = stop() => return Ok(ExitCode::FAILURE),
    };
    write_settings(&cluster)?;
    println!("{}", summary(&cluster));

    let broken = tokio::select! {
        part = first_that_ends(&cluster) => Some(part),
        () = stop() => None,
    };
    match broken {
        Some(part) => eprintln!("{part} ended by itself; its log is in {}", cluster.folder().display()),
        None => eprintln!("stopping …"),
    }
    cluster.stop().await?;
    Ok(if broken.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// For other programs of the product, such as `ticketing audit`; only the owner may read it, since
/// it holds passwords.
fn write_settings(cluster: &Cluster) -> anyhow::Result<()> {
    let path = cluster.folder().join("settings.env");
    let lines: Vec<String> =
        cluster.settings().iter().map(|(key, value)| format!("{key}='{value}'\n")).collect();
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
    file.write_all(lines.concat().as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

fn summary(cluster: &Cluster) -> String {
    let servers: Vec<String> =
        cluster.servers().map(|(name, server)| format!("  {name:<16}  {}", server.url())).collect();
    let folder = cluster.folder().display();
    let announcement = cluster.event_ticketing().announcement();
    // Its first line is the address of that process alone.
    let demo = announcement.split_once('\n').map_or("", |(_, demo)| demo);
    format!(
        "Listening on {front} (API described at {front}/docs)\n\
         {demo}\
         Processes behind it:\n\
         {servers}\n  \
           Kafka             {kafka}\n  \
           PostgreSQL        {postgres}\n  \
           Redis             {redis}\n\
         Data and logs are in {folder}; `set -a; . {folder}/settings.env` gives other programs of it their settings.\n\
         Ctrl-C stops everything; the next start goes on where this one ended.",
        front = cluster.url(),
        servers = servers.join("\n"),
        kafka = cluster.kafka().address(),
        postgres = cluster.postgres().admin_url("postgres"),
        redis = cluster.redis().url(),
    )
}

/// Waits until a part has ended, and answers which.
async fn first_that_ends(cluster: &Cluster) -> &'static str {
    loop {
        if let Some(part) = cluster.missing() {
            return part;
        }
        tokio::time::sleep(LOOK).await;
    }
}
