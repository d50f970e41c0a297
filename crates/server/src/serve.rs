//! `ticketing serve`: the start of the server, and its graceful shutdown.
//!
//! Promises: the line `Listening on …` comes when requests are answered; SIGTERM and SIGINT start
//! the graceful shutdown of `shutdown.rs`, which ends with success. Never: knows what is behind a
//! port; that is `wiring`.

use std::{fs::TryLockError, io::Write as _, net::SocketAddr, sync::Arc};

use adapters::log::Log;
use anyhow::Context;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;

use crate::{
    config::Config,
    drain::Drain,
    health::Health,
    http::{self, Edge, address::TrustedProxies},
    shutdown::{Running, Signals},
    telemetry,
    wiring::{self, Node, Opened, StartError, folder, supervise::Supervisor},
};

/// Files kept for everything but connections: stores, logs, and room to spare.
const FILES_OF_STORES: u64 = 2_000;

/// Runs the server until a signal stops it.
///
/// # Errors
/// When it cannot start, or a store failed permanently while it ran.
pub async fn run(config: Config, with_demo: bool) -> Result<(), StartError> {
    let signals = Signals::new()?;
    let data = &config.data.value;
    std::fs::create_dir_all(data)
        .with_context(|| format!("cannot make the data folder {}", data.display()))?;
    let lock = folder::lock(data).map_err(|error| match error {
        TryLockError::WouldBlock => StartError::FolderInUse(data.clone()),
        TryLockError::Error(error) => StartError::Fault(
            anyhow::Error::from(error).context(format!("cannot use the data folder {}", data.display())),
        ),
    })?;
    let listener = bind(config.listen.value).await?;
    let address = listener.local_addr().context("cannot read the own address")?;
    let connections = raise_open_files();
    let metrics = telemetry::start_metrics()?;
    let drain = Drain::default();
    let opened = wiring::open(&config, drain.clone()).await?;
    let process = Process { listener, address, connections, metrics, drain, signals };
    match opened {
        Opened::Alone(node) => process.run(node, &config, with_demo).await?,
        Opened::Member(node) => process.run(node, &config, with_demo).await?,
    }
    drop(lock);
    Ok(())
}

/// What a running server holds beside its node.
struct Process {
    listener: TcpListener,
    address: SocketAddr,
    connections: usize,
    metrics: PrometheusHandle,
    drain: Drain,
    signals: Signals,
}

impl Process {
    /// Serves until a signal comes or the log fails permanently, then shuts down.
    async fn run<L: Log>(self, node: Node<L>, config: &Config, with_demo: bool) -> Result<(), StartError> {
        let Self { listener, address, connections, metrics, drain, mut signals } = self;
        let health = Arc::new(Health::default());
        let mut supervisor = Supervisor::new(Arc::clone(&health), drain.clone());
        node.start(&mut supervisor);
        let edge = Edge {
            sessions: node.sessions(),
            health,
            metrics,
            trusted_proxies: TrustedProxies(config.trusted_proxies.value.clone().into()),
        };
        let router = http::router(edge, node.services());
        node.ready().await;
        let logins =
            if with_demo { node.demo().await.context("cannot make the demo")? } else { String::new() };

        let listener = tokio::spawn(http::serve::serve(listener, router, drain.clone(), connections));
        announce(address, &logins);
        let failed = tokio::select! {
            () = signals.next() => None,
            why = node.failed() => Some(why),
        };
        if let Some(why) = &failed {
            tracing::error!(
                why = &**why,
                "the log failed permanently; the process exits. The next start restores everything acknowledged"
            );
        } else {
            tracing::info!("graceful shutdown: requests finish, then pending work is stored");
        }
        Running { drain, listener, node, supervisor }.shut_down(signals).await;
        match failed {
            None => Ok(()),
            Some(why) => Err(StartError::Fault(anyhow::anyhow!("the log failed: {why}"))),
        }
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortInUse(address),
        _ => StartError::Fault(anyhow::Error::from(error).context(format!("cannot listen on {address}"))),
    })
}

/// Raises the limit of open files as far as the system allows, and returns how many connections
/// that leaves.
fn raise_open_files() -> usize {
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or_else(|error| {
        tracing::warn!(%error, "open-file limit could not be raised; continuing with the current one");
        rlimit::Resource::NOFILE.get_soft().unwrap_or(1_024)
    });
    usize::try_from(files.saturating_sub(FILES_OF_STORES).max(files / 2))
        .unwrap_or(usize::MAX >> 4)
        .min(1_000_000)
}

/// On stdout, and nothing else there. Nobody reading it is no reason to stop.
fn announce(address: SocketAddr, logins: &str) {
    let mut out = std::io::stdout().lock();
    let _ = write!(out, "Listening on http://{address}\n{logins}");
    let _ = out.flush();
}
