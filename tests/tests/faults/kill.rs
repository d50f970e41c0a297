//! The program is killed in the middle of a rush, again and again, and started on the same data.
//!
//! What it must not cost: an acknowledged booking, a decision that was received, a payment that was
//! confirmed, a seat.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tests::api::{Api, list, number};
use tests::patience::{DEADLINE, within};
use tests::program::{Program, Start, audit, binary, judged};
use tests::rush::{Received, Rush, Until, seed};
use tests::shop::{self, Plan};

const PLAN: Plan = Plan { sections: 4, rows: 25, seats_per_row: 20 };
const BUYERS: usize = 8;
const ROUNDS: usize = 5;
/// Answered bookings after which a round ends; the kill comes at once, while all clients are still
/// busy.
const ANSWERED_PER_ROUND: usize = 150;
const ROUND: Duration = Duration::from_mins(1);
/// Of a crowd that pays in every way: seats taken after which a round ends, and the time to pay, so
/// that late money comes and goes back.
const TAKEN_PER_ROUND: i64 = 200;
const SHORT_WINDOW: [&str; 2] = ["--payment-window", "12s"];

async fn start(data: &Path, address: &str) -> Program {
    start_with(data, address, &[]).await
}

async fn start_with(data: &Path, address: &str, arguments: &[&str]) -> Program {
    let started = Instant::now();
    let program = Start::on(data).listen(address).with(arguments).start().await;
    let program = program.unwrap_or_else(|ended| panic!("it does not start again: {ended:?}"));
    println!("listening after {:?}", started.elapsed());
    program
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_costs_nobody_a_booking_or_a_seat() {
    let seed = seed();
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    // The same address after each start, so that the buyers find it again.
    let address = format!("127.0.0.1:{}", rig::free_port().unwrap());

    let mut program = start(&data, &address).await;
    let api = Api::new(program.address());
    let shop = Arc::new(shop::open(&api, PLAN, BUYERS).await);
    let rush = Rush::begin(&api, &shop, seed, Received::default());
    for round in 1..=ROUNDS {
        let enough = round * ANSWERED_PER_ROUND;
        rush.until(ROUND, "bookings to be answered", |rush| {
            let answered = rush.received().accepted.len();
            if answered >= enough { Ok(()) } else { Err(format!("{answered} of {enough}")) }
        })
        .await;
        program.kill().await;
        program = start(&data, &address).await;
    }
    let received = rush.end().await;
    received.holds(&api, &shop, Until::Decided, DEADLINE).await;
    println!("{}", received.summary());

    assert_eq!(program.terminate().await.code(), Some(0));
    let audit = audit(&data).await;
    if let Err(said) = judged(&audit) {
        panic!("the audit found something; data kept in {}\n{said}", folder.keep().display());
    }
    let said: Result<Value, _> = serde_json::from_slice(&audit.stdout);
    assert!(said.is_ok(), "the audit's answer is no JSON: {audit:?}");
}

/// As an operator does it: `rush --mix real`, kills, `audit`. The rush itself counts each
/// unexpected answer as an error.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_costs_a_mixed_crowd_nothing() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let address = format!("127.0.0.1:{}", rig::free_port().unwrap());
    let mut program = start_with(&data, &address, &SHORT_WINDOW).await;
    let api = Api::new(program.address());
    let rush = tokio::process::Command::new(binary())
        .args([
            "rush",
            "--url",
            &format!("http://{address}"),
            "--mix",
            "real",
            "--through-restarts",
            "--json",
        ])
        .args(["--buyers", "16", "--in-flight", "2", "--time-limit", "20"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let shown = &api;
    for round in 1..=3 {
        let enough = round * TAKEN_PER_ROUND;
        within(ROUND, "seats to be taken", || async move {
            let taken = taken(shown).await;
            if taken >= enough { Ok(()) } else { Err(format!("{taken} of {enough}")) }
        })
        .await;
        program.kill().await;
        program = start_with(&data, &address, &SHORT_WINDOW).await;
    }
    let rushed = rush.wait_with_output().await.unwrap();
    if let Err(said) = judged(&rushed) {
        panic!("the rush was not clean; data kept in {}\n{said}", folder.keep().display());
    }
    assert_eq!(program.terminate().await.code(), Some(0));
    if let Err(said) = judged(&audit(&data).await) {
        panic!("the audit found something; data kept in {}\n{said}", folder.keep().display());
    }
}

/// Seats of the events on sale that somebody holds or has bought.
async fn taken(api: &Api) -> i64 {
    let events = api.get("/v1/events?limit=100").send().await.expect(200);
    list(&events, "/data").iter().map(|event| number(event, "/reserved") + number(event, "/sold")).sum()
}
