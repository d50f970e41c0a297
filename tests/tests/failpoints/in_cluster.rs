//! The whole cluster: the process that a point belongs to dies there while the others continue, and
//! starts again.

use std::{
    os::unix::process::ExitStatusExt as _,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use adapters::failpoint::Point;
use rig::{Cluster, ClusterOptions, Server};
use serde_json::json;
use tests::{
    api::{Api, list, string},
    patience::{eventually, within},
    program::{audit_with, judged},
    rush::{Received, Rng, Rush, Until},
    shop::{self, Shop},
};

use crate::{BUYERS, PLAN, SHORT_WINDOW, Trap};

/// From a start until the process has died, and from a return until everything agrees.
const PATIENCE: Duration = Duration::from_secs(40);
/// Between two events that are put on sale.
const AGAIN: Duration = Duration::from_millis(200);

pub(crate) async fn sweep(program: &Path, wanted: &[Point], seed: u64) -> anyhow::Result<usize> {
    let rounds: Vec<_> =
        wanted.iter().flat_map(|&point| roles(point).iter().map(move |&role| (point, role))).collect();
    if rounds.is_empty() {
        return Ok(0);
    }
    let options = ClusterOptions {
        program: program.to_path_buf(),
        data: None,
        ports: None,
        demo: false,
        long_lived: false,
        settings: Vec::new(),
    };
    let cluster = Cluster::start(&options).await?;
    let api = Api::new(&cluster.url());
    let shop = Arc::new(shop::open(&api, PLAN, BUYERS).await);
    let (mut received, mut rng, mut events) = (Received::default(), Rng::new(seed), 1);
    for (n, &(point, role)) in rounds.iter().enumerate() {
        let (began, trap) = (Instant::now(), Trap::at(point, &mut rng));
        let server = role.server(&cluster, n);
        let rush = Rush::begin(&api, &shop, seed.wrapping_add(n as u64), received);
        server.stop().await?;
        if role == Role::SeatReservation {
            // The other one decides what this one then has to catch up with.
            rush.going(PATIENCE).await;
        }
        dies(server, trap, &api, &shop).await?;
        server.start_again().await?;
        cluster.haproxy().ready().await?;
        received = rush.end().await;
        received.holds(&api, &shop, Until::Decided, PATIENCE).await;
        if is_of_a_lane(point) {
            let on_sale = all_can_be_booked(&api, &shop).await;
            assert!(on_sale > events, "the event is gone whose lane was being made");
            events = on_sale;
        }
        audits(&cluster).await;
        println!("cluster, {role:?}, visit {} of {}: {:.1?}", trap.visit, point.name(), began.elapsed());
    }
    cluster.stop_product().await?;
    audits(&cluster).await;
    println!("{}", received.summary());
    cluster.stop().await?;
    Ok(rounds.len())
}

/// Which process it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Booking,
    SeatReservation,
    EventTicketing,
}

impl Role {
    fn server(self, cluster: &Cluster, n: usize) -> &Server {
        match self {
            Self::Booking => cluster.booking(),
            Self::SeatReservation => cluster.seats()[n % 2],
            Self::EventTicketing => cluster.event_ticketing(),
        }
    }
}

/// The processes that visit a point of this name; none when no process of a cluster does.
fn roles(point: Point) -> &'static [Role] {
    match point {
        _ if is_of_a_lane(point) => &[Role::EventTicketing],
        _ => match point.name().split('.').next() {
            Some("local") => &[],
            Some("kafka") => &[Role::SeatReservation],
            Some("booking") => &[Role::Booking],
            Some("tickets") => &[Role::EventTicketing],
            _ => &[Role::Booking, Role::EventTicketing],
        },
    }
}

/// Starts it with the trap and waits until it has died of it. What a new lane passes is visited
/// only when an event needs one.
async fn dies(server: &Server, trap: Trap, api: &Api, shop: &Shop) -> anyhow::Result<()> {
    let armed = trap.variable();
    let mut variables = vec![("FAILPOINT", armed.as_str())];
    if trap.needs_short_window() {
        variables.push(("TICKETING_PAYMENT_WINDOW", SHORT_WINDOW));
    }
    server.start_with(&variables)?;
    let (status, said) = if is_of_a_lane(trap.point) {
        tokio::select! {
            ended = server.ends(PATIENCE) => ended?,
            () = announce(api, shop) => unreachable!("events are announced for ever"),
        }
    } else {
        server.ends(PATIENCE).await?
    };
    trap.was_sprung(status.signal(), &said);
    Ok(())
}

fn is_of_a_lane(point: Point) -> bool {
    matches!(point, Point::KafkaLaneMade | Point::KafkaLaneAnnounced)
}

/// Puts events on sale that get lanes of their own, one after another, whatever is answered.
async fn announce(api: &Api, shop: &Shop) {
    loop {
        drop(shop::announce(api, &shop.seller, PLAN).await);
        tokio::time::sleep(AGAIN).await;
    }
}

/// Every event that was put on sale can be booked. Answers how many there are.
async fn all_can_be_booked(api: &Api, shop: &Shop) -> usize {
    let events = api.get("/v1/events?limit=100").send().await.expect(200);
    let events: Vec<String> = list(&events, "/data").iter().map(|event| string(event, "/id")).collect();
    let buyer = Some(shop.buyers[0].as_str());
    for event in events.iter().filter(|event| **event != shop.event) {
        eventually("a seat of the new event", || async {
            let wish = json!({"event_id": event, "section": "A", "mode": "best_available", "quantity": 1});
            let key = format!("first-of-{event}");
            let call = api.post("/v1/bookings", &wish).header("idempotency-key", &key).token(buyer);
            let answer = call.send().await;
            let is = answer.body["status"].as_str().unwrap_or(&answer.text).to_owned();
            if is == "pending_payment" { Ok(()) } else { Err(is) }
        })
        .await;
    }
    events.len()
}

/// The audit is clean as soon as nothing is on its way any more.
async fn audits(cluster: &Cluster) {
    for server in cluster.seats() {
        within(PATIENCE, "a clean audit", || async {
            judged(&audit_with(server.folder(), cluster.settings()).await)
        })
        .await;
    }
}
