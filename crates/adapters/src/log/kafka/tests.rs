//! The log on Kafka against the contract, and against what only several processes can suffer: a
//! death, a hand-over, a lane that another process made, a log that is not the one that it was.
//! Every test has a real broker.

use std::{path::Path, time::Instant};

use bytes::Bytes;
use kernel::topic::{Action, Lane, Topic};
use rig::{Kafka, KafkaOptions};
use stream::{Batch, DeadLetter, Position, Put, Record, port::PartitionLog};
use tempfile::TempDir;
use uuid::Uuid;

use super::{change::Change, session::Session, *};
use crate::log::{
    StoredPosition, StoredRow,
    contract::{self, lane, lines, message, read, soon},
};

/// Topics of its own at the broker, and a folder for checkpoints.
struct Deployment {
    prefix: String,
    folder: TempDir,
}

async fn config(prefix: &str, folder: &Path) -> KafkaConfig {
    KafkaConfig {
        topic_prefix: prefix.to_owned(),
        checkpoints: Some(folder.to_owned()),
        session_timeout: Duration::from_secs(3),
        ..KafkaConfig::new(rig::kafka().await.address(), "test")
    }
}

impl Deployment {
    fn new() -> Self {
        Self { prefix: format!("{}.", Uuid::new_v4().simple()), folder: tempfile::tempdir().unwrap() }
    }

    async fn config(&self) -> KafkaConfig {
        config(&self.prefix, self.folder.path()).await
    }

    async fn open(&self) -> Result<KafkaLog, OpenError> {
        KafkaLog::open(self.config().await).await
    }

    /// Another process of the same deployment.
    async fn second(&self) -> (KafkaLog, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (KafkaLog::open(config(&self.prefix, folder.path()).await).await.unwrap(), folder)
    }

    /// A name of this deployment.
    fn names(&self) -> Names {
        Names::new(&self.prefix, "test")
    }
}

impl contract::Rig for Deployment {
    type Log = KafkaLog;

    async fn log(&self) -> KafkaLog {
        self.open().await.unwrap()
    }

    async fn crash(&self, log: KafkaLog) -> KafkaLog {
        drop(log);
        self.open().await.unwrap()
    }

    async fn within<T>(&self, longest: Duration, wait: impl Future<Output = T>) -> Option<T> {
        contract::within(longest, wait).await
    }
}

stream::log_contract!(contract::run, Deployment::new());

fn request(partition: u16, text: &str) -> Outgoing {
    message(Lane::Shared, Action::TicketReserveRequest, partition, text)
}

async fn publish(log: &KafkaLog, partition: u16, texts: std::ops::Range<u32>) {
    for n in texts {
        log.publish(vec![request(partition, &n.to_string())]).await.unwrap();
    }
}

/// Commits each batch until `until` records were seen; the row says how many, and each record sends
/// one on.
async fn work(partition: &mut KafkaPartition, mut seen: u32, until: u32) -> Vec<String> {
    let mut texts = Vec::new();
    while seen < until {
        let records = soon(partition.next_batch()).await.unwrap().expect("more records");
        seen += u32::try_from(records.len()).unwrap();
        texts.extend(records.iter().map(|r| String::from_utf8_lossy(&r.payload).into_owned()));
        partition.commit(commit_of(&records, &seen.to_string())).await.unwrap();
    }
    texts
}

fn commit_of(records: &[Record], row: &str) -> Batch {
    let position = |r: &Record| Position {
        topic: r.source.topic,
        partition: r.source.partition,
        next: r.source.offset + 1,
    };
    let answer = |r: &Record| Outgoing {
        payload: r.payload.clone(),
        ..message(Lane::Shared, Action::BookingStatusToFailed, r.source.partition, "")
    };
    Batch {
        positions: records.iter().map(position).collect(),
        puts: vec![Put { key: "seen".into(), value: Some(Bytes::copy_from_slice(row.as_bytes())) }],
        outgoing: records.iter().map(answer).collect(),
        dead_letters: Vec::new(),
    }
}

fn numbers(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

/// The messages to booking from partition `n`.
async fn messages_to_booking(log: &KafkaLog, count: usize) -> Vec<String> {
    let records = read(&mut log.reader(Service::Booking), count).await;
    records.iter().map(|record| String::from_utf8_lossy(&record.payload).into_owned()).collect()
}

#[tokio::test]
async fn a_dead_process_is_replaced_after_its_session() {
    let deployment = Deployment::new();
    let first = deployment.open().await.unwrap();
    let mut partition = first.partition(3);
    partition.restore().await.unwrap();
    publish(&first, 3, 0..20).await;
    work(&mut partition, 0, 20).await;
    publish(&first, 3, 20..40).await;
    // Read, and never committed.
    soon(partition.next_batch()).await.unwrap().unwrap();
    let (second, _folder) = deployment.second().await;
    let mut successor = second.partition(3);
    drop((partition, first));
    let died = Instant::now();
    let rows = soon(successor.restore()).await.unwrap();
    assert!(died.elapsed() < Duration::from_secs(7), "{:?}", died.elapsed());
    assert_eq!(rows, [("seen".into(), "20".into())]);
    assert_eq!(work(&mut successor, 20, 40).await, numbers(20..40));
    assert_eq!(messages_to_booking(&second, 40).await, numbers(0..40));
}

#[tokio::test]
async fn a_planned_stop_hands_over_at_once() {
    let deployment = Deployment::new();
    let first = deployment.open().await.unwrap();
    let mut partition = first.partition(0);
    partition.restore().await.unwrap();
    publish(&first, 0, 0..10).await;
    let records = soon(partition.next_batch()).await.unwrap().unwrap();
    let (second, _folder) = deployment.second().await;
    let mut successor = second.partition(0);
    let stopping = first.clone();
    let stopped = Instant::now();
    let stop = async { stopping.shutdown().await };
    let finish = async {
        // What is in hand is committed before anything moves.
        first.core.stop.cancelled().await;
        partition.commit(commit_of(&records, "done")).await.unwrap();
        assert_eq!(partition.next_batch().await.unwrap(), None);
    };
    let moving = Box::pin(async { tokio::join!(stop, finish, successor.restore()) });
    let ((), (), rows) = soon(moving).await;
    assert!(stopped.elapsed() < Duration::from_millis(2_900), "{:?}", stopped.elapsed());
    assert_eq!(rows.unwrap(), [("seen".into(), "done".into())]);
}

#[tokio::test]
async fn a_process_that_the_brokers_turned_away_comes_again() {
    // A refusal is permanent: a refused client never asks again by itself.
    let one_at_a_time = ("group.consumer.max.size".to_owned(), "1".to_owned());
    let options = KafkaOptions { properties: vec![one_at_a_time], ..KafkaOptions::default() };
    let kafka = Kafka::start(&options).await.unwrap();
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let config =
        async |folder: &TempDir| KafkaConfig { brokers: kafka.address(), ..config("", folder.path()).await };
    let first = KafkaLog::open(config(&folder).await).await.unwrap();
    first.partition(0).restore().await.unwrap();
    let second = KafkaLog::open(config(&other).await).await.unwrap();
    let mut partition = second.partition(0);
    // Its first question to the group was answered long before.
    timeout(Duration::from_secs(2), partition.restore()).await.expect_err("there is no room in the group");
    first.shutdown().await;
    soon(partition.restore()).await.unwrap();
}

/// Runs a partition as the seat loop does, until the log stops.
async fn run(mut partition: KafkaPartition) {
    let mut attempt = 0;
    loop {
        let fault = match partition.restore().await {
            Ok(_) => loop {
                match partition.next_batch().await {
                    Ok(None) => return,
                    Ok(Some(records)) => {
                        if let Err(fault) = partition.commit(commit_of(&records, "seen")).await {
                            break fault;
                        }
                        attempt = 0;
                    }
                    Err(fault) => break fault,
                }
            },
            Err(fault) => fault,
        };
        attempt += 1;
        partition.back_off(fault, attempt).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_come_and_go_and_everything_is_done_once_and_in_order() {
    const EACH: u32 = 300;
    let deployment = Deployment::new();
    let first = deployment.open().await.unwrap();
    let start =
        |log: &KafkaLog| -> Vec<_> { (0..PARTITIONS).map(|n| tokio::spawn(run(log.partition(n)))).collect() };
    let of_first = start(&first);
    let publishing = {
        let log = first.clone();
        tokio::spawn(async move {
            for n in 0..EACH {
                let all = (0..PARTITIONS).map(|partition| request(partition, &n.to_string()));
                log.publish(all.collect()).await.unwrap();
            }
        })
    };
    // The second comes, works, and is killed; the third comes, and the first leaves in order.
    let (second, _second) = deployment.second().await;
    let of_second = start(&second);
    owns_some(&second).await;
    for task in of_second {
        task.abort();
        let _ = task.await;
    }
    drop(second);
    let (third, _third) = deployment.second().await;
    let of_third = start(&third);
    owns_some(&third).await;
    publishing.await.unwrap();
    first.shutdown().await;
    for task in of_first {
        soon(task).await.unwrap();
    }
    let answers = read(&mut third.reader(Service::Booking), usize::from(PARTITIONS) * EACH as usize).await;
    for partition in 0..PARTITIONS {
        let of: Vec<_> = answers.iter().filter(|r| r.source.partition == partition).collect();
        let texts: Vec<_> = of.iter().map(|r| String::from_utf8_lossy(&r.payload).into_owned()).collect();
        assert_eq!(texts, numbers(0..EACH), "of partition {partition}");
    }
    third.shutdown().await;
    for task in of_third {
        soon(task).await.unwrap();
    }
}

/// Without a record to commit, which the fence would refuse, only the owner itself can notice.
#[tokio::test]
async fn an_owner_without_work_gives_up_what_moved() {
    let deployment = Deployment::new();
    let first = deployment.open().await.unwrap();
    let mut partitions: Vec<_> = (0..PARTITIONS).map(|n| first.partition(n)).collect();
    for partition in &mut partitions {
        partition.restore().await.unwrap();
    }
    let waiting = futures::future::select_all(partitions.iter_mut().map(|p| Box::pin(p.next_batch())));
    let (second, _folder) = deployment.second().await;
    let mut successor = second.partition(0);
    // It joins the group, and gets some partitions, perhaps not this one.
    let joining = tokio::spawn(async move { successor.restore().await });
    let (ended, ..) = soon(waiting).await;
    let fault = kernel::fault::chain(&ended.unwrap_err());
    assert!(fault.contains("another process owns it"), "{fault}");
    joining.abort();
}

#[tokio::test]
async fn nothing_is_restored_while_earlier_owners_are_not_fenced() {
    let deployment = Deployment::new();
    let log = deployment.open().await.unwrap();
    soon(log.partition(6).restore()).await.unwrap();
    let term = log.core.membership.owner(6).borrow().unwrap();
    let mut tail = log.core.clients.tail().unwrap();
    // Of another term than the one that this process has.
    let begun = soon(Session::begin(&log.core, &mut tail, 6, term + 1)).await;
    let fault = begun.err().map(|fault| kernel::fault::chain(&fault)).unwrap_or_default();
    assert!(fault.contains("another process owns the partition"), "{fault}");
}

/// Waits until a process owns partitions.
async fn owns_some(log: &KafkaLog) {
    let owned = async {
        let mut any = futures::future::select_all((0..PARTITIONS).map(|n| {
            let mut owner = log.core.membership.owner(n);
            Box::pin(async move { owner.wait_for(Option::is_some).await.is_ok() })
        }));
        assert!((&mut any).await.0);
    };
    soon(owned).await;
}

#[tokio::test]
async fn a_lane_of_another_process_is_read_within_a_second() {
    let deployment = Deployment::new();
    let seats = deployment.open().await.unwrap();
    let mut partition = seats.partition(5);
    partition.restore().await.unwrap();
    let mut reader = seats.reader(Service::Booking);
    // Both wait already when the lane is made.
    seats
        .publish(vec![request(5, "first"), message(Lane::Shared, Action::BookingStatusToFailed, 1, "first")])
        .await
        .unwrap();
    soon(partition.next_batch()).await.unwrap();
    read(&mut reader, 1).await;
    let (other, _folder) = deployment.second().await;
    other.publish(vec![message(lane(1), Action::BookingStatusToFailed, 0, "made")]).await.unwrap();
    read(&mut reader, 1).await;
    let sent = Instant::now();
    let new = [
        message(lane(2), Action::TicketReserveRequest, 5, "new"),
        message(lane(2), Action::BookingStatusToFailed, 7, "new"),
    ];
    let (seat, booking, published) = tokio::join!(
        async {
            let records = soon(partition.next_batch()).await.unwrap().unwrap();
            (records, sent.elapsed())
        },
        async { (read(&mut reader, 1).await, sent.elapsed()) },
        async {
            other.publish(new.into()).await.unwrap();
            sent.elapsed()
        }
    );
    assert_eq!(lines(&seat.0), ["ticket-reserve-request/5/0: new"]);
    assert_eq!(lines(&booking.0), ["booking-status-to-failed/7/0: new"]);
    let second = Duration::from_secs(1);
    assert!(seat.1 < published + second && booking.1 < published + second, "{:?} {:?}", seat.1, booking.1);
}

#[tokio::test]
async fn a_topic_of_another_size_is_refused() {
    let deployment = Deployment::new();
    let config = deployment.config().await;
    let topics = Topics::new(Clients::new(&config).admin().unwrap(), &config);
    let name = deployment.names().topic(Topic::new(Lane::Shared, Action::TicketReserveRequest));
    topics.make(&[Wanted { name, partitions: 3, compacted: false }]).await.unwrap();
    let Err(OpenError::Refused { what }) = deployment.open().await else { panic!("opened") };
    assert!(what.contains("3 partitions"), "{what}");
}

/// Commits something, so that there is a checkpoint.
async fn with_a_checkpoint(deployment: &Deployment) {
    let log = deployment.open().await.unwrap();
    let mut partition = log.partition(2);
    partition.restore().await.unwrap();
    publish(&log, 2, 0..3).await;
    work(&mut partition, 0, 3).await;
    log.shutdown().await;
}

/// Stores a changed checkpoint in place of that one. Returns both.
fn change_checkpoint(store: &Store, change: impl FnOnce(&mut Checkpoint)) -> (Checkpoint, Checkpoint) {
    let sound = store.checkpoint(2).unwrap().unwrap();
    let mut changed = sound.clone();
    change(&mut changed);
    store.advance(2, Some(sound.next), &changed, &[]).unwrap();
    (sound, changed)
}

#[tokio::test]
async fn a_log_that_lost_what_a_checkpoint_was_made_of_is_refused() {
    let deployment = Deployment::new();
    with_a_checkpoint(&deployment).await;
    let store = Store::open(deployment.folder.path()).unwrap();
    let (sound, ahead) = change_checkpoint(&store, |sound| sound.next += 100);
    drop(store);
    let Err(OpenError::Refused { what }) = deployment.open().await else { panic!("opened") };
    assert!(what.contains("partition 2 ends at"), "{what}");

    let store = Store::open(deployment.folder.path()).unwrap();
    let other = Checkpoint { topic_id: "another".into(), ..sound.clone() };
    store.advance(2, Some(ahead.next), &other, &[]).unwrap();
    drop(store);
    let Err(OpenError::Refused { what }) = deployment.open().await else { panic!("opened") };
    assert!(what.contains("another changelog"), "{what}");
}

#[tokio::test]
async fn a_log_that_loses_records_while_it_is_open_is_refused() {
    let deployment = Deployment::new();
    with_a_checkpoint(&deployment).await;
    let log = deployment.open().await.unwrap();
    change_checkpoint(log.core.store().unwrap(), |sound| sound.next += 100);
    let mut partition = log.partition(2);
    assert!(soon(partition.restore()).await.is_err());
    let why = soon(log.failed()).await;
    assert!(why.contains("partition 2 ends at"), "{why}");
}

#[tokio::test]
async fn a_membership_that_panics_is_the_failure_of_the_log() {
    let log = Deployment::new().open().await.unwrap();
    *log.core.member.lock() = Member::Waiting(Box::pin(async { panic!("planned") }));
    log.core.join_group();
    assert!(soon(log.failed()).await.contains("membership"));
}

#[tokio::test]
async fn a_publisher_that_takes_nothing_more_is_replaced_until_the_shutdown() {
    let log = Deployment::new().open().await.unwrap();
    let close = async || log.core.publisher().unwrap().close().await.unwrap();
    close().await;
    assert!(log.publish(vec![request(0, "refused")]).await.is_err());
    publish(&log, 0, 0..1).await;
    log.shutdown().await;
    for _ in 0..2 {
        assert!(log.publish(vec![request(0, "late")]).await.is_err());
    }
}

#[tokio::test]
async fn a_record_of_the_largest_size_fits_among_the_dead_letters() {
    let deployment = Deployment::new();
    let log = deployment.open().await.unwrap();
    let mut partition = log.partition(4);
    partition.restore().await.unwrap();
    log.publish(vec![request(4, &"x".repeat(1_048_400))]).await.unwrap();
    let records = soon(partition.next_batch()).await.unwrap().unwrap();
    let positions = commit_of(&records, "").positions;
    let letter = |record| DeadLetter { record, reason: "because ".repeat(20) };
    let dead_letters: Vec<_> = records.into_iter().map(letter).collect();
    let commit = Batch { positions, dead_letters: dead_letters.clone(), ..Batch::default() };
    partition.commit(commit).await.unwrap();
    let inspection = Inspection::open(&deployment.config().await).await.unwrap();
    // As `assert!`: a failure prints no megabyte.
    assert!(inspection.dead_letters().await.unwrap() == dead_letters, "it lies there whole");
    publish(&log, 4, 0..1).await;
    assert_eq!(work(&mut partition, 0, 1).await, ["0"]);
}

#[tokio::test]
async fn nobody_reads_what_an_aborted_transaction_sent() {
    let deployment = Deployment::new();
    let log = deployment.open().await.unwrap();
    let topic = Topic::new(Lane::Shared, Action::BookingStatusToFailed);
    let owner = log.core.clients.owner(4).unwrap();
    owner.producer().init_transactions().await.unwrap();
    owner.producer().begin_transaction().unwrap();
    let sent = owner.send(deployment.names().topic(topic), 4, b"key", Some(b"aborted")).await.unwrap();
    sent.get().await.unwrap();
    owner.producer().abort_transaction().await.unwrap();
    log.publish(vec![message(Lane::Shared, Action::BookingStatusToFailed, 4, "kept")]).await.unwrap();
    assert_eq!(messages_to_booking(&log, 1).await, ["kept"]);
}

/// Behind the last record lies the mark of its commit, which is nothing to be read.
#[tokio::test]
async fn an_old_checkpoint_at_the_end_of_the_changelog_is_kept() {
    let deployment = Deployment::new();
    with_a_checkpoint(&deployment).await;
    let store = Store::open(deployment.folder.path()).unwrap();
    let (_, old) = change_checkpoint(&store, |sound| sound.at_millis -= 10 * 24 * 60 * 60 * 1000);
    drop(store);
    let log = deployment.open().await.unwrap();
    log.partition(2).restore().await.unwrap();
    let kept = log.core.store().unwrap().checkpoint(2).unwrap().unwrap();
    assert_eq!(kept.at_millis, old.at_millis, "one made again is of today");
}

#[tokio::test]
async fn checkpoints_without_a_file_are_made_again() {
    let deployment = Deployment::new();
    with_a_checkpoint(&deployment).await;
    let manifest = std::fs::read_to_string(deployment.folder.path().join("CURRENT")).unwrap();
    std::fs::remove_file(deployment.folder.path().join(manifest.trim())).unwrap();
    let log = deployment.open().await.unwrap();
    assert_eq!(log.partition(2).restore().await.unwrap(), [("seen".into(), "3".into())]);
}

#[tokio::test]
async fn a_lost_checkpoint_is_read_back() {
    let deployment = Deployment::new();
    with_a_checkpoint(&deployment).await;
    let (second, _folder) = deployment.second().await;
    let mut partition = second.partition(2);
    assert_eq!(partition.restore().await.unwrap(), [("seen".into(), "3".into())]);
    publish(&second, 2, 3..4).await;
    assert_eq!(work(&mut partition, 3, 4).await, ["3"]);
}

#[tokio::test]
async fn a_recreated_topic_is_refused_by_name() {
    let deployment = Deployment::new();
    with_a_checkpoint(&deployment).await;
    let topic = deployment.names().topic(Topic::new(Lane::Shared, Action::TicketReserveRequest));
    let admin = Clients::new(&deployment.config().await).admin().unwrap();
    admin.delete_topics_with_string_slice(std::slice::from_ref(&topic)).all().get().await.unwrap();
    let listed = || async { admin.list_topics().names().get().await.unwrap() };
    soon(async { while listed().await.contains(&topic) {} }).await;
    let log = deployment.open().await.unwrap();
    publish(&log, 2, 0..5).await;
    assert!(log.partition(2).restore().await.is_err());
    let why = soon(log.failed()).await;
    assert!(why.contains("ticket-reserve-request"), "{why}");
}

#[tokio::test]
async fn an_inspection_shows_everything_of_a_log_in_use() {
    let deployment = Deployment::new();
    let log = deployment.open().await.unwrap();
    let topic = Topic::new(lane(4), Action::TicketReserveRequest);
    log.publish(vec![message(lane(4), Action::TicketReserveRequest, 4, "a")]).await.unwrap();
    let mut partition = log.partition(4);
    partition.restore().await.unwrap();
    let record = soon(partition.next_batch()).await.unwrap().unwrap().remove(0);
    let letter = DeadLetter { record, reason: "because".to_owned() };
    let put = |key: &'static str, value: Option<&'static str>| Put {
        key: key.into(),
        value: value.map(Bytes::from),
    };
    let commit = Batch {
        positions: vec![Position { topic, partition: 4, next: 1 }],
        puts: vec![put("row", Some("value")), put("gone", Some("value"))],
        outgoing: vec![message(Lane::Shared, Action::BookingStatusToFailed, 1, "b")],
        dead_letters: vec![letter.clone()],
    };
    partition.commit(commit).await.unwrap();
    partition.commit(Batch { puts: vec![put("gone", None)], ..Batch::default() }).await.unwrap();

    let inspection = Inspection::open(&deployment.config().await).await.unwrap();
    assert_eq!(inspection.topics().count(), 17);
    let mut records = Vec::new();
    let each = |stored: crate::log::StoredRecord| {
        assert!(stored.appended_at > 0);
        records.push(Record { source: stored.source, key: stored.key, payload: stored.payload });
    };
    inspection.records(each).await.unwrap();
    assert_eq!(lines(&records), ["booking-status-to-failed/1/0: b", "ticket-reserve-request/4/0: a"]);
    let group = "seat-reservation-service".to_owned();
    let positions = inspection.positions().await.unwrap();
    assert_eq!(positions, [StoredPosition { group, topic, partition: 4, next: 1 }]);
    let mut rows = Vec::new();
    inspection.state(|row| rows.push(row)).await.unwrap();
    assert_eq!(rows, [StoredRow { partition: 4, key: "row".into(), value: "value".into() }]);
    assert_eq!(inspection.dead_letters().await.unwrap(), [letter]);
    let unlike = inspection.unlike_changelog(deployment.folder.path()).await.unwrap();
    assert_eq!(unlike, Vec::<String>::new());

    log.shutdown().await;
    drop((partition, log));
    let store = Store::open(deployment.folder.path()).unwrap();
    let checkpoint = store.checkpoint(4).unwrap().unwrap();
    let forged = Change::Row(put("row", Some("forged")));
    store.advance(4, Some(checkpoint.next), &checkpoint, &[forged]).unwrap();
    drop(store);
    let unlike = inspection.unlike_changelog(deployment.folder.path()).await.unwrap();
    assert_eq!(unlike.len(), 1, "{unlike:?}");
}
