//! One process, everything embedded: it dies at a point, starts again on its data, stops, and is
//! audited.

use std::{path::Path, sync::Arc, time::Instant};

use adapters::failpoint::Point;
use tempfile::TempDir;
use tests::{
    api::Api,
    patience::{DEADLINE, eventually},
    program::{Program, Start, audit, judged},
    rush::{Received, Rng, Rush, Until},
    shop,
};

use crate::{BUYERS, PLAN, SHORT_WINDOW, Trap};

/// Points of code that runs only on Kafka.
const ELSEWHERE: &str = "kafka.";

pub(crate) async fn sweep(program: &Path, wanted: &[Point], seed: u64) -> anyhow::Result<usize> {
    let points: Vec<_> = wanted.iter().filter(|point| !point.name().starts_with(ELSEWHERE)).collect();
    let folder = TempDir::new()?;
    let data = folder.path().join("data");
    // The same address after each start, so that the buyers find it again.
    let address = format!("127.0.0.1:{}", rig::free_port()?);
    let start = Start::on(&data).program(program).listen(&address);

    let first = started(&start).await;
    let api = Api::new(first.address());
    let shop = Arc::new(shop::open(&api, PLAN, BUYERS).await);
    stopped(first).await;

    let (mut received, mut rng) = (Received::default(), Rng::new(seed));
    for (n, &&point) in points.iter().enumerate() {
        let (began, trap) = (Instant::now(), Trap::at(point, &mut rng));
        let rush = Rush::begin(&api, &shop, seed.wrapping_add(n as u64), received);
        dies(&start, trap).await;
        let program = started(&start).await;
        received = rush.end().await;
        received.holds(&api, &shop, Until::Decided, DEADLINE).await;
        // As soon as nothing is on its way any more; a booking may expire just now.
        eventually("a clean audit", || async { judged(&audit(&data).await) }).await;
        stopped(program).await;
        println!("one process, visit {} of {}: {:.1?}", trap.visit, point.name(), began.elapsed());
    }
    println!("{}", received.summary());
    Ok(points.len())
}

/// Starts it with the trap and waits until it has died of it, perhaps before it listened.
async fn dies(start: &Start, trap: Trap) {
    let mut start = start.clone().set("FAILPOINT", &trap.variable());
    if trap.needs_short_window() {
        start = start.with(&["--payment-window", SHORT_WINDOW]);
    }
    let ended = match start.start().await {
        Ok(program) => program.ends().await,
        Err(ended) => ended,
    };
    trap.was_sprung(ended.signal, &ended.stderr);
}

async fn started(start: &Start) -> Program {
    start.start().await.unwrap_or_else(|ended| panic!("it does not start: {ended:?}"))
}

async fn stopped(program: Program) {
    assert_eq!(program.terminate().await.code(), Some(0));
}

/// With its most visited point armed at the first visit, the program that is shipped does all its
/// work.
pub(crate) async fn the_shipped_program_has_none() -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let trap = Trap { point: Point::SqlBegun, visit: 1 };
    let start = Start::on(&folder.path().join("data")).set("FAILPOINT", &trap.variable());
    let program = started(&start).await;
    // Accounts, an event: each is a transaction.
    shop::open(&Api::new(program.address()), PLAN, 1).await;
    stopped(program).await;
    Ok(())
}
