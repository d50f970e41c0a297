//! `ticketing serve`: the start of the server, and its graceful shutdown.
//!
//! Promises: the line `Listening on …` comes when requests are answered; SIGTERM and SIGINT start
//! the graceful shutdown of `shutdown.rs`, which ends with success. A process whose data folder is
//! moved ends at once. Never: knows what is behind a port; that is `wiring`.

use std::{
    fmt::Display,
    fs::TryLockError,
    io::{ErrorKind, Write as _},
    net::SocketAddr,
    process,
    sync::Arc,
};

use adapters::log::Log;
use anyhow::{Context, anyhow};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    net::TcpListener,
    task::{JoinSet, spawn_blocking},
};

use crate::{
    config::Config,
    drain::Drain,
    health::Health,
    http::{self, Edge, address::TrustedProxies},
    listen::Listen,
    shutdown::{Running, Signals},
    telemetry,
    wiring::{self, Node, Opened, StartError, folder::Held, supervise::Supervisor},
};

/// Files kept for everything but connections: stores, logs, and room to spare.
const FILES_OF_STORES: u64 = 2_000;

/// Runs the server until a signal stops it.
///
/// # Errors
/// When it cannot start, or a store failed permanently while it ran.
pub async fn run(config: Config, with_demo: bool) -> Result<(), StartError> {
    let mut signals = Signals::new()?;
    let data = &config.data.value;
    std::fs::create_dir_all(data)
        .with_context(|| format!("cannot make the data folder {}", data.display()))?;
    let folder = Held::take(data).map_err(|error| match error {
        TryLockError::WouldBlock => StartError::FolderInUse(data.clone()),
        TryLockError::Error(error) => StartError::Fault(
            anyhow::Error::from(error).context(format!("cannot use the data folder {}", data.display())),
        ),
    })?;
    let listener = bind(&config.listen.value).await?;
    let address = listener.local_addr().context("cannot read the own address")?;
    let connections = raise_open_files();
    let metrics = telemetry::start_metrics()?;
    let drain = Drain::default();
    let opened = tokio::select! {
        opened = wiring::open(&config, drain.clone()) => opened?,
        () = signals.next() => return Ok(()),
    };
    let process = Process { listener, address, connections, metrics, drain, signals };
    match opened {
        Opened::Alone(node) => process.run(node, &config, &folder, with_demo).await,
        Opened::Member(node) => process.run(node, &config, &folder, with_demo).await,
    }
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
    /// Serves until a signal comes or a store fails permanently, then shuts down.
    async fn run<L: Log>(
        self,
        node: Node<L>,
        config: &Config,
        folder: &Held,
        with_demo: bool,
    ) -> Result<(), StartError> {
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
        let mut listeners = JoinSet::new();
        let start = async {
            node.ready().await;
            let logins =
                if with_demo { node.demo().await.context("cannot make the demo")? } else { String::new() };
            listeners.spawn(http::serve::serve(listener, router, drain.clone(), connections));
            announce(address, &logins);
            anyhow::Ok(())
        };
        let failed = tokio::select! {
            Err(error) = start => return Err(error.into()),
            () = signals.next() => None,
            why = supervisor.failed() => Some(why),
            () = folder.moved() => None,
        };
        if folder.is_moved() {
            // Closing the stores would write what they have not yet written, by its path.
            tracing::error!(folder = %folder.path().display(), "the data folder was moved; the process ends");
            process::exit(1);
        }
        tracing::info!("graceful shutdown: requests finish, then pending work is stored");
        Running { drain, listeners, node, supervisor }.shut_down(signals).await;
        failed.map_or(Ok(()), |why| Err(StartError::Fault(anyhow!("a store failed: {why}"))))
    }
}

/// Binds the first address that can be: not one behind an address that is in use, or two servers
/// would have one port.
async fn bind(listen: &Listen) -> Result<TcpListener, StartError> {
    let name = listen.clone();
    let resolved = spawn_blocking(move || name.resolve()).await.context("resolving was interrupted")?;
    let unknown = |why: &dyn Display| StartError::Usage(anyhow!("cannot resolve {listen}: {why}"));
    let mut refused = unknown(&"it has no address");
    for address in resolved.map_err(|error| unknown(&error))? {
        match TcpListener::bind(address).await {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(StartError::PortInUse(address)),
            Err(error) => {
                refused = anyhow::Error::from(error).context(format!("cannot listen on {address}")).into();
            }
        }
    }
    Err(refused)
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

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;
    use crate::config::tests::settled;

    /// What the seat maps need cannot be read, so the start waits for it for ever.
    #[tokio::test]
    async fn a_signal_ends_a_start_that_waits_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        let config = settled(&["serve", "--data", data, "--listen", "127.0.0.1:0"]).unwrap();
        let drain = Drain::default();
        let Opened::Alone(node) = wiring::open(&config, drain.clone()).await.unwrap() else {
            panic!("it has no brokers")
        };
        node.log().shutdown().await;
        let listener = bind(&config.listen.value).await.unwrap();
        let address = listener.local_addr().unwrap();
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let signals = Signals::new().unwrap();
        let process = Process { listener, address, connections: 1, metrics, drain, signals };
        let own = std::process::id().to_string();
        let sent = std::process::Command::new("kill").args(["-s", "TERM", &own]).status().unwrap();
        assert!(sent.success());
        let held = Held::take(folder.path()).unwrap();
        let ended = process.run(node, &config, &held, false);
        let ended = tokio::time::timeout(std::time::Duration::from_secs(20), ended).await;
        assert!(matches!(ended, Ok(Ok(()))), "the start ignores the signal: {ended:?}");
    }
}
