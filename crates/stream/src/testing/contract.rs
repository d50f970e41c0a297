//! The contract suite of the log: what every log must keep, whatever it is made of.
//!
//! Each technology, and the log in memory, runs all cases with a [`Rig`] of its own through
//! [`log_contract!`](crate::log_contract).
//! Promises: a case fails when a duty of the port is broken, and waits for conditions, never for a
//! time. Never: names a technology or a runtime.

use std::{collections::BTreeSet, future::Future, time::Duration};

use bytes::Bytes;
use futures::future::join;
use kernel::{
    EventId,
    topic::{Action, Lane, Service, Topic},
};

use crate::{
    Batch, DeadLetter, Outgoing, Position, Put, Record,
    port::{Changelog, ChangelogFeed, Log, PartitionLog, Publisher, Reader},
};

/// Makes an empty log, opens it again as after a crash, and bounds waits by the clock of its
/// runtime.
pub trait Rig {
    type Log: Log;

    fn log(&self) -> impl Future<Output = Self::Log>;
    /// The process dies; the next one opens what it left.
    fn crash(&self, log: Self::Log) -> impl Future<Output = Self::Log>;
    /// Waits at most so long, then drops the wait and answers none.
    fn within<T>(&self, longest: Duration, wait: impl Future<Output = T>) -> impl Future<Output = Option<T>>;
}

/// Longer than anything here takes; a case that waits so long has failed.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub fn lane(number: u128) -> Lane {
    Lane::Own(EventId::from_slice(&number.to_be_bytes()).unwrap())
}

pub fn message(lane: Lane, action: Action, partition: u16, text: &str) -> Outgoing {
    let payload = Bytes::copy_from_slice(text.as_bytes());
    Outgoing { topic: Topic::new(lane, action), partition, key: Bytes::from_static(b"key"), payload }
}

fn request(partition: u16, text: &str) -> Outgoing {
    message(Lane::Shared, Action::TicketReserveRequest, partition, text)
}

fn failed(partition: u16, text: &str) -> Outgoing {
    message(Lane::Shared, Action::BookingStatusToFailed, partition, text)
}

/// `topic/partition/offset: payload`.
pub fn lines(records: &[Record]) -> Vec<String> {
    let line = |record: &Record| {
        let source = record.source;
        let payload = String::from_utf8_lossy(&record.payload);
        format!("{}/{}/{}: {payload}", source.topic.action.as_str(), source.partition, source.offset)
    };
    records.iter().map(line).collect()
}

fn texts(records: &[Record]) -> Vec<String> {
    records.iter().map(|record| String::from_utf8_lossy(&record.payload).into_owned()).collect()
}

async fn soon<T>(rig: &impl Rig, wait: impl Future<Output = T>) -> T {
    rig.within(PATIENCE, wait).await.expect("an answer in time")
}

/// Reads until there are `count` records.
async fn read<R: Reader>(rig: &impl Rig, reader: &mut R, count: usize) -> Vec<Record> {
    let mut records = Vec::new();
    while records.len() < count {
        records.extend(soon(rig, reader.next_batch()).await.unwrap().expect("more records"));
    }
    records
}

async fn read_partition<P: PartitionLog>(rig: &impl Rig, partition: &mut P, count: usize) -> Vec<Record> {
    let mut records = Vec::new();
    while records.len() < count {
        records.extend(soon(rig, partition.next_batch()).await.unwrap().expect("more records"));
    }
    records
}

/// The commit of these records, with one row and the given messages.
fn batch(records: &[Record], row: &str, value: &str, outgoing: Vec<Outgoing>) -> Batch {
    let positions = records.iter().map(|record| Position {
        topic: record.source.topic,
        partition: record.source.partition,
        next: record.source.offset + 1,
    });
    let put = Put {
        key: Bytes::copy_from_slice(row.as_bytes()),
        value: Some(Bytes::copy_from_slice(value.as_bytes())),
    };
    Batch { positions: positions.collect(), puts: vec![put], outgoing, dead_letters: Vec::new() }
}

fn row(key: &'static str, value: &'static str) -> (Bytes, Bytes) {
    (Bytes::from_static(key.as_bytes()), Bytes::from_static(value.as_bytes()))
}

pub async fn readers_see_records_in_order(rig: impl Rig) {
    let log = rig.log().await;
    let mut reader = log.reader(Service::Booking);
    log.publish(vec![failed(3, "a"), failed(7, "b"), failed(3, "c"), request(3, "not for booking")])
        .await
        .unwrap();
    log.publish(vec![failed(3, "d")]).await.unwrap();
    let records = read(&rig, &mut reader, 4).await;
    let of = |partition| {
        let of: Vec<_> = records.iter().filter(|r| r.source.partition == partition).cloned().collect();
        lines(&of)
    };
    assert_eq!(
        of(3),
        [
            "booking-status-to-failed/3/0: a",
            "booking-status-to-failed/3/1: c",
            "booking-status-to-failed/3/2: d"
        ]
    );
    assert_eq!(of(7), ["booking-status-to-failed/7/0: b"]);
    assert_eq!(records[0].key, "key");
    assert_eq!(records.len(), 4, "nothing that is for another service");
}

pub async fn a_reader_resumes_where_it_is_sent(rig: impl Rig) {
    let log = rig.log().await;
    log.publish((0..5).map(|n| failed(n % 2, &n.to_string())).collect()).await.unwrap();
    let mut reader = log.reader(Service::Booking);
    read(&rig, &mut reader, 5).await;
    let topic = Topic::new(Lane::Shared, Action::BookingStatusToFailed);
    reader.seek(vec![Position { topic, partition: 0, next: 2 }]).await.unwrap();
    let mut again = lines(&read(&rig, &mut reader, 3).await);
    again.sort();
    let from_the_beginning = ["booking-status-to-failed/1/0: 1", "booking-status-to-failed/1/1: 3"];
    assert_eq!(again, [&["booking-status-to-failed/0/2: 4"], &from_the_beginning[..]].concat());
}

pub async fn positions_that_the_log_does_not_have_are_a_fault(rig: impl Rig) {
    let log = rig.log().await;
    log.publish(vec![failed(0, "a")]).await.unwrap();
    let mut reader = log.reader(Service::Booking);
    let known = Topic::new(Lane::Shared, Action::BookingStatusToFailed);
    let unknown = Topic::new(lane(5), Action::BookingStatusToFailed);
    assert!(reader.seek(vec![Position { topic: known, partition: 0, next: 1 }]).await.is_ok());
    assert!(reader.seek(vec![Position { topic: known, partition: 0, next: 2 }]).await.is_err());
    assert!(reader.seek(vec![Position { topic: unknown, partition: 0, next: 1 }]).await.is_err());
    // It would grow past the position, and what it then holds there would never be read.
    assert!(rig.within(PATIENCE, log.failed()).await.is_some(), "the log is not usable any more");
}

pub async fn a_lane_that_comes_later_is_read(rig: impl Rig) {
    let log = rig.log().await;
    let mut partition = log.partition(2);
    partition.restore().await.unwrap();
    let mut reader = log.reader(Service::Booking);
    log.publish(vec![request(2, "shared"), failed(1, "shared")]).await.unwrap();
    read_partition(&rig, &mut partition, 1).await;
    read(&rig, &mut reader, 1).await;
    let (waiting, waiting_too) = (read_partition(&rig, &mut partition, 1), read(&rig, &mut reader, 1));
    let late = [
        message(lane(1), Action::FinalizeTicketToPaid, 2, "late"),
        message(lane(1), Action::FinalizeTicketToPaid, 3, "of another partition"),
        message(lane(2), Action::BookingStatusToFailed, 9, "late"),
    ];
    let ((seats, booking), sent) = join(join(waiting, waiting_too), log.publish(late.into())).await;
    sent.unwrap();
    assert_eq!(lines(&seats), ["finalize-ticket-to-paid-by-rocksdb/2/0: late"]);
    assert_eq!(lines(&booking), ["booking-status-to-failed/9/0: late"]);
    assert_eq!(booking[0].source.topic.lane, lane(2));
}

pub async fn a_commit_is_whole_and_survives(rig: impl Rig) {
    let log = rig.log().await;
    let mut partition = log.partition(4);
    assert_eq!(partition.restore().await.unwrap(), []);
    log.publish(vec![request(4, "a"), request(4, "b"), request(4, "c")]).await.unwrap();
    let records = read_partition(&rig, &mut partition, 3).await;
    partition
        .commit(batch(&records[..2], "row", "1", vec![failed(5, "sent"), failed(5, "too")]))
        .await
        .unwrap();
    drop(partition);

    let log = rig.crash(log).await;
    let mut partition = log.partition(4);
    assert_eq!(partition.restore().await.unwrap(), [row("row", "1")]);
    assert_eq!(lines(&read_partition(&rig, &mut partition, 1).await), ["ticket-reserve-request/4/2: c"]);
    let mut reader = log.reader(Service::Booking);
    log.publish(vec![failed(5, "next")]).await.unwrap();
    let got = read(&rig, &mut reader, 3).await;
    assert_eq!(texts(&got), ["sent", "too", "next"]);
    assert!(
        got.is_sorted_by(|a, b| a.source.offset < b.source.offset),
        "a log may count the end of a commit as well"
    );
}

pub async fn what_was_not_committed_is_read_again(rig: impl Rig) {
    let log = rig.log().await;
    let mut partition = log.partition(0);
    partition.restore().await.unwrap();
    log.publish(vec![request(0, "a"), request(0, "b")]).await.unwrap();
    let first = read_partition(&rig, &mut partition, 2).await;
    assert_eq!(partition.restore().await.unwrap(), []);
    assert_eq!(read_partition(&rig, &mut partition, 2).await, first);
}

pub async fn rows_are_replaced_and_removed_and_kept_apart(rig: impl Rig) {
    let log = rig.log().await;
    let (mut one, mut two) = (log.partition(1), log.partition(2));
    one.restore().await.unwrap();
    two.restore().await.unwrap();
    one.commit(batch(&[], "a", "1", vec![])).await.unwrap();
    one.commit(batch(&[], "b", "1", vec![])).await.unwrap();
    one.commit(batch(&[], "a", "2", vec![])).await.unwrap();
    two.commit(batch(&[], "a", "of two", vec![])).await.unwrap();
    let gone = Put { key: Bytes::from_static(b"b"), value: None };
    one.commit(Batch { puts: vec![gone], ..Batch::default() }).await.unwrap();
    assert_eq!(one.restore().await.unwrap(), [row("a", "2")]);
    assert_eq!(two.restore().await.unwrap(), [row("a", "of two")]);
}

pub async fn an_earlier_owner_commits_nothing(rig: impl Rig) {
    let log = rig.log().await;
    let (mut zombie, mut owner) = (log.partition(6), log.partition(6));
    zombie.restore().await.unwrap();
    log.publish(vec![request(6, "a")]).await.unwrap();
    let records = read_partition(&rig, &mut zombie, 1).await;
    owner.restore().await.unwrap();
    assert!(zombie.commit(batch(&records, "row", "zombie", vec![failed(0, "zombie")])).await.is_err());
    let records = read_partition(&rig, &mut owner, 1).await;
    owner.commit(batch(&records, "row", "owner", vec![failed(0, "owner")])).await.unwrap();
    assert_eq!(owner.restore().await.unwrap(), [row("row", "owner")]);
    let mut reader = log.reader(Service::Booking);
    assert_eq!(lines(&read(&rig, &mut reader, 1).await), ["booking-status-to-failed/0/0: owner"]);
}

pub async fn a_dead_letter_is_passed_over(rig: impl Rig) {
    let log = rig.log().await;
    let mut partition = log.partition(0);
    partition.restore().await.unwrap();
    log.publish(vec![request(0, "garbage")]).await.unwrap();
    let records = read_partition(&rig, &mut partition, 1).await;
    let letter = DeadLetter { record: records[0].clone(), reason: "not a message".to_owned() };
    let commit = Batch { dead_letters: vec![letter], ..batch(&records, "row", "1", vec![]) };
    partition.commit(commit).await.unwrap();
    partition.restore().await.unwrap();
    log.publish(vec![request(0, "good")]).await.unwrap();
    assert_eq!(lines(&read_partition(&rig, &mut partition, 1).await), ["ticket-reserve-request/0/1: good"]);
}

/// A follower that starts in the middle of commits sees a counter's value and then every next one.
pub async fn snapshot_and_feed_meet_without_gap_or_overlap(rig: impl Rig) {
    const COMMITS: u32 = 300;
    let log = rig.log().await;
    let mut partition = log.partition(0);
    partition.restore().await.unwrap();
    let committing = async {
        for n in 1..=COMMITS {
            partition.commit(batch(&[], "counter", &n.to_string(), vec![])).await.unwrap();
        }
    };
    let number = |value: &Bytes| std::str::from_utf8(value).unwrap().parse::<u32>().unwrap();
    let following = async {
        let mut met = BTreeSet::new();
        loop {
            let (rows, mut feed) = log.follow().await.unwrap();
            let start = rows.first().map_or(0, |(_, value)| number(value));
            met.insert(start);
            let mut last = start;
            while last < COMMITS.min(start + 10) {
                for put in soon(&rig, feed.next()).await.unwrap().expect("more commits") {
                    let value = number(put.value.as_ref().expect("a value"));
                    assert_eq!(value, last + 1, "behind a snapshot at {start}");
                    last = value;
                }
            }
            if last == COMMITS {
                return met;
            }
        }
    };
    let ((), met) = join(committing, following).await;
    assert!(met.len() > 2, "followers began at {met:?}");
}

pub async fn a_dropped_wait_loses_nothing(rig: impl Rig) {
    const RECORDS: usize = 200;
    let log = rig.log().await;
    let mut reader = log.reader(Service::Booking);
    let nothing = rig.within(Duration::from_millis(1), reader.next_batch()).await;
    assert!(nothing.is_none(), "a wait for the first record is dropped");
    let publishing = async {
        for n in 0..RECORDS {
            log.publish(vec![failed(1, &n.to_string())]).await.unwrap();
        }
    };
    let reading = async {
        let mut offsets = Vec::new();
        let mut patience = Duration::ZERO;
        while offsets.len() < RECORDS {
            // Dropped after a while that grows until something came, so that it happens at every
            // stage of a wait.
            if let Some(batch) = rig.within(patience, reader.next_batch()).await {
                offsets.extend(batch.unwrap().expect("more").iter().map(|r| r.source.offset));
                patience = Duration::ZERO;
            } else {
                patience += Duration::from_millis(1);
            }
        }
        offsets
    };
    let ((), offsets) = join(publishing, reading).await;
    assert_eq!(offsets, (0..RECORDS as u64).collect::<Vec<_>>());
}

pub async fn a_busy_lane_leaves_room_for_the_others(rig: impl Rig) {
    let log = rig.log().await;
    let rush = (0..5_000).map(|n| message(lane(1), Action::TicketReserveRequest, 0, &n.to_string()));
    log.publish(rush.collect()).await.unwrap();
    log.publish(vec![message(lane(2), Action::TicketReserveRequest, 0, "small")]).await.unwrap();
    let mut partition = log.partition(0);
    partition.restore().await.unwrap();
    let first = soon(&rig, partition.next_batch()).await.unwrap().expect("records");
    assert!(first.len() < 5_000, "a batch is bounded");
    assert!(first.iter().any(|record| record.payload == "small"), "the small lane waits behind the rush");
    let rest = read_partition(&rig, &mut partition, 5_001 - first.len()).await;
    let rush = first.iter().chain(&rest).filter(|record| record.payload != "small");
    let offsets: Vec<_> = rush.map(|record| record.source.offset).collect();
    assert_eq!(offsets, (0..5_000).collect::<Vec<_>>());
}

pub async fn shutdown_ends_all_waits(rig: impl Rig) {
    let log = rig.log().await;
    let mut partition = log.partition(0);
    partition.restore().await.unwrap();
    let mut reader = log.reader(Service::Booking);
    let (_, mut feed) = log.follow().await.unwrap();
    let waits = join(join(partition.next_batch(), reader.next_batch()), feed.next());
    let (((seats, booking), fed), ()) = soon(&rig, join(waits, log.shutdown())).await;
    assert_eq!(seats.unwrap(), None);
    assert_eq!(booking.unwrap(), None);
    assert_eq!(fed.unwrap(), None);
    assert!(log.publish(vec![failed(0, "late")]).await.is_err());
    // The loops must come to their end too, whatever they were doing.
    partition.restore().await.unwrap();
    assert_eq!(soon(&rig, partition.next_batch()).await.unwrap(), None);
    reader.seek(Vec::new()).await.unwrap();
    assert_eq!(soon(&rig, reader.next_batch()).await.unwrap(), None);
}

/// Makes one test per case: `$run` runs a future to its end, `$rig` makes a fresh rig.
#[macro_export]
macro_rules! log_contract {
    ($run:path, $rig:expr) => {
        $crate::log_contract!($run, $rig;
            readers_see_records_in_order, a_reader_resumes_where_it_is_sent,
            positions_that_the_log_does_not_have_are_a_fault, a_lane_that_comes_later_is_read,
            a_commit_is_whole_and_survives, what_was_not_committed_is_read_again,
            rows_are_replaced_and_removed_and_kept_apart, an_earlier_owner_commits_nothing,
            a_dead_letter_is_passed_over, snapshot_and_feed_meet_without_gap_or_overlap,
            a_dropped_wait_loses_nothing, a_busy_lane_leaves_room_for_the_others, shutdown_ends_all_waits);
    };
    ($run:path, $rig:expr; $($case:ident),+) => {
        $(
            #[test]
            fn $case() {
                $run($crate::testing::contract::$case($rig));
            }
        )+
    };
}
