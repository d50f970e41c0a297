//! The faults, one after another, and how long each silenced the sale.

use std::time::{Duration, Instant};

use rig::{Cluster, Server};
use tests::{api::Api, patience::within, rush::Rush};

use crate::CONVERGED;

/// Goals: a killed seat server's partitions continue elsewhere, and a planned stop is shorter.
const TAKEN_OVER: Duration = Duration::from_secs(7);
const HANDED_OVER: Duration = Duration::from_secs(3);
const BROKER_AWAY: Duration = Duration::from_secs(30);
/// Partitions of each seat server when both are there.
const HALF: usize = 5;

pub(crate) async fn all(cluster: &Cluster, rush: &Rush, rounds: usize) -> anyhow::Result<()> {
    owned(cluster, [HALF, HALF]).await;
    rush.going(CONVERGED).await;
    seat_servers(cluster, rush, rounds).await?;
    redis(cluster, rush).await?;
    postgres(cluster, rush).await?;
    processes(cluster, rush).await?;
    broker(cluster, rush).await
}

/// Each seat server is killed, and is stopped as planned; its partitions continue at the other, and
/// come back.
async fn seat_servers(cluster: &Cluster, rush: &Rush, rounds: usize) -> anyhow::Result<()> {
    let (mut killed, mut stopped, mut returned) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        for (server, alone) in cluster.seats().into_iter().zip([[0, 2 * HALF], [2 * HALF, 0]]) {
            let at = Instant::now();
            server.kill();
            owned(cluster, alone).await;
            rush.going(CONVERGED).await;
            killed.extend(rush.longest_silences(at).into_iter().take(HALF));
            returned.extend(comes_back(cluster, rush, server).await?);
            let at = Instant::now();
            server.stop().await?;
            owned(cluster, alone).await;
            rush.going(CONVERGED).await;
            stopped.extend(rush.longest_silences(at).into_iter().take(HALF));
            returned.extend(comes_back(cluster, rush, server).await?);
        }
    }
    figure("a seat server killed: its partitions go on", &mut killed, TAKEN_OVER);
    figure("a planned stop", &mut stopped, HANDED_OVER);
    figure("a return", &mut returned, TAKEN_OVER);
    Ok(())
}

/// Starts the server and waits until it owns its half. Answers how long each section was silent.
async fn comes_back(cluster: &Cluster, rush: &Rush, server: &Server) -> anyhow::Result<Vec<Duration>> {
    let at = Instant::now();
    server.start_again().await?;
    owned(cluster, [HALF, HALF]).await;
    rush.going(CONVERGED).await;
    Ok(rush.longest_silences(at).into_iter().take(HALF).collect())
}

/// Everything flushed, then away for a while: expiry continues, from SQL.
async fn redis(cluster: &Cluster, rush: &Rush) -> anyhow::Result<()> {
    let at = Instant::now();
    cluster.redis().flush().await?;
    rush.going(CONVERGED).await;
    cluster.redis().kill();
    rush.going(CONVERGED).await;
    cluster.redis().start_again().await?;
    rush.going(CONVERGED).await;
    report("Redis flushed, killed, started", rush, at);
    Ok(())
}

/// Recovers from a crash, and then is away until a buyer has been turned away.
async fn postgres(cluster: &Cluster, rush: &Rush) -> anyhow::Result<()> {
    let at = Instant::now();
    cluster.postgres().restart_immediate().await?;
    rush.going(CONVERGED).await;
    report("PostgreSQL restarted at once", rush, at);

    let (at, before) = (Instant::now(), rush.received().turned_away);
    cluster.postgres().kill();
    rush.until(CONVERGED, "a buyer to get 503 with Retry-After", |rush| {
        if rush.received().turned_away > before { Ok(()) } else { Err("nobody was".to_owned()) }
    })
    .await;
    cluster.postgres().start_again().await?;
    rush.going(CONVERGED).await;
    report("PostgreSQL killed until somebody noticed", rush, at);
    Ok(())
}

/// The processes of the SQL services are killed and started again.
async fn processes(cluster: &Cluster, rush: &Rush) -> anyhow::Result<()> {
    for server in [cluster.booking(), cluster.event_ticketing()] {
        let at = Instant::now();
        server.kill();
        server.start_again().await?;
        rush.going(CONVERGED).await;
        report("booking, event-ticketing killed and started", rush, at);
    }
    Ok(())
}

/// The only broker is gone for half a minute.
async fn broker(cluster: &Cluster, rush: &Rush) -> anyhow::Result<()> {
    let (at, before) = (Instant::now(), rush.received().accepted.len());
    cluster.kafka().kill();
    tokio::time::sleep(BROKER_AWAY).await;
    rush.assert_at_work();
    let accepted = rush.received().accepted.len() - before;
    cluster.kafka().start_again().await?;
    let back = Instant::now();
    owned(cluster, [HALF, HALF]).await;
    rush.going(CONVERGED).await;
    report("the broker away for half a minute", rush, at);
    println!(
        "  {accepted} bookings were accepted meanwhile; every section went on {:.1?} after its return",
        back.elapsed()
    );
    Ok(())
}

/// Waits until the seat servers own so many partitions; who is not there owns none.
async fn owned(cluster: &Cluster, wanted: [usize; 2]) {
    within(CONVERGED, "the partitions to be owned", || async {
        let [one, other] = cluster.seats();
        let owned = [partitions_of(one).await, partitions_of(other).await];
        if owned == wanted { Ok(()) } else { Err(format!("{owned:?} instead of {wanted:?}")) }
    })
    .await;
}

/// Partitions that a seat server says it owns.
async fn partitions_of(server: &Server) -> usize {
    let Ok(answer) = Api::new(&server.url()).get("/metrics").try_send().await else { return 0 };
    let owned = answer.text.lines().find_map(|line| line.strip_prefix("seat_partitions_owned "));
    owned.map_or(0, |owned| owned.parse().unwrap())
}

fn report(what: &str, rush: &Rush, since: Instant) {
    let silences = rush.longest_silences(since);
    println!("{what}: no section was silent for longer than {:.1?}", silences[0]);
}

/// Prints what was measured and holds it against the goal.
fn figure(what: &str, silences: &mut [Duration], goal: Duration) {
    silences.sort_unstable();
    let p99 = silences[(silences.len() * 99).div_ceil(100) - 1];
    let half = silences[silences.len() / 2];
    println!("{what}: p50 {half:.1?}, p99 {p99:.1?} of {} partitions (goal {goal:?})", silences.len());
    assert!(p99 <= goal, "{what} took too long: {silences:?}");
}
