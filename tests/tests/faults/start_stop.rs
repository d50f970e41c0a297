//! A program that cannot start says why in one clear line and ends with the exit code of that
//! reason; one that is asked to stop finishes what it has begun.

use std::net::TcpListener;
use std::process::Stdio;

use futures::future::join_all;
use serde_json::json;
use tempfile::TempDir;
use tests::api::{Api, string};
use tests::program::{Ended, Start, audit};

use tests::shop::{self, Plan};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::sync::mpsc;

/// Requests that have their answer when SIGTERM comes.
const FEW: usize = 20;

/// The one line on stderr that says it all; a panic or a stack trace is none.
fn assert_clear(refused: &Ended, code: i32, words: &[&str]) {
    assert_eq!(refused.code, Some(code), "{refused:?}");
    assert!(!refused.stderr.contains("panicked"), "{}", refused.stderr);
    let clear = refused
        .stderr
        .lines()
        .any(|line| words.iter().all(|word| line.to_lowercase().contains(&word.to_lowercase())));
    assert!(clear, "no line of stderr says {words:?}:\n{}", refused.stderr);
}

#[tokio::test]
async fn two_programs_do_not_share_a_data_folder() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let first = Start::on(&data).start().await.unwrap();

    let refused = Start::on(&data).start().await.expect_err("the data folder is in use");
    assert_clear(&refused, 3, &["in use", &data.display().to_string()]);

    // The first one has not been hurt.
    Api::new(first.address()).get("/readyz").send().await.expect(200);
    assert_eq!(first.terminate().await.code(), Some(0));
    let second = Start::on(&data).start().await.expect("the folder is free again");
    assert_eq!(second.terminate().await.code(), Some(0));
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let folder = TempDir::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let refused =
        Start::on(&folder.path().join("data")).listen(&address).start().await.expect_err("the port is taken");
    assert_clear(&refused, 4, &["in use", &address]);
}

#[tokio::test]
async fn a_name_to_listen_on_is_resolved() {
    let folder = TempDir::new().unwrap();
    let start = Start::on(&folder.path().join("data"));
    let program = start.clone().listen("localhost:0").start().await.expect("localhost has an address");
    assert!(program.address().starts_with("http://127.0.0.1:"), "{}", program.address());
    Api::new(program.address()).get("/readyz").send().await.expect(200);
    assert_eq!(program.terminate().await.code(), Some(0));

    let refused = start.listen("no-such-host.invalid:0").start().await.expect_err("nobody has that name");
    assert_clear(&refused, 2, &["cannot resolve", "no-such-host.invalid:0"]);
}

#[tokio::test]
async fn an_audit_of_no_folder_says_so_and_makes_nothing() {
    let folder = TempDir::new().unwrap();
    let typo = folder.path().join("typo");
    let said = Ended::from(audit(&typo).await);
    assert_clear(&said, 2, &["there is no data folder", &typo.display().to_string()]);
    assert!(!typo.exists());

    let said = Ended::from(audit(folder.path()).await);
    assert_clear(&said, 2, &["is no data folder", &folder.path().display().to_string()]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_password_is_never_repeated() {
    let folder = TempDir::new().unwrap();
    let start = Start::on(&folder.path().join("data"));
    let file = folder.path().join("ticketing.toml");
    std::fs::write(&file, "database_booking = \"postgres://u:hunter2@\"\n").unwrap();
    let file = file.display().to_string();
    for (wrong, named) in [
        (&["--database-booking", "mysql//u:hunter2@h"][..], "--database-booking"),
        (&["--databse-booking=postgres://u:hunter2@h/d"], "--databse-booking"),
        (&["postgres://u:hunter2@h/d"], "postgres://u:***@h/d"),
        (&["--config", &file], "ticketing.toml"),
    ] {
        let refused = start.clone().with(wrong).start().await.expect_err("that is no argument");
        assert_clear(&refused, 2, &[named]);
        assert!(!refused.stderr.contains("hunter2"), "{}", refused.stderr);
    }
}

#[tokio::test]
async fn a_wrong_argument_is_a_matter_of_usage() {
    let folder = TempDir::new().unwrap();
    for wrong in [&["--payment-window", "soon"], &["--no-such-option", "1"]] {
        let refused = Start::on(&folder.path().join("data"))
            .with(wrong)
            .start()
            .await
            .expect_err("that is no argument");
        assert_clear(&refused, 2, &[wrong[0]]);
    }
}

/// SIGTERM comes when a few of many requests have their answer. Every answer that was given holds.
/// A request without one ends with a closed connection or a 503, never with a 500.
#[tokio::test(flavor = "multi_thread")]
async fn sigterm_finishes_what_has_begun() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let plan = Plan { sections: 2, rows: 20, seats_per_row: 20 };
    let program = Start::on(&data).start().await.unwrap();
    let api = Api::new(program.address());
    let shop = shop::open(&api, plan, 4).await;

    let (answered, mut answers) = mpsc::unbounded_channel();
    let calls = (0..200_usize).map(|n| {
        let (api, shop, answered) = (api.clone(), shop.clone(), answered.clone());
        tokio::spawn(async move {
            let body =
                json!({"event_id": shop.event, "section": "A", "mode": "best_available", "quantity": 1});
            let answer = shop::book(&api, &shop.buyers[n % 4], &format!("key-{n}"), &body).await;
            answered.send(()).unwrap();
            answer
        })
    });
    let calls: Vec<_> = calls.collect();
    for _ in 0..FEW {
        answers.recv().await.unwrap();
    }
    let status = program.terminate().await;
    assert_eq!(status.code(), Some(0), "{status}");

    let mut accepted = Vec::new();
    for (n, answer) in join_all(calls).await.into_iter().enumerate() {
        if let Ok(answer) = answer.unwrap() {
            match answer.status {
                200 => accepted.push((n % 4, answer.string("/id"))),
                503 => {}
                _ => panic!("{} {}", answer.status, answer.text),
            }
        }
    }

    assert!(accepted.len() >= FEW, "{} of 200", accepted.len());

    let program = Start::on(&data).start().await.unwrap();
    let api = Api::new(program.address());
    for (buyer, id) in &accepted {
        let path = format!("/v1/bookings/{id}?wait=10");
        let booking = api.get(&path).token(Some(&shop.buyers[*buyer])).send().await.expect(200);
        assert_eq!(string(&booking, "/status"), "pending_payment", "{booking}");
    }
    assert_eq!(program.terminate().await.code(), Some(0));
    let audit = audit(&data).await;
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
}

/// Alone it would wait until what nobody pays comes back, which takes a quarter of an hour.
#[tokio::test(flavor = "multi_thread")]
async fn a_rush_that_is_interrupted_prints_its_table() {
    let folder = TempDir::new().unwrap();
    let program = Start::on(&folder.path().join("data")).start().await.unwrap();
    let api = Api::new(program.address());
    let shop = shop::open(&api, Plan { sections: 2, rows: 20, seats_per_row: 20 }, 1).await;
    let mut rush = Command::new(tests::program::binary())
        .args(["rush", "--url", program.address(), "--event", &shop.event, "--buyers", "5"])
        .args(["--pay", "50", "--until-sold", "--time-limit", "300"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut said = BufReader::new(rush.stderr.take().unwrap()).lines();
    while !said.next_line().await.unwrap().expect("it ended early").starts_with("streams: ") {}
    tokio::spawn(async move { while let Ok(Some(_)) = said.next_line().await {} });
    let id = rush.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-s", "INT", &id]).status().await.unwrap().success());

    let ended = rush.wait_with_output().await.unwrap();
    let table = String::from_utf8_lossy(&ended.stdout);
    assert!(table.contains("interrupted") && table.contains("bookings offered"), "{ended:?}");
    assert_eq!(ended.status.code(), Some(130), "{table}");
    assert_eq!(program.terminate().await.code(), Some(0));
}

/// A program that links RocksDB's shared library finds it beside itself, in any folder and without
/// any environment variable; a program that has RocksDB within it needs no neighbour.
#[test]
fn the_program_finds_its_library_beside_itself() {
    let built = tests::program::binary();
    let folder = TempDir::new().unwrap();
    let program = folder.path().join("ticketing");
    std::fs::copy(&built, &program).unwrap();
    let version = || {
        let run = std::process::Command::new(&program).arg("--version").env_clear().output().unwrap();
        (run.status.success(), String::from_utf8_lossy(&run.stderr).into_owned())
    };
    let library = built.with_file_name("librocksdb.so");
    let (alone, complaint) = version();
    if library.exists() && !alone {
        assert!(complaint.contains("librocksdb.so"), "{complaint}");
        std::fs::copy(&library, folder.path().join("librocksdb.so")).unwrap();
    }
    assert_eq!(version(), (true, String::new()));
}
