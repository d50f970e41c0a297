//! The rig keeps its word: servers answer, keep their data over a kill, and die with their owner.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use rig::{
    Folder, HaProxy, HaProxyOptions, Kafka, KafkaOptions, Postgres, PostgresOptions, Redis, RedisOptions,
};

/// Set for a copy of this test binary that is to be killed: the file in which it names its servers.
const VICTIM: &str = "TICKETING_RIG_VICTIM";

#[tokio::test]
async fn kafka_goes_on_with_its_data_after_a_kill() {
    let folder = Folder::temporary().unwrap();
    let options = KafkaOptions { data: Some(folder.path().join("kafka")), ..KafkaOptions::default() };
    let kafka = Kafka::start(&options).await.unwrap();
    let address = kafka.address();
    let identity = || fs::read_to_string(folder.path().join("kafka/data/meta.properties")).unwrap();
    let before = identity();
    kafka.kill();
    assert_eq!(kafka.id(), None);
    kafka.start_again().await.unwrap();
    assert_eq!(kafka.address(), address);
    assert_eq!(identity(), before);
    kafka.stop().await.unwrap();
}

#[tokio::test]
async fn postgres_keeps_its_commits_over_an_immediate_restart_and_a_kill() {
    let postgres = Postgres::start(&PostgresOptions::default()).await.unwrap();
    let url = postgres.create_database("shop", "shopkeeper").await.unwrap();
    assert_eq!(url, format!("postgres://shopkeeper:rig@127.0.0.1:{}/shop", postgres.port()));
    postgres
        .execute("shop", "CREATE TABLE goods (name TEXT); INSERT INTO goods VALUES ('tea')")
        .await
        .unwrap();
    postgres.restart_immediate().await.unwrap();
    assert_eq!(postgres.execute("shop", "SELECT name FROM goods").await.unwrap(), "tea");
    postgres.kill();
    postgres.start_again().await.unwrap();
    assert_eq!(postgres.execute("shop", "SELECT name FROM goods").await.unwrap(), "tea");
    let refused = postgres.execute("shop", "SELECT nothing").await.unwrap_err();
    assert!(refused.to_string().contains("nothing"), "{refused}");
}

#[tokio::test]
async fn redis_freezes_and_forgets() {
    let redis = Redis::start(&RedisOptions::default()).await.unwrap();
    redis.flush().await.unwrap();
    redis.pause().unwrap();
    assert!(redis.flush().await.is_err(), "a frozen server does not answer");
    redis.resume().unwrap();
    redis.flush().await.unwrap();
    redis.kill();
    redis.start_again().await.unwrap();
    redis.flush().await.unwrap();
}

#[tokio::test]
async fn haproxy_answers_for_servers_that_are_away() {
    let port = rig::free_port().unwrap();
    let configuration = format!(
        "defaults\n  mode http\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\nfrontend all\n  bind 127.0.0.1:{port}\n"
    );
    let options = HaProxyOptions { data: None, configuration, environment: Vec::new(), port };
    let haproxy = HaProxy::start(&options).await.unwrap();
    haproxy.kill();
    haproxy.start_again().await.unwrap();
    haproxy.stop().await.unwrap();
}

#[tokio::test]
async fn what_does_not_start_says_why() {
    let options = HaProxyOptions {
        data: None,
        configuration: "nonsense\n".to_owned(),
        environment: Vec::new(),
        port: rig::free_port().unwrap(),
    };
    let got = format!("{:#}", HaProxy::start(&options).await.unwrap_err());
    assert!(got.contains("nonsense"), "{got}");
}

/// The servers of a killed process: a copy of this test binary starts them, names them, and is
/// killed.
#[tokio::test]
async fn servers_die_with_a_killed_owner() {
    let folder = Folder::temporary().unwrap();
    let names = folder.path().join("servers");
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "victim", "--ignored"])
        .env(VICTIM, &names)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let servers = wait(Duration::from_mins(1), "the victim's servers", || {
        let servers: Vec<u32> =
            fs::read_to_string(&names).ok()?.split_whitespace().map(|id| id.parse().unwrap()).collect();
        (servers.len() == 2).then_some(servers)
    });
    victim.kill().unwrap();
    victim.wait().unwrap();
    for server in servers {
        wait(Duration::from_secs(20), "the end of a server", || is_gone(server).then_some(()));
    }
}

#[tokio::test]
#[ignore = "lives until it is killed: a part of servers_die_with_a_killed_owner"]
async fn victim() {
    let names = std::env::var_os(VICTIM).unwrap();
    let (postgres, redis) = tokio::join!(rig::postgres(), rig::redis());
    let written = format!("{} {}", postgres.id().unwrap(), redis.id().unwrap());
    let draft = std::path::Path::new(&names).with_extension("draft");
    fs::write(&draft, written).unwrap();
    fs::rename(draft, names).unwrap();
    std::future::pending::<()>().await;
}

/// No process of that number, or only what is left of it until somebody asks how it ended.
fn is_gone(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"));
    stat.map_or(true, |stat| stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')))
}

fn wait<T>(deadline: Duration, what: &str, look: impl Fn() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < deadline, "waited {deadline:?} for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
