//! Graceful shutdown, all of it.
//!
//! Promises: a signal starts it, and each step waits for the one before: drain, requests finish,
//! readers of the log stop, background tasks finish, stores close. A second signal exits at once.
//! Never: leaves out a step because an earlier one failed.

use std::process;

use adapters::log::Log;
use anyhow::Context;
use kernel::limits;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::JoinSet,
};

use crate::{
    drain::Drain,
    wiring::{Node, supervise::Supervisor},
};

/// What of a running server must come to an end.
pub(crate) struct Running<L> {
    pub(crate) drain: Drain,
    /// None when the start was interrupted.
    pub(crate) listeners: JoinSet<()>,
    pub(crate) node: Node<L>,
    pub(crate) supervisor: Supervisor,
}

impl<L: Log> Running<L> {
    /// Ends everything in order. From here on a further signal ends the process at once.
    pub(crate) async fn shut_down(self, mut signals: Signals) {
        let Self { drain, mut listeners, node, supervisor } = self;
        tokio::spawn(async move {
            signals.next().await;
            process::exit(1);
        });
        drain.cancel();
        if let Some(Err(error)) = listeners.join_next().await {
            tracing::error!(%error, "listener task panicked; the shutdown continues");
        }
        node.stop_reading();
        supervisor.finish(limits::SHUTDOWN_TASKS).await;
        node.close().await;
    }
}

/// SIGTERM and SIGINT.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// # Errors
    /// When the system does not deliver signals.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("cannot listen to signals");
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    /// Waits for the next of them.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
