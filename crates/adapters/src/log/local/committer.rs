//! The one thread that writes: it takes all jobs that wait, writes them in one synced batch, then
//! answers all of them.
//!
//! Promises: group commit without a timer (the jobs that arrive during one sync share the next); an
//! answer of `Ok` means synced; jobs keep their order. After a failed write nothing is answered
//! `Ok` until the log was opened again, so that a half-written batch is either there for everyone
//! or gone for everyone. Never: continues after an error of the disk other than "full".

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use kernel::{Clock, Fault, limits, topic::PARTITIONS};
use rocksdb::{DB, WriteBatch, WriteOptions};
use stream::{Batch, Outgoing};
use tokio::sync::oneshot;

use super::{
    Shared,
    database::{Family, column},
    round::Round,
    store::OpenError,
};
use crate::failpoint::{Point, hit};

/// How often a full disk is looked at.
const SPACE_PERIOD: Duration = Duration::from_millis(250);

pub(super) type Answer<T> = oneshot::Sender<Result<T, Fault>>;

/// The jobs of the thread. Callers wait for their answers, so the queue is as long as the number of
/// callers.
pub(super) enum Job {
    Append {
        messages: Vec<Outgoing>,
        answer: Answer<()>,
    },
    Commit {
        partition: u16,
        epoch: u64,
        batch: Batch,
        answer: Answer<()>,
    },
    /// Makes the asker the only owner of a partition.
    Own {
        partition: u16,
        answer: Answer<u64>,
    },
    /// Ends the thread after the jobs before it.
    End {
        /// Write everything into tables, so that the next start has nothing to replay.
        flush: bool,
    },
}

impl Job {
    fn bytes(&self) -> usize {
        let messages = match self {
            Self::Append { messages, .. } => messages,
            Self::Commit { batch, .. } => &batch.outgoing,
            Self::Own { .. } | Self::End { .. } => return 0,
        };
        messages.iter().map(|message| message.key.len() + message.payload.len()).sum()
    }

    fn refuse(self, reason: &'static str) {
        let fault = Fault::new("write to the log", reason);
        // A caller that has gone needs no answer.
        let _ = match self {
            Self::Append { answer, .. } | Self::Commit { answer, .. } => answer.send(Err(fault)).is_ok(),
            Self::Own { answer, .. } => answer.send(Err(fault)).is_ok(),
            Self::End { .. } => true,
        };
    }
}

enum Health {
    Well,
    /// Writing failed for want of space.
    Full {
        looked: Instant,
    },
    /// Writing failed in a way that more space does not heal.
    Dead,
}

pub(super) struct Committer {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    jobs: Receiver<Job>,
    /// Per partition, the number of its newest owner.
    epochs: [u64; PARTITIONS as usize],
    health: Health,
}

impl Committer {
    pub(super) fn new(shared: Arc<Shared>, clock: Arc<dyn Clock>, jobs: Receiver<Job>) -> Self {
        Self { shared, clock, jobs, epochs: [0; PARTITIONS as usize], health: Health::Well }
    }

    pub(super) fn run(mut self) {
        loop {
            let first = if let Health::Full { looked } = self.health {
                if looked.elapsed() >= SPACE_PERIOD {
                    self.recover();
                    continue;
                }
                match self.jobs.recv_timeout(SPACE_PERIOD) {
                    Ok(job) => job,
                    Err(RecvTimeoutError::Timeout) => continue,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            } else {
                let Ok(job) = self.jobs.recv() else { return };
                job
            };
            if let Some(flush) = self.round(first) {
                return self.end(flush);
            }
        }
    }

    /// Does the first job and all others that already wait. Returns whether to flush if one of them
    /// was the end.
    fn round(&mut self, first: Job) -> Option<bool> {
        let (jobs, end) = self.gather(first);
        match self.health {
            Health::Well => self.write(jobs),
            Health::Full { .. } => jobs.into_iter().for_each(|job| job.refuse("the disk is full")),
            Health::Dead => jobs.into_iter().for_each(|job| job.refuse("the log's disk failed")),
        }
        end
    }

    fn gather(&self, first: Job) -> (Vec<Job>, Option<bool>) {
        let (mut jobs, mut bytes) = (Vec::new(), 0);
        let mut next = Some(first);
        while let Some(job) = next {
            if let Job::End { flush } = job {
                return (jobs, Some(flush));
            }
            bytes += job.bytes();
            jobs.push(job);
            next = if bytes < limits::LOG_WRITE_BYTES { self.jobs.try_recv().ok() } else { None };
        }
        (jobs, None)
    }

    /// The board stays locked from the first offset given to the last reader notified: a reader
    /// sees all of the write or nothing.
    fn write(&mut self, jobs: Vec<Job>) {
        let shared = Arc::clone(&self.shared);
        let mut board = shared.board.lock();
        let mut round = Round::new(self.clock.now());
        let written = shared.store.with(|db| {
            for job in jobs {
                round.add(db, &mut board, &mut self.epochs, job);
            }
            hit(Point::LocalWriteReady);
            let written = write_synced(db, round.take_batch());
            // After a failure the board holds offsets and topics that do not exist.
            let loaded = if written.is_err() { board.load(db) } else { Ok(()) };
            (written, loaded)
        });
        let (written, loaded) = written.unwrap_or_else(|| unreachable!("a log that is well is open"));
        match &written {
            Ok(()) => {
                hit(Point::LocalWriteSynced);
                round.notify(&board, &self.shared.figures);
                drop(board);
                hit(Point::LocalWriteNotified);
            }
            Err(error) => {
                drop(board);
                self.fall_ill(error);
                if let Err(error) = loaded {
                    self.die(&format!("the log cannot be read after a failed write: {error}"));
                }
            }
        }
        round.answer(&written);
    }

    fn fall_ill(&mut self, error: &rocksdb::Error) {
        let text = error.as_ref();
        if ["No space left", "Disk quota exceeded", "Space limit"].iter().any(|full| text.contains(full)) {
            tracing::error!(error = text, "disk full; refusing writes until there is space");
            self.health = Health::Full { looked: Instant::now() };
        } else {
            // After a failed sync nobody knows which pages are on the disk: only a new process may
            // look again.
            self.die(&format!("the log cannot be written: {text}"));
        }
    }

    fn die(&mut self, reason: &str) {
        self.health = Health::Dead;
        self.shared.failure.set(reason);
    }

    /// Opens the log again once there is space, as a new process would. An owner of a partition
    /// must restore it: the write that failed may have come back.
    fn recover(&mut self) {
        self.health = Health::Full { looked: Instant::now() };
        if !fs4::available_space(self.shared.store.dir()).is_ok_and(|space| space >= limits::DISK_SPACE_BYTES)
        {
            return;
        }
        match self.shared.store.reopen() {
            Ok(()) => {}
            Err(OpenError::Corrupted { what }) => return self.die(&what),
            Err(error) => return tracing::warn!(%error, "the log could not be reopened; trying again"),
        }
        for epoch in &mut self.epochs {
            *epoch += 1;
        }
        let mut board = self.shared.board.lock();
        match self.shared.store.with(|db| board.load(db)) {
            Some(Ok(())) => {
                board.notify_all();
                self.health = Health::Well;
                tracing::info!("disk has space again; accepting writes");
            }
            Some(Err(error)) => {
                drop(board);
                self.die(&format!("the log cannot be read after it was opened again: {error}"));
            }
            None => {}
        }
    }

    fn end(&self, flush: bool) {
        if flush {
            let flushed = self
                .shared
                .store
                .with(|db| Family::ALL.into_iter().try_for_each(|f| db.flush_cf(column(db, f))));
            if let Some(Err(error)) = flushed {
                // Nothing is lost by it: the next start replays the write-ahead log.
                tracing::warn!(%error, "the log could not be flushed at shutdown");
            }
        }
        self.shared.store.close();
    }
}

fn write_synced(db: &DB, batch: WriteBatch) -> Result<(), rocksdb::Error> {
    if batch.is_empty() {
        return Ok(());
    }
    let mut options = WriteOptions::default();
    options.set_sync(!kernel::planted("local.sync-off"));
    db.write_opt(batch, &options)
}
