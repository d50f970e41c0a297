//! A server that restarts, goes away and cuts connections in the COMMIT; several processes on one
//! database.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use kernel::{
    Fault,
    topic::{Action, Lane, Topic},
};
use rig::{Postgres, PostgresOptions};
use stream::{Outgoing, port::Publisher};
use tokio_util::sync::CancellationToken;

use super::{Link, Turn, ours};
use crate::sql::{
    Database, DatabaseUrl, Migration, OpenError, SHARED_MIGRATIONS, SqlFault, args,
    outbox::{self, run_relay},
    testing::{Engine, Home},
};

mod cut;

use cut::{Cut, Proxy};

const TEST_MIGRATIONS: &[Migration] = &[Migration {
    version: 100,
    description: "a table of numbers",
    sql: "CREATE TABLE number (\n    n BIGINT PRIMARY KEY\n);",
}];

async fn open(place: &DatabaseUrl) -> Database {
    Database::open(place, &[SHARED_MIGRATIONS, TEST_MIGRATIONS]).await.unwrap()
}

/// A server that this test may disturb, and a database on it.
async fn own_server() -> (Postgres, Home, Database) {
    let server = Postgres::start(&PostgresOptions::default()).await.unwrap();
    let home = Home::on(&server).await;
    let database = open(home.place()).await;
    (server, home, database)
}

async fn insert(database: &Database, n: i64) -> Result<u64, SqlFault> {
    database
        .write(n, |n, tx| {
            Box::pin(async move { tx.execute("INSERT INTO number (n) VALUES ($1)", args![*n]).await })
        })
        .await
}

/// Counts on: done twice it would show.
async fn count_on(database: &Database) -> Result<u64, SqlFault> {
    database
        .write((), |(), tx| {
            Box::pin(
                async move { tx.execute("INSERT INTO number (n) SELECT 1 + COUNT(*) FROM number", []).await },
            )
        })
        .await
}

async fn numbers(database: &Database) -> BTreeSet<i64> {
    let rows: Vec<(i64,)> = database.all("SELECT n FROM number", []).await.unwrap();
    rows.into_iter().map(|(n,)| n).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn acknowledged_writes_are_there_after_crashes_under_load() {
    let (server, _home, database) = own_server().await;
    let over = Arc::new(AtomicBool::new(false));
    let writers = (0..8).map(|hand| {
        let (database, over) = (database.clone(), Arc::clone(&over));
        tokio::spawn(async move {
            let (mut written, mut n) = (Vec::new(), hand);
            while !over.load(Ordering::Relaxed) {
                if insert(&database, n).await.is_ok() {
                    written.push(n);
                }
                n += 8;
            }
            written
        })
    });
    let writers: Vec<_> = writers.collect();
    for _ in 0..3 {
        let before = numbers(&database).await.len();
        while numbers(&database).await.len() < before + 50 {}
        server.restart_immediate().await.unwrap();
    }
    over.store(true, Ordering::Relaxed);
    let mut written = 0;
    for writer in writers {
        let there = numbers(&database).await;
        let wrote = writer.await.unwrap();
        let there: BTreeSet<i64> = there.into_iter().chain(numbers(&database).await).collect();
        assert!(wrote.iter().all(|n| there.contains(n)), "an acknowledged row is lost");
        written += wrote.len();
    }
    assert!(written >= 150);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_stays_away_is_reported_quickly_and_comes_back_by_itself() {
    let (server, _home, database) = own_server().await;
    insert(&database, 1).await.unwrap();
    server.stop().await.unwrap();
    let begun = Instant::now();
    assert!(matches!(insert(&database, 2).await, Err(SqlFault::Away(_))));
    let waited = begun.elapsed();
    assert!(waited < Duration::from_secs(6), "it waited {waited:?}");
    let begun = Instant::now();
    for _ in 0..20 {
        assert!(matches!(insert(&database, 2).await, Err(SqlFault::Away(_))));
    }
    assert!(begun.elapsed() < Duration::from_secs(4), "later ones hear it at once: {:?}", begun.elapsed());
    let read = database.all::<(i64,)>("SELECT n FROM number", []).await;
    assert!(matches!(read, Err(SqlFault::Away(_))), "{read:?}");
    server.start_again().await.unwrap();
    while insert(&database, 3).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(numbers(&database).await, BTreeSet::from([1, 3]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_commit_whose_answer_is_lost_counts_once_whatever_became_of_it() {
    let home = Home::new(Engine::Postgres).await;
    let proxy = Proxy::start(rig::postgres().await.port()).await;
    let database = open(&proxy.place(home.place())).await;
    let mut expected = 0;
    for cut in [Cut::BeforeTheServer, Cut::AfterTheServer, Cut::DeliverLate] {
        for _ in 0..3 {
            proxy.cut_the_next_commit(cut);
            count_on(&database).await.unwrap();
            expected += 1;
            assert!(proxy.has_cut(), "{cut:?}: the commit went through the proxy");
            assert_eq!(numbers(&database).await, (1..=expected).collect(), "{cut:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_of_several_processes_come_one_after_another() {
    let home = Home::new(Engine::Postgres).await;
    let processes = [open(home.place()).await, open(home.place()).await, open(home.place()).await];
    let over = AtomicBool::new(false);
    let watching = async {
        // The order of commits is the order of the outbox: a reader sees no id appear before
        // one that was seen.
        let mut latest = 0;
        while !over.load(Ordering::Relaxed) {
            let newer: (i64, i64) = processes[0]
                .one("SELECT COUNT(*), COALESCE(MAX(id), 0) FROM outbox WHERE id <= $1", args![latest])
                .await
                .unwrap();
            let all: Vec<(i64,)> = processes[0].all("SELECT id FROM outbox ORDER BY id", []).await.unwrap();
            let before = all.iter().filter(|(id,)| *id <= latest).count();
            assert_eq!(i64::try_from(before).unwrap(), newer.0, "an id came late");
            latest = all.last().map_or(latest, |(id,)| *id);
        }
    };
    let writing = async {
        let writes = (0..300).map(|n| async move { n });
        let writes = writes.map(|n| {
            let processes = &processes;
            async move {
                let database = &processes[n.await % 3];
                count_on(database).await.unwrap();
                send(database, "x").await;
            }
        });
        futures::future::join_all(writes).await;
        over.store(true, Ordering::Relaxed);
    };
    tokio::join!(watching, writing);
    assert_eq!(numbers(&processes[0]).await, (1..=300).collect(), "nobody counted from an old number");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_writer_that_stopped_in_its_transaction_holds_the_others_up_for_seconds_only() {
    let home = Home::new(Engine::Postgres).await;
    let database = open(home.place()).await;
    let DatabaseUrl::Server(options) = home.place() else { panic!("it is on a server") };
    let options = ours((**options).clone());
    let connection = <sqlx::PgConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
    let mut stopped = Link::new(options, connection).await.unwrap();
    stopped.begin().await.unwrap();
    let begun = Instant::now();
    count_on(&database).await.unwrap();
    assert!(begun.elapsed() > Duration::from_secs(3), "it had to wait");
    // The stopped one wakes: its transaction is gone, and it gets a fault.
    assert!(matches!(stopped.commit().await, Err(SqlFault::Away(_))));
    stopped.begin().await.unwrap();
    stopped.commit().await.unwrap();
}

fn message(payload: &str) -> Outgoing {
    Outgoing {
        topic: Topic::new(Lane::Shared, Action::TicketReserveRequest),
        partition: 1,
        key: "key".into(),
        payload: payload.to_owned().into(),
    }
}

async fn send(database: &Database, payload: &'static str) {
    database
        .write(payload, |payload, tx| Box::pin(async move { outbox::append(tx, &[message(payload)]).await }))
        .await
        .unwrap();
}

/// Keeps what it is given, under the name of the relay.
struct Log(&'static str, Arc<Mutex<Vec<(&'static str, String)>>>);

impl Publisher for Log {
    async fn publish(&self, messages: Vec<Outgoing>) -> Result<(), Fault> {
        let texts = messages.into_iter().map(|m| String::from_utf8(m.payload.to_vec()).unwrap());
        self.1.lock().unwrap().extend(texts.map(|text| (self.0, text)));
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_several_relays_one_works_and_another_takes_over() {
    let home = Home::new(Engine::Postgres).await;
    let log = Arc::default();
    let stop = CancellationToken::new();
    let start = |database: &Database, name: &'static str, stop: CancellationToken| {
        tokio::spawn(run_relay(database.clone(), Arc::new(Log(name, Arc::clone(&log))), stop))
    };
    let (one, two) = (open(home.place()).await, open(home.place()).await);
    let stop_one = CancellationToken::new();
    let first = start(&one, "one", stop_one.clone());
    let seen = async |count: usize| {
        while log.lock().unwrap().len() < count {
            tokio::task::yield_now().await;
        }
    };
    send(&one, "a").await;
    seen(1).await;
    let second = start(&two, "two", stop.clone());
    for (count, payload) in (2..).zip(["b", "c", "d"]) {
        // Written by the process whose relay waits, brought to the log by the other.
        send(&two, payload).await;
        seen(count).await;
    }
    stop_one.cancel();
    first.await.unwrap();
    send(&one, "e").await;
    seen(5).await;
    stop.cancel();
    second.await.unwrap();
    let written: Vec<String> = log.lock().unwrap().iter().map(|(by, text)| format!("{by} {text}")).collect();
    assert_eq!(written, ["one a", "one b", "one c", "one d", "two e"]);
}

#[tokio::test]
async fn a_holder_keeps_its_turn_for_as_long_as_it_works() {
    let home = Home::new(Engine::Postgres).await;
    let DatabaseUrl::Server(options) = home.place() else { panic!("it is on a server") };
    let silence = Duration::from_secs(1);
    let (mut one, mut two) = (Turn::silent_for(silence, options), Turn::silent_for(silence, options));
    assert!(one.hold().await.unwrap());
    let until = Instant::now() + 3 * silence;
    let others_ask = async {
        while Instant::now() < until {
            assert!(!two.hold().await.unwrap(), "the holder works");
        }
    };
    tokio::select! {
        never = one.keep() => match never {},
        () = others_ask => {}
    }
    assert!(one.hold().await.unwrap());
    // Silent, as it would be without `keep`, it loses the turn.
    while !two.hold().await.unwrap() {}
    assert!(one.hold().await.is_err());
}

#[tokio::test]
async fn a_database_whose_order_is_another_is_refused() {
    let server = rig::postgres().await;
    let statement = "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0";
    server.execute("postgres", statement).await.unwrap();
    let home = Home::on(server).await;
    let DatabaseUrl::Server(options) = home.place() else { panic!("it is on a server") };
    let latin = DatabaseUrl::Server(Box::new(options.clone().database("latin")));
    let refused = Database::open(latin, &[SHARED_MIGRATIONS]).await.err();
    assert!(matches!(refused, Some(OpenError::Unfit { .. })), "{refused:?}");
}

#[tokio::test]
async fn an_older_program_runs_on_what_a_newer_one_has_expanded() {
    let home = Home::new(Engine::Postgres).await;
    let newer = open(home.place()).await;
    let older = Database::open(home.place(), &[SHARED_MIGRATIONS]).await.unwrap();
    send(&older, "from the older").await;
    let (kept,): (i64,) = newer.one("SELECT COUNT(*) FROM outbox", []).await.unwrap();
    assert_eq!(kept, 1);
}
