//! Supervises the background tasks of this process.
//!
//! Promises: a task that fails is reported in the log, in a metric and on `/readyz`, and stays
//! stopped; the others continue. What no request can do without ends the process when it fails.
//! Never: restarts a failed task, since its cause is a bug or damage that an operator must see.

use std::{future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::{
    FutureExt as _,
    future::{BoxFuture, select_all},
};
use kernel::{Fault, fault::chain};
use tokio::task::JoinSet;

use crate::{
    drain::Drain,
    health::Health,
    telemetry::{LOOPS_BROKEN, panic_message},
};

/// The background tasks of this process.
pub struct Supervisor {
    health: Arc<Health>,
    drain: Drain,
    loops: JoinSet<()>,
    vital: Vec<BoxFuture<'static, Arc<str>>>,
}

impl Supervisor {
    pub fn new(health: Arc<Health>, drain: Drain) -> Self {
        Self { health, drain, loops: JoinSet::new(), vital: Vec::new() }
    }

    /// Runs a task that ends only when the server does.
    pub fn run(
        &mut self,
        name: impl Into<String>,
        running: impl Future<Output = Result<(), Fault>> + Send + 'static,
    ) {
        let (name, health, drain) = (name.into(), Arc::clone(&self.health), self.drain.clone());
        // There from the start: what appears at 1 has not risen, for those who watch it.
        metrics::counter!(LOOPS_BROKEN, "part" => name.clone()).increment(0);
        self.loops.spawn(async move {
            let why = match AssertUnwindSafe(running).catch_unwind().await {
                Ok(Ok(())) if drain.is_cancelled() => return,
                Ok(Ok(())) => "it ended unexpectedly".to_owned(),
                Ok(Err(fault)) => chain(&fault),
                Err(panic) => format!("it panicked: {}", panic_message(&*panic)),
            };
            tracing::error!(part = name, why, "background task failed; restart the process to recover");
            metrics::counter!(LOOPS_BROKEN, "part" => name.clone()).increment(1);
            health.trouble(name, format!("failed: {why}"));
        });
    }

    /// The same for a task that cannot fail and that ends by `drain` or by its own source.
    pub fn run_infallible(
        &mut self,
        name: impl Into<String>,
        running: impl Future<Output = ()> + Send + 'static,
    ) {
        self.run(name, async move {
            running.await;
            Ok(())
        });
    }

    /// The same for a task without an end: it is stopped when the server drains.
    pub fn run_until_drain(
        &mut self,
        name: impl Into<String>,
        running: impl Future<Output = ()> + Send + 'static,
    ) {
        let drain = self.drain.clone();
        self.run_infallible(name, async move {
            drain.run_until_cancelled(running).await;
        });
    }

    /// The process must end once this does, which answers why.
    pub fn end_with(&mut self, failed: impl Future<Output = Arc<str>> + Send + 'static) {
        self.vital.push(Box::pin(failed));
    }

    /// Waits until the process must end, and answers why.
    pub async fn failed(&mut self) -> Arc<str> {
        select_all(&mut self.vital).await.0
    }

    /// Waits for all tasks to end, at most so long; the rest are aborted, and have ended when this
    /// returns.
    pub async fn finish(mut self, longest: Duration) {
        let all = async { while self.loops.join_next().await.is_some() {} };
        if tokio::time::timeout(longest, all).await.is_err() {
            tracing::warn!("some background tasks did not end in time and are aborted");
            self.loops.shutdown().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failed_task_is_reported_and_the_others_continue() {
        let (health, drain) = (Arc::new(Health::default()), Drain::default());
        let mut supervisor = Supervisor::new(Arc::clone(&health), drain.clone());
        supervisor.run("panics", async { panic!("planned") });
        supervisor.run("fails", async { Err(Fault::new("read", "no disk")) });
        supervisor.run_infallible("ends", async {});
        supervisor.run_until_drain("goes-on", std::future::pending());
        while health.troubles().len() < 3 {
            tokio::task::yield_now().await;
        }
        let troubles = health.troubles();
        assert!(troubles["panics"].contains("planned"), "{troubles:?}");
        assert!(troubles["fails"].contains("no disk"), "{troubles:?}");
        assert!(troubles["ends"].contains("unexpectedly"), "{troubles:?}");
        drain.cancel();
        supervisor.finish(Duration::from_secs(9)).await;
        assert_eq!(health.troubles().len(), 3);
    }

    #[tokio::test]
    async fn the_first_failure_that_ends_the_process_is_named() {
        let mut supervisor = Supervisor::new(Arc::default(), Drain::default());
        supervisor.end_with(std::future::pending());
        supervisor.end_with(async { "the writer of booking panicked".into() });
        assert_eq!(&*supervisor.failed().await, "the writer of booking panicked");
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_does_not_end_in_time_is_gone_before_the_stores_close() {
        let mut supervisor = Supervisor::new(Arc::default(), Drain::default());
        let store = Arc::new(());
        let used = Arc::clone(&store);
        supervisor.run_infallible("stuck", async move {
            std::future::pending::<()>().await;
            drop(used);
        });
        supervisor.finish(Duration::from_secs(9)).await;
        assert_eq!(Arc::strong_count(&store), 1, "the task still uses its store");
    }
}
