//! The program is killed in the middle of a rush, again and again, and started on the same data.
//!
//! What it must not cost: a booking that was answered, a decision that was told, a payment that was confirmed, a seat.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tests::api::Api;
use tests::patience::DEADLINE;
use tests::program::{Program, Start, audit, judged};
use tests::rush::{Rush, Told, Until, seed};
use tests::shop::{self, Plan};

const PLAN: Plan = Plan { sections: 4, rows: 25, seats_per_row: 20 };
const BUYERS: usize = 8;
const ROUNDS: usize = 5;
/// Answered bookings after which a round ends; the kill comes at once, while all clients are still busy.
const ANSWERED_PER_ROUND: usize = 150;
const ROUND: Duration = Duration::from_mins(1);

async fn start(data: &Path, address: &str) -> Program {
    let started = Instant::now();
    let program = Start::on(data).listen(address).start().await;
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
    let rush = Rush::begin(&api, &shop, seed, Told::default());
    for round in 1..=ROUNDS {
        let enough = round * ANSWERED_PER_ROUND;
        rush.until(ROUND, "bookings to be answered", |rush| {
            let answered = rush.told().accepted.len();
            if answered >= enough { Ok(()) } else { Err(format!("{answered} of {enough}")) }
        })
        .await;
        program.kill().await;
        program = start(&data, &address).await;
    }
    let told = rush.end().await;
    told.holds(&api, &shop, Until::Decided, DEADLINE).await;
    println!("{}", told.summary());

    assert_eq!(program.terminate().await.code(), Some(0));
    let audit = audit(&data).await;
    if let Err(said) = judged(&audit) {
        panic!("the audit found something; data kept in {}\n{said}", folder.keep().display());
    }
    let said: Result<Value, _> = serde_json::from_slice(&audit.stdout);
    assert!(said.is_ok(), "the audit's answer is no JSON: {audit:?}");
}
