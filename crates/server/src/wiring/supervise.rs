//! Watches over everything that runs for as long as the server does.
//!
//! Promises: a loop that breaks is told loudly (log, metric, `/readyz`) and stays broken; the others go on. Never: starts a broken loop again by
//! itself, since what broke it is a bug or damage that somebody must see.

use std::{future::Future, sync::Arc, time::Duration};

use kernel::{Fault, fault::chain};
use tokio::task::JoinSet;

use crate::{health::Health, live::drain::Drain, telemetry::LOOPS_BROKEN};

/// The loops of this process.
pub struct Supervisor {
    health: Arc<Health>,
    drain: Drain,
    loops: JoinSet<()>,
}

impl Supervisor {
    pub fn new(health: Arc<Health>, drain: Drain) -> Self {
        Self { health, drain, loops: JoinSet::new() }
    }

    /// Runs a loop that ends only when the server does.
    pub fn run(
        &mut self,
        name: impl Into<String>,
        running: impl Future<Output = Result<(), Fault>> + Send + 'static,
    ) {
        let (name, health, drain) = (name.into(), Arc::clone(&self.health), self.drain.clone());
        self.loops.spawn(async move {
            let why = match tokio::spawn(running).await {
                Ok(Ok(())) if drain.has_begun() => return,
                Ok(Ok(())) => "it ended by itself".to_owned(),
                Ok(Err(fault)) => chain(&fault),
                Err(panic) => format!("it panicked: {panic}"),
            };
            tracing::error!(
                part = name,
                why,
                "a loop is broken and stays so until the server is started again"
            );
            metrics::counter!(LOOPS_BROKEN, "part" => name.clone()).increment(1);
            health.trouble(name, format!("broken: {why}"));
        });
    }

    /// The same for what cannot fail and is told by `drain` or its own source when to end.
    pub fn run_sure(&mut self, name: impl Into<String>, running: impl Future<Output = ()> + Send + 'static) {
        self.run(name, async move {
            running.await;
            Ok(())
        });
    }

    /// The same for what goes on for ever: it is stopped when the server drains.
    pub fn run_until_drain(
        &mut self,
        name: impl Into<String>,
        running: impl Future<Output = ()> + Send + 'static,
    ) {
        let drain = self.drain.clone();
        self.run_sure(name, async move {
            tokio::select! {
                () = running => {}
                () = drain.begun() => {}
            }
        });
    }

    /// Waits for all loops to end, at most so long; those that have not are broken off.
    pub async fn finish(mut self, longest: Duration) {
        let all = async { while self.loops.join_next().await.is_some() {} };
        if tokio::time::timeout(longest, all).await.is_err() {
            tracing::warn!("some loops did not end in time and were broken off");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_broken_loop_is_told_and_the_others_go_on() {
        let (health, drain) = (Arc::new(Health::default()), Drain::default());
        let mut supervisor = Supervisor::new(Arc::clone(&health), drain.clone());
        supervisor.run("panics", async { panic!("planned") });
        supervisor.run("fails", async { Err(Fault::new("read", "no disk")) });
        supervisor.run_sure("ends", async {});
        supervisor.run_until_drain("goes-on", std::future::pending());
        while health.troubles().len() < 3 {
            tokio::task::yield_now().await;
        }
        let troubles = health.troubles();
        assert!(troubles["panics"].contains("planned"), "{troubles:?}");
        assert!(troubles["fails"].contains("no disk"), "{troubles:?}");
        assert!(troubles["ends"].contains("by itself"), "{troubles:?}");
        drain.begin();
        supervisor.finish(Duration::from_secs(9)).await;
        assert_eq!(health.troubles().len(), 3);
    }
}
