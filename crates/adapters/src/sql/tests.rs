//! The seam's promises, on both engines: one commit for many jobs, one faulty job alone, positions
//! by compare-and-set, the outbox in order.

use std::sync::{Arc, Mutex};

use kernel::{
    Fault, Timestamp,
    message::Source,
    topic::{Action, Lane, Topic},
};
use stream::{DeadLetter, Outgoing, Record, port::Publisher};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{
    inspection::Inspection,
    testing::{Bomb, Engine, Home, PATIENCE, on_both_engines},
    *,
};

const TEST_MIGRATIONS: &[Migration] = &[Migration {
    version: 100,
    description: "a table of numbers",
    sql: "CREATE TABLE number (\n    n BIGINT PRIMARY KEY\n);",
}];

on_both_engines!(
    concurrent_jobs_are_all_kept_and_survive_reopening,
    a_faulty_or_panicking_job_fails_alone,
    a_writer_that_panics_is_the_failure_of_the_database,
    a_failure_that_a_job_hides_is_a_failure,
    positions_move_once_and_only_from_where_they_are,
    dead_letters_are_kept_whole_and_once,
    the_outbox_reaches_the_log_in_order_over_faults_and_is_emptied,
    a_database_of_another_build_is_refused_in_words,
    messages_of_one_transaction_and_of_one_publish_keep_their_order,
);

struct Rig {
    home: Home,
    database: Database,
}

impl Rig {
    async fn new(engine: Engine) -> Self {
        let home = Home::new(engine).await;
        let database = open(home.place()).await.unwrap();
        Self { home, database }
    }

    async fn reopen(self) -> Self {
        self.database.close().await;
        let database = open(self.home.place()).await.unwrap();
        Self { home: self.home, database }
    }

    async fn numbers(&self) -> Vec<i64> {
        let rows: Vec<(i64,)> = self.database.all("SELECT n FROM number ORDER BY n", []).await.unwrap();
        rows.into_iter().map(|(n,)| n).collect()
    }
}

async fn open(place: impl Into<DatabaseUrl>) -> Result<Database, OpenError> {
    Database::open(place, &[SHARED_MIGRATIONS, TEST_MIGRATIONS]).await
}

async fn insert(database: &Database, n: i64) -> Result<u64, SqlFault> {
    database
        .write(n, |n, tx| {
            Box::pin(async move { tx.execute("INSERT INTO number (n) VALUES ($1)", args![*n]).await })
        })
        .await
}

fn topic() -> Topic {
    Topic::new(Lane::Shared, Action::TicketReserveRequest)
}

fn message(partition: u16, payload: &str) -> Outgoing {
    Outgoing {
        topic: topic(),
        partition,
        key: "key-搖".to_owned().into(),
        payload: payload.to_owned().into(),
    }
}

fn record(offset: u64) -> Record {
    Record {
        source: Source { topic: topic(), partition: 3, offset },
        key: "k".into(),
        payload: vec![0, 159].into(),
    }
}

async fn concurrent_jobs_are_all_kept_and_survive_reopening(engine: Engine) {
    let rig = Rig::new(engine).await;
    let writes = (0..500).map(|n| {
        let database = rig.database.clone();
        async move { insert(&database, n).await.unwrap() }
    });
    futures::future::join_all(writes).await;
    let rig = rig.reopen().await;
    assert_eq!(rig.numbers().await, (0..500).collect::<Vec<_>>());
}

async fn a_faulty_or_panicking_job_fails_alone(engine: Engine) {
    let rig = Rig::new(engine).await;
    let writes = (0..100).map(|n| {
        let database = rig.database.clone();
        async move { insert(&database, if n % 10 == 9 { 0 } else { n }).await.is_ok() }
    });
    let bug = rig.database.write((), |(), _| Box::pin(async { panic!("a bug in a job") }));
    let (outcomes, bug): (Vec<bool>, Result<(), _>) = tokio::join!(futures::future::join_all(writes), bug);
    assert_eq!(outcomes.into_iter().filter(|ok| *ok).count(), 90);
    assert!(matches!(bug, Err(SqlFault::Panicked)));
    assert_eq!(rig.numbers().await.len(), 90);
}

/// What panics after the commit, in the task that answers.
async fn a_writer_that_panics_is_the_failure_of_the_database(engine: Engine) {
    let rig = Rig::new(engine).await;
    rig.database.write(Bomb, |_, _| Box::pin(async { Ok(()) })).await.unwrap();
    let why = timeout(PATIENCE, rig.database.clone().failed()).await.expect("nobody hears of the panic");
    assert!(why.contains("the writer of"), "{why}");
    assert!(matches!(insert(&rig.database, 1).await, Err(SqlFault::Closed)));
}

async fn a_failure_that_a_job_hides_is_a_failure(engine: Engine) {
    let rig = Rig::new(engine).await;
    insert(&rig.database, 1).await.unwrap();
    let hiding = rig.database.write((), |(), tx| {
        Box::pin(async move {
            tx.execute("INSERT INTO number (n) VALUES (2)", []).await?;
            let twice = tx.execute("INSERT INTO number (n) VALUES (1)", []).await;
            Ok(twice.is_err())
        })
    });
    assert!(hiding.await.is_err());
    assert_eq!(rig.numbers().await, [1], "nothing of it was kept");
}

async fn positions_move_once_and_only_from_where_they_are(engine: Engine) {
    let rig = Rig::new(engine).await;
    let mut positions = Positions::default();
    assert!(positions.load(&rig.database).await.unwrap().is_empty());
    let moves = positions.past(&[record(0), record(1), record(5)]).unwrap();
    let make = |moves: Moves| {
        rig.database.write(moves, |moves, tx| {
            Box::pin(async move {
                tx.execute("INSERT INTO number (n) SELECT 1 + COUNT(*) FROM number", []).await?;
                moves.make(tx).await
            })
        })
    };
    make(moves.clone()).await.unwrap();
    positions.moved(&moves);
    assert!(
        matches!(positions.past(&[record(5)]), Err(SqlFault::PositionMoved)),
        "a record that was applied"
    );

    let zombie = make(moves).await;
    assert!(matches!(zombie, Err(SqlFault::PositionMoved)));
    assert_eq!(rig.numbers().await, [1], "the zombie's rows are gone with its move");

    let mut read = Positions::default();
    let stored = read.load(&rig.database).await.unwrap();
    assert_eq!((stored[0].topic, stored[0].partition, stored[0].next), (topic(), 3, 6));
    make(read.past(&[record(6)]).unwrap()).await.unwrap();
}

async fn dead_letters_are_kept_whole_and_once(engine: Engine) {
    let rig = Rig::new(engine).await;
    for _ in 0..2 {
        let letter = DeadLetter { record: record(4), reason: "garbage".to_owned() };
        rig.database
            .write(vec![letter], |letters, tx| {
                Box::pin(keep_dead_letters(tx, letters, Timestamp::from_millis(7)))
            })
            .await
            .unwrap();
    }
    let rows: Vec<(i64, String, String, i64)> = rig
        .database
        .all("SELECT record_offset, payload_base64, reason, kept_at_ms FROM dead_letter", [])
        .await
        .unwrap();
    assert_eq!(rows, [(4, "AJ8=".to_owned(), "garbage".to_owned(), 7)]);
}

/// A log that fails every other time, sometimes after it has taken the messages.
#[derive(Default)]
struct Log {
    taken: Mutex<Vec<Outgoing>>,
    calls: Mutex<u32>,
}

impl Publisher for Log {
    async fn publish(&self, messages: Vec<Outgoing>) -> Result<(), Fault> {
        let mut calls = self.calls.lock().unwrap();
        *calls += 1;
        if *calls % 4 != 2 {
            self.taken.lock().unwrap().extend(messages);
        }
        if calls.is_multiple_of(2) { Err(Fault::new("publish", "the log is away")) } else { Ok(()) }
    }
}

async fn send(database: &Database, payload: String) -> i64 {
    database
        .write(payload, |payload, tx| {
            Box::pin(async move {
                outbox::append(tx, &[message(1, "first"), message(2, payload)]).await?;
                let (last,): (i64,) = tx.one("SELECT MAX(id) FROM outbox", []).await?;
                Ok(last)
            })
        })
        .await
        .unwrap()
}

async fn the_outbox_reaches_the_log_in_order_over_faults_and_is_emptied(engine: Engine) {
    let rig = Rig::new(engine).await;
    let before = send(&rig.database, "0".to_owned()).await;
    let rig = rig.reopen().await;

    let log = Arc::new(Log::default());
    let stop = CancellationToken::new();
    let relay = tokio::spawn(outbox::run_relay(rig.database.clone(), Arc::clone(&log), stop.clone()));
    outbox::delivered(&rig.database).await.unwrap();
    for n in 1..20 {
        let id = send(&rig.database, n.to_string()).await;
        assert!(id > before, "ids of removed messages are never used again");
        outbox::delivered(&rig.database).await.unwrap();
    }
    let seen: Vec<Outgoing> = log.taken.lock().unwrap().clone();
    let mut order: Vec<u32> = Vec::new();
    for sent in seen.iter().filter(|sent| sent.partition == 2) {
        assert_eq!((sent.topic, &sent.key[..]), (topic(), "key-搖".as_bytes()));
        let n = String::from_utf8(sent.payload.to_vec()).unwrap().parse().unwrap();
        if order.last() != Some(&n) {
            order.push(n);
        }
    }
    assert_eq!(order, (0..20).collect::<Vec<_>>());
    while !rig.database.all::<(i64,)>("SELECT id FROM outbox", []).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    relay.await.unwrap();
}

async fn a_database_of_another_build_is_refused_in_words(engine: Engine) {
    let rig = Rig::new(engine).await;
    insert(&rig.database, 1).await.unwrap();
    rig.database.close().await;
    let edited = Migration {
        sql: "CREATE TABLE number (\n    n BIGINT PRIMARY KEY,\n    m BIGINT\n);",
        ..TEST_MIGRATIONS[0]
    };
    let refused = Database::open(rig.home.place(), &[SHARED_MIGRATIONS, &[edited]]).await.map(drop);
    let refusal = refused.unwrap_err().to_string();
    let named = format!("{} was made by another build", rig.home.place());
    assert!(refusal.contains(&named) && refusal.contains("step 100"), "{refusal}");
    let database = open(rig.home.place()).await.unwrap();
    let kept: Vec<(i64,)> = database.all("SELECT n FROM number", []).await.unwrap();
    assert_eq!(kept, [(1,)], "its own build reads it as before");
}

/// A log that never fails.
#[derive(Default)]
struct Faultless(Mutex<Vec<Outgoing>>);

impl Publisher for Faultless {
    async fn publish(&self, messages: Vec<Outgoing>) -> Result<(), Fault> {
        self.0.lock().unwrap().extend(messages);
        Ok(())
    }
}

async fn messages_of_one_transaction_and_of_one_publish_keep_their_order(engine: Engine) {
    let rig = Rig::new(engine).await;
    // More than one publish carries, in transactions of different sizes.
    let texts: Vec<String> = (0..1_500).map(|n| n.to_string()).collect();
    for texts in texts.chunks(700) {
        let messages: Vec<Outgoing> = texts.iter().map(|text| message(2, text)).collect();
        let appended = rig
            .database
            .write(messages, |messages, tx| Box::pin(async move { outbox::append(tx, messages).await }));
        appended.await.unwrap();
    }
    let log = Arc::new(Faultless::default());
    let stop = CancellationToken::new();
    let relay = tokio::spawn(outbox::run_relay(rig.database.clone(), Arc::clone(&log), stop.clone()));
    outbox::delivered(&rig.database).await.unwrap();
    stop.cancel();
    relay.await.unwrap();
    let sent: Vec<String> = log
        .0
        .lock()
        .unwrap()
        .iter()
        .map(|sent| String::from_utf8_lossy(&sent.payload).into_owned())
        .collect();
    assert_eq!(sent, texts);
}

#[tokio::test]
async fn a_damaged_file_is_distinguished_from_other_faults() {
    let rig = Rig::new(Engine::Sqlite).await;
    for n in 0..2_000 {
        rig.database
            .write(n, |n, tx| {
                Box::pin(async move { tx.execute("INSERT INTO number (n) VALUES ($1)", args![*n]).await })
            })
            .await
            .unwrap();
    }
    rig.database.close().await;
    let DatabaseUrl::File(path) = rig.home.place() else { panic!("SQLite's place is a file") };
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0xa5);
    std::fs::write(path, &bytes).unwrap();
    assert!(matches!(open(path).await, Err(OpenError::Corrupted { .. })));
    let inspected = Inspection::open(path).await.map(drop);
    assert!(matches!(inspected, Err(SqlFault::Corrupted(_))), "{inspected:?}");
    std::fs::write(path, b"this is no database, whatever its name says").unwrap();
    assert!(matches!(open(path).await, Err(OpenError::Corrupted { .. })));
    assert!(matches!(
        open(&path.with_file_name("absent").join("test.sqlite")).await,
        Err(OpenError::Fault { .. })
    ));
}
