//! Why an adapter can never be used again, and the tasks whose panic is such a reason.
//!
//! Promises: the first reason is kept; a task that panics is one, so a process whose callers get
//! only faults does not look healthy. Never: ends the process.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures::FutureExt;
use kernel::Fault;
use tokio::{sync::SetOnce, task::JoinHandle};

/// The reason, once there is one. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Failure(Arc<SetOnce<Arc<str>>>);

impl Failure {
    pub(crate) fn set(&self, reason: &str) {
        // A second reason follows from the first.
        if self.0.set(reason.into()).is_ok() {
            tracing::error!(reason, "failed permanently");
        }
    }

    /// Fails for `what` was found in a log.
    pub(crate) fn refuse(&self, what: String) -> Fault {
        self.set(&what);
        Fault::new("use the log", what)
    }

    /// Waits for the reason.
    pub(crate) async fn reason(&self) -> Arc<str> {
        Arc::clone(self.0.wait().await)
    }

    /// Starts a task of the adapter. Its panic is the adapter's failure.
    pub(crate) fn spawn(
        &self,
        name: impl Into<String>,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> JoinHandle<()> {
        let (failure, name) = (self.clone(), name.into());
        tokio::spawn(async move {
            if AssertUnwindSafe(task).catch_unwind().await.is_err() {
                failure.set(&format!("{name} panicked"));
            }
        })
    }
}
