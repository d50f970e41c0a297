//! Change data capture of the seat state, for live views: a snapshot, then every change.
//!
//! Promises: the snapshot and the feed meet without gap or overlap. Never: holds up a commit, or
//! more than a bounded number of rows: a follower that falls too far behind gets a fault and must
//! follow again.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use kernel::{Fault, limits};
use parking_lot::Mutex;
use rocksdb::ReadOptions;
use stream::{
    Put, Row,
    port::{Changelog, ChangelogFeed},
};
use tokio::sync::Notify;

use super::{
    LocalLog,
    database::{self, Family},
    row,
};

#[derive(Default)]
pub(super) struct Buffer {
    waiting: Mutex<Waiting>,
    bell: Notify,
}

#[derive(Default)]
struct Waiting {
    puts: VecDeque<Put>,
    broken: bool,
    stopped: bool,
}

impl Buffer {
    pub(super) fn push(&self, puts: &[Put]) {
        let mut waiting = self.waiting.lock();
        if waiting.puts.len() + puts.len() > limits::ROWS_WAITING_PER_FOLLOWER {
            waiting.broken = true;
        }
        if waiting.broken {
            waiting.puts = VecDeque::new();
        } else {
            waiting.puts.extend(puts.iter().cloned());
        }
        self.bell.notify_one();
    }

    pub(super) fn break_off(&self) {
        let mut waiting = self.waiting.lock();
        waiting.broken = true;
        waiting.puts = VecDeque::new();
        self.bell.notify_one();
    }

    pub(super) fn stop(&self) {
        self.waiting.lock().stopped = true;
        self.bell.notify_one();
    }
}

/// The commits after a snapshot.
pub struct LocalFeed {
    buffer: Arc<Buffer>,
}

impl ChangelogFeed for LocalFeed {
    async fn next(&mut self) -> Result<Option<Vec<Put>>, Fault> {
        loop {
            {
                let mut waiting = self.buffer.waiting.lock();
                if waiting.broken {
                    return Err(Fault::new(
                        "follow the seat state",
                        "the follower fell behind or the log was opened again",
                    ));
                }
                if waiting.stopped {
                    return Ok(None);
                }
                if !waiting.puts.is_empty() {
                    return Ok(Some(std::mem::take(&mut waiting.puts).into()));
                }
            }
            self.buffer.bell.notified().await;
        }
    }
}

impl Changelog for LocalLog {
    type Feed = LocalFeed;

    async fn follow(&self) -> Result<(Vec<Row>, LocalFeed), Fault> {
        let shared = Arc::clone(&self.core.shared);
        let following = tokio::task::spawn_blocking(move || {
            shared.store.read(|db| {
                // The committer writes and notifies under this lock: what is in the snapshot is not
                // fed, and what is not, is.
                let (snapshot, buffer) = {
                    let mut board = shared.board.lock();
                    (db.snapshot(), board.feed())
                };
                let mut options = ReadOptions::default();
                options.set_snapshot(&snapshot);
                let mut rows = Vec::new();
                database::scan(db, Family::State, options, &[], |key, value| {
                    rows.push((row::parse_state_key(key)?.1, Bytes::copy_from_slice(value)));
                    Ok(true)
                })?;
                Ok((rows, LocalFeed { buffer }))
            })
        });
        following.await.map_err(|error| Fault::new("follow the seat state", error))?
    }
}
