//! The embedded log: records, seat state, positions and dead letters in one RocksDB, so that one
//! write makes them durable together.
//!
//! Promises: what was acknowledged is synced and survives SIGKILL and power loss; offsets have no
//! gaps; one process at a time; damage is named with its place and never skipped. After a failed
//! write nothing is acknowledged until the log has been reopened (disk full), or ever again (any
//! other disk error: see [`LocalLog::failed`]). Never: drops a record (the audit reads the whole
//! log), or decides anything.
//!
//! How it hangs together: callers hand jobs to one `committer` thread, which writes a `round` of
//! them into the `database` of the `store`, notifies the `board`, and answers. Readers keep a
//! `cursor`, and the board notifies them of new records. `wal` judges the write-ahead logs before a
//! start.

mod board;
mod committer;
mod cursor;
mod database;
mod feed;
mod inspection;
mod partition;
mod reader;
mod round;
mod row;
mod store;
mod wal;

#[cfg(test)]
mod tests;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc,
        atomic::Ordering,
        mpsc::{self, Sender},
    },
    thread::JoinHandle,
};

use kernel::{Clock, Fault, topic::Service};
use parking_lot::Mutex;
use stream::{
    Outgoing,
    port::{Log, Publisher},
};
use tokio::sync::oneshot;

use self::{
    board::Board,
    committer::{Committer, Job},
    store::Store,
};
pub use self::{
    feed::LocalFeed, inspection::Inspection, partition::LocalPartition, reader::LocalReader, store::OpenError,
};
use crate::failure::Failure;

/// The embedded log. Clones share it; when the last of them and of its readers is dropped, it
/// closes as if the process was killed.
#[derive(Clone)]
pub struct LocalLog {
    core: Arc<Core>,
}

/// How much was written since the log was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Synced writes.
    pub commits: u64,
    /// Records appended.
    pub records: u64,
}

/// What the committer and the readers share.
struct Shared {
    store: Store,
    board: Mutex<Board>,
    figures: round::Figures,
    /// Why the log can never be used again. A log that lost records is one: it grows past the
    /// position of its reader, and what it then holds there would be skipped.
    failure: Failure,
}

/// The way to the committer. Ends its thread when nobody is left to use it.
struct Core {
    shared: Arc<Shared>,
    jobs: Sender<Job>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl LocalLog {
    /// Opens the log in `dir`, or makes a new one.
    ///
    /// # Errors
    /// When another process uses it, when it was damaged, or when the folder cannot be used.
    pub fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let store = Store::open(dir)?;
        let mut board = Board::default();
        if let Some(Err(error)) = store.with(|db| board.load(db)) {
            return Err(OpenError::Corrupted { what: error.to_string() });
        }
        let shared = Arc::new(Shared {
            store,
            board: Mutex::new(board),
            figures: round::Figures::default(),
            failure: Failure::default(),
        });
        let (jobs, waiting) = mpsc::channel();
        let committer = Committer::new(Arc::clone(&shared), clock, waiting);
        let thread = start(committer, Arc::clone(&shared))
            .map_err(|error| OpenError::Fault(Fault::new("start the committer", error)))?;
        Ok(Self { core: Arc::new(Core { shared, jobs, thread: Mutex::new(Some(thread)) }) })
    }

    /// Whether nothing was ever sent.
    pub fn is_empty(&self) -> bool {
        self.core.shared.board.lock().is_empty()
    }

    pub fn figures(&self) -> Figures {
        let figures = &self.core.shared.figures;
        Figures {
            commits: figures.commits.load(Ordering::Relaxed),
            records: figures.records.load(Ordering::Relaxed),
        }
    }
}

impl Log for LocalLog {
    type Partition = LocalPartition;
    type Reader = LocalReader;

    /// Partition `n` of all seat topics with its state. Its owner is the one that called `restore`
    /// last.
    fn partition(&self, n: u16) -> LocalPartition {
        assert!(n < kernel::topic::PARTITIONS, "there is no partition {n}");
        LocalPartition::new(Arc::clone(&self.core), n)
    }

    /// Everything that one service reads.
    fn reader(&self, service: Service) -> LocalReader {
        LocalReader::new(Arc::clone(&self.core), service)
    }

    /// Waits until the log has failed permanently, and returns the reason. The process should log
    /// it and exit; the next one restores everything acknowledged.
    async fn failed(&self) -> Arc<str> {
        self.core.shared.failure.reason().await
    }

    /// Stops all readers, partitions and feeds: their next answer is `None`. Writing continues.
    fn stop_reading(&self) {
        self.core.shared.board.lock().stop();
    }

    /// Stops all reading, stores what was handed over before, flushes, and closes. Everything that
    /// comes later gets a fault. Await the loops that read between
    /// [`stop_reading`](Self::stop_reading) and this, so that they can commit what they decided.
    async fn shutdown(&self) {
        self.stop_reading();
        let core = Arc::clone(&self.core);
        let ended = tokio::task::spawn_blocking(move || core.end(true));
        if let Err(error) = ended.await {
            tracing::error!(%error, "the log was not shut down cleanly");
        }
    }
}

impl Publisher for LocalLog {
    async fn publish(&self, messages: Vec<Outgoing>) -> Result<(), Fault> {
        if messages.is_empty() {
            return Ok(());
        }
        let (answer, stored) = oneshot::channel();
        self.core.send(Job::Append { messages, answer })?;
        stored.await.map_err(|_| Fault::new("publish to the log", "the log was shut down"))?
    }
}

impl Core {
    fn send(&self, job: Job) -> Result<(), Fault> {
        self.jobs.send(job).map_err(|_| Fault::new("write to the log", "the log was shut down"))
    }

    /// Ends the committer, once. Blocks until it is gone and the folder is free.
    fn end(&self, flush: bool) {
        let Some(thread) = self.thread.lock().take() else { return };
        // A committer that has ended needs no message.
        let _ = self.jobs.send(Job::End { flush });
        if thread.join().is_err() {
            tracing::error!("committer thread panicked");
        }
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        self.end(false);
    }
}

fn start(committer: Committer, shared: Arc<Shared>) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("log-committer".to_owned()).spawn(move || {
        if catch_unwind(AssertUnwindSafe(|| committer.run())).is_err() {
            shared.failure.set("the committer panicked");
        }
    })
}
