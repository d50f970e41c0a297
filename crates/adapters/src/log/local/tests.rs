//! The embedded log against the contract, and against what only an embedded log can suffer:
//! crashes, damage, a full disk.

use std::{path::PathBuf, sync::Arc, time::Duration};

use kernel::{
    Timestamp,
    topic::{Action, Lane, Topic},
};
use stream::{
    Batch, DeadLetter, Position, Put, Record,
    port::{Changelog, ChangelogFeed, PartitionLog, Reader},
};
use tempfile::TempDir;

use super::*;
use crate::log::{
    StoredPosition, StoredRow,
    contract::{self, lines, message, read, soon},
};

mod damage;
mod full_disk;

pub(super) struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_234)
    }
}

pub(super) fn open(dir: &Path) -> Result<LocalLog, OpenError> {
    LocalLog::open(dir, Arc::new(FixedClock))
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl contract::Rig for Folder {
    type Log = LocalLog;

    async fn log(&self) -> LocalLog {
        open(self.0.path()).unwrap()
    }

    async fn crash(&self, log: LocalLog) -> LocalLog {
        drop(log);
        open(self.0.path()).unwrap()
    }

    async fn within<T>(&self, longest: Duration, wait: impl Future<Output = T>) -> Option<T> {
        contract::within(longest, wait).await
    }
}

stream::log_contract!(contract::run, Folder::new());

fn failed(partition: u16, text: &str) -> Outgoing {
    message(Lane::Shared, Action::BookingStatusToFailed, partition, text)
}

/// Publishes `count` records with the texts `from..from + count` to one partition, one at a time.
pub(super) async fn publish(log: &LocalLog, from: usize, count: usize) {
    for n in from..from + count {
        log.publish(vec![failed(0, &n.to_string())]).await.unwrap();
    }
}

/// The offsets that a new reader of partition 0 sees.
pub(super) async fn payloads(log: &LocalLog, count: usize) -> Vec<String> {
    let records = read(&mut log.reader(Service::Booking), count).await;
    records.iter().map(|record| String::from_utf8_lossy(&record.payload).into_owned()).collect()
}

pub(super) fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|n| n.to_string()).collect()
}

#[tokio::test]
async fn a_crash_replays_what_was_acknowledged_and_a_shutdown_leaves_nothing_to_replay() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path()).unwrap();
    publish(&log, 0, 50).await;
    drop(log);
    let log = open(dir.path()).unwrap();
    assert_eq!(payloads(&log, 50).await, numbers(50));
    publish(&log, 50, 10).await;
    log.shutdown().await;
    let replayed: u64 =
        wal::files(dir.path()).unwrap().iter().map(|path| path.metadata().unwrap().len()).sum();
    assert_eq!(replayed, 0);
    drop(log);
    let log = open(dir.path()).unwrap();
    assert_eq!(payloads(&log, 60).await, numbers(60));
}

#[tokio::test]
async fn one_process_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path()).unwrap();
    assert!(matches!(open(dir.path()), Err(OpenError::InUse)));
    log.shutdown().await;
    drop(log);
    assert!(open(dir.path()).is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_publishers_share_syncs() {
    const PUBLISHERS: usize = 64;
    const EACH: usize = 50;
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path()).unwrap();
    let tasks: Vec<_> = (0..PUBLISHERS)
        .map(|publisher| {
            let log = log.clone();
            tokio::spawn(async move {
                for n in 0..EACH {
                    log.publish(vec![failed(3, &format!("{publisher}-{n}"))]).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let figures = log.figures();
    assert_eq!(figures.records, (PUBLISHERS * EACH) as u64);
    assert!(figures.commits * 4 < figures.records, "{figures:?}");
    // Each publisher's own order holds.
    let mut seen = vec![0; PUBLISHERS];
    for text in payloads(&log, PUBLISHERS * EACH).await {
        let (publisher, n) = text.split_once('-').unwrap();
        let seen: &mut usize = &mut seen[publisher.parse::<usize>().unwrap()];
        assert_eq!(n.parse::<usize>().unwrap(), *seen);
        *seen += 1;
    }
}

#[tokio::test]
async fn a_follower_that_falls_behind_must_follow_again() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path()).unwrap();
    let mut partition = log.partition(0);
    partition.restore().await.unwrap();
    let (_, mut feed) = log.follow().await.unwrap();
    let puts: Vec<_> = (0..60_000u32)
        .map(|n| Put { key: n.to_be_bytes().to_vec().into(), value: Some("x".into()) })
        .collect();
    partition.commit(Batch { puts: puts.clone(), ..Batch::default() }).await.unwrap();
    assert_eq!(soon(feed.next()).await.unwrap().unwrap().len(), 60_000);
    partition.commit(Batch { puts: puts.clone(), ..Batch::default() }).await.unwrap();
    partition.commit(Batch { puts, ..Batch::default() }).await.unwrap();
    assert!(soon(feed.next()).await.is_err());
    assert!(soon(feed.next()).await.is_err());
    let (rows, _) = log.follow().await.unwrap();
    assert_eq!(rows.len(), 60_000);
}

#[tokio::test]
async fn an_inspection_shows_everything_even_of_a_log_in_use() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path()).unwrap();
    let topic = Topic::new(Lane::Shared, Action::TicketReserveRequest);
    log.publish(vec![
        message(Lane::Shared, Action::TicketReserveRequest, 4, "a"),
        failed(1, "b"),
        failed(1, "c"),
    ])
    .await
    .unwrap();
    let mut partition = log.partition(4);
    partition.restore().await.unwrap();
    let record = soon(partition.next_batch()).await.unwrap().unwrap().remove(0);
    let letter = DeadLetter { record, reason: "because".to_owned() };
    let commit = Batch {
        positions: vec![Position { topic, partition: 4, next: 1 }],
        puts: vec![Put { key: "row".into(), value: Some("value".into()) }],
        outgoing: vec![],
        dead_letters: vec![letter.clone()],
    };
    partition.commit(commit).await.unwrap();

    let inspection = Inspection::open(dir.path()).unwrap();
    let mut records = Vec::new();
    inspection.records(|stored| records.push(stored)).unwrap();
    assert!(records.iter().all(|record| record.appended_at == 1_234 && record.key == "key"));
    let records: Vec<_> = records
        .into_iter()
        .map(|stored| Record { source: stored.source, key: stored.key, payload: stored.payload })
        .collect();
    let expected = [
        "ticket-reserve-request/4/0: a",
        "booking-status-to-failed/1/0: b",
        "booking-status-to-failed/1/1: c",
    ];
    assert_eq!(lines(&records), expected);
    let group = "seat-reservation-service".to_owned();
    assert_eq!(inspection.positions().unwrap(), [StoredPosition { group, topic, partition: 4, next: 1 }]);
    let mut rows = Vec::new();
    inspection.state(|row| rows.push(row)).unwrap();
    assert_eq!(rows, [StoredRow { partition: 4, key: "row".into(), value: "value".into() }]);
    assert_eq!(inspection.dead_letters().unwrap(), [letter]);
    assert_eq!(inspection.topics().count(), 2);
}
