//! A member process: the seat loops of all partitions, until SIGTERM or the death of the gate.

use std::path::PathBuf;

use adapters::log::kafka::{KafkaConfig, KafkaLog};
use anyhow::bail;
use kernel::topic::PARTITIONS;
use rustix::process::{Signal, set_parent_process_death_signal};
use stream::{exactly_once, port::Log as _};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};

use crate::{config, counter::Counter};

pub(crate) async fn run(brokers: &str, folder: PathBuf) -> anyhow::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter("warn,adapters=info,confluent_kafka=off")
        .init();
    let mut terminate = signal(SignalKind::terminate())?;
    let log = KafkaLog::open(KafkaConfig { checkpoints: Some(folder), ..config(brokers) }).await?;
    let mut loops = JoinSet::new();
    for n in 0..PARTITIONS {
        let mut partition = log.partition(n);
        loops.spawn(async move { exactly_once::run::<_, Counter>(&mut partition).await });
    }
    tokio::select! {
        _ = terminate.recv() => {}
        why = log.failed() => bail!("the log failed: {why}"),
        ended = loops.join_next() => bail!("a loop ended: {ended:?}"),
    }
    log.stop_reading();
    while let Some(ended) = loops.join_next().await {
        ended??;
    }
    log.shutdown().await;
    Ok(())
}
