//! The program is killed in the middle of a rush, again and again, and started on the same data.
//!
//! What it must not cost: a booking that was answered, a decision that was told, a payment that was confirmed, a seat.
//! The seed of the run is printed; `TICKETING_SEED` repeats its choices (not the machine's timing).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use futures::future::join_all;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::api::{Api, list, string};
use tests::patience::eventually;
use tests::program::{Program, Start, audit};
use tokio::sync::Semaphore;

use tests::shop::{self, Plan, Shop};

const PLAN: Plan = Plan { sections: 4, rows: 25, seats_per_row: 20 };
const BUYERS: usize = 8;
const ROUNDS: usize = 5;
/// Answered bookings after which a round ends; the kill comes at once, while all clients are still busy.
const ANSWERED_PER_ROUND: u32 = 150;

/// What the buyers were told, which is what must hold.
#[derive(Debug, Default)]
struct Told {
    /// Every booking that was answered with 200, with its buyer.
    accepted: BTreeMap<String, usize>,
    /// The seats a buyer was told the booking holds.
    decided: BTreeMap<String, Value>,
    /// Bookings whose payment was confirmed.
    paid: Vec<String>,
    /// Bookings whose cancellation was confirmed.
    cancelled: Vec<String>,
    /// Requests that got no answer: they may have been taken or not, but never twice.
    unanswered: Vec<(usize, String, Value)>,
}

/// A small generator (splitmix64): the same seed makes the same requests.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}

/// 80 % best available, 20 % chosen seats that others choose too.
fn wish(chance: &mut Chance, event: &str) -> Value {
    let section = PLAN.names()[usize::try_from(chance.below(u64::from(PLAN.sections))).unwrap()].clone();
    let quantity = 1 + chance.below(4);
    if chance.below(5) > 0 {
        return json!({"event_id": event, "section": section, "mode": "best_available", "quantity": quantity});
    }
    let (row, first) =
        (1 + chance.below(u64::from(PLAN.rows)), 1 + chance.below(u64::from(PLAN.seats_per_row) - 3));
    let seats: Vec<String> =
        (first..first + quantity).map(|seat| format!("{section}-1-{row}-{seat}")).collect();
    json!({"event_id": event, "section": section, "subsection": 1, "mode": "manual", "seats": seats})
}

/// One buyer, who books and pays until the program is gone.
async fn rush(
    api: Api,
    shop: Arc<Shop>,
    buyer: usize,
    mut chance: Chance,
    told: Arc<Mutex<Told>>,
    answered: Arc<Semaphore>,
) {
    let token = shop.buyers[buyer].as_str();
    for n in 0.. {
        let body = wish(&mut chance, &shop.event);
        let key = format!("{buyer}-{n}-{}", chance.below(u64::MAX));
        let Ok(answer) = shop::book(&api, token, &key, &body).await else {
            told.lock().unwrap().unanswered.push((buyer, key, body));
            return;
        };
        let id = string(&answer.expect(200), "/id");
        told.lock().unwrap().accepted.insert(id.clone(), buyer);
        answered.add_permits(1);
        if chance.below(2) == 0 {
            continue;
        }
        let waiting = api.get(&format!("/v1/bookings/{id}?wait=10")).token(Some(token));
        let Ok(answer) = waiting.try_send().await else { return };
        let booking = answer.expect(200);
        if string(&booking, "/status") == "processing" {
            continue;
        }
        told.lock().unwrap().decided.insert(id.clone(), booking["seats"].clone());
        if string(&booking, "/status") != "pending_payment" {
            continue;
        }
        let ending = if chance.below(4) == 0 {
            api.call(reqwest::Method::POST, &format!("/v1/bookings/{id}/cancel"))
        } else {
            let pay =
                api.post(&format!("/v1/bookings/{id}/pay"), &json!({"payment_method": "sandbox_success"}));
            pay.header("idempotency-key", &format!("pay-{id}"))
        };
        let Ok(answer) = ending.token(Some(token)).try_send().await else { return };
        let booking = answer.expect(200);
        let mut told = told.lock().unwrap();
        match string(&booking, "/status").as_str() {
            "paid" => told.paid.push(id),
            "cancelled" => told.cancelled.push(id),
            status => panic!("neither paid nor cancelled but {status}: {booking}"),
        }
    }
}

/// One round: everybody books, and in the middle of it the program is killed.
async fn round(program: Program, shop: &Arc<Shop>, seed: u64, told: &Arc<Mutex<Told>>) {
    let api = Api::new(program.address());
    let answered = Arc::new(Semaphore::new(0));
    let clients: Vec<_> = (0..BUYERS)
        .map(|buyer| {
            let chance = Chance(seed.wrapping_mul(1000).wrapping_add(buyer as u64));
            tokio::spawn(rush(
                api.clone(),
                Arc::clone(shop),
                buyer,
                chance,
                Arc::clone(told),
                Arc::clone(&answered),
            ))
        })
        .collect();
    let enough = answered.acquire_many(ANSWERED_PER_ROUND);
    let enough = tokio::time::timeout(std::time::Duration::from_mins(1), enough).await;
    program.kill().await;
    for client in join_all(clients).await {
        client.unwrap();
    }
    enough.expect("too few bookings were answered in a minute").unwrap().forget();
}

async fn start(data: &std::path::Path) -> Program {
    let started = Instant::now();
    let program = Start::on(data)
        .start()
        .await
        .unwrap_or_else(|refused| panic!("it does not start again: {refused:?}"));
    println!("listening after {:?}", started.elapsed());
    program
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_costs_nobody_a_booking_or_a_seat() {
    let seed = std::env::var("TICKETING_SEED").ok().map_or_else(
        || u64::from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos()),
        |seed| seed.parse().unwrap(),
    );
    println!("TICKETING_SEED={seed}");
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");

    let mut program = start(&data).await;
    let shop = Arc::new(shop::open(&Api::new(program.address()), PLAN, BUYERS).await);
    let told = Arc::new(Mutex::new(Told::default()));
    for n in 0..ROUNDS {
        round(program, &shop, seed.wrapping_add(n as u64), &told).await;
        program = start(&data).await;
    }

    let api = Api::new(program.address());
    let told = std::mem::take(&mut *told.lock().unwrap());
    let again = ask_again(&api, &shop, &told).await;
    let living = check_bookings(&api, &shop, &told, &again).await;
    check_seats(&api, &shop, &living).await;
    println!(
        "{} answered, {} told their seats, {} paid, {} cancelled, {} without an answer, {} living bookings",
        told.accepted.len(),
        told.decided.len(),
        told.paid.len(),
        told.cancelled.len(),
        told.unanswered.len(),
        living.len(),
    );

    assert_eq!(program.terminate().await.code(), Some(0));
    let audit = audit(&data).await;
    let said = String::from_utf8_lossy(&audit.stdout).into_owned();
    if !audit.status.success() {
        let kept = folder.keep();
        panic!("the audit ended with {}; data kept in {}\n{said}", audit.status, kept.display());
    }
    let parsed: Result<Value, _> = serde_json::from_str(&said);
    assert!(parsed.is_ok(), "the audit's answer is no JSON: {said}");
}

/// Sends every request that got no answer once more with its key: it is taken now, or was taken then.
async fn ask_again(api: &Api, shop: &Shop, told: &Told) -> Vec<String> {
    let mut ids = Vec::new();
    for (buyer, key, body) in &told.unanswered {
        let answer = shop::book(api, &shop.buyers[*buyer], key, body).await.unwrap();
        ids.push(string(&answer.expect(200), "/id"));
    }
    ids
}

/// Every booking that was answered is there, decided, and says what its buyer was told. Answers the living ones.
async fn check_bookings(api: &Api, shop: &Shop, told: &Told, again: &[String]) -> BTreeMap<String, Value> {
    let mut all: BTreeMap<String, Value> = BTreeMap::new();
    for token in &shop.buyers {
        let decided = eventually("all bookings to be decided", || async {
            let mine = shop::bookings(api, token).await;
            let open: Vec<String> = mine
                .iter()
                .filter(|b| string(b, "/status") == "processing")
                .map(|b| string(b, "/id"))
                .collect();
            if open.is_empty() { Ok(mine) } else { Err(format!("{open:?} are processing")) }
        });
        for booking in decided.await {
            let twice = all.insert(string(&booking, "/id"), booking);
            assert!(twice.is_none(), "listed twice: {twice:?}");
        }
    }
    for id in told.accepted.keys() {
        assert!(all.contains_key(id), "{id} was answered with 200 and is gone");
    }
    // A request without an answer made at most one booking, and asking again told of that one.
    let known = told.accepted.len() + again.len();
    assert_eq!(all.len(), known, "there are bookings nobody was told of");
    for (id, seats) in &told.decided {
        assert_eq!(&all[id]["seats"], seats, "{id} was decided a second time: {}", all[id]);
    }
    for id in &told.paid {
        assert_eq!(string(&all[id], "/status"), "paid", "a confirmed payment is gone: {}", all[id]);
    }
    for id in &told.cancelled {
        assert_eq!(string(&all[id], "/status"), "cancelled", "a confirmed cancellation is gone: {}", all[id]);
    }
    all.retain(|_, booking| ["pending_payment", "paid"].contains(&string(booking, "/status").as_str()));
    all
}

/// No seat belongs to two living bookings, and the map shows exactly their seats as taken.
async fn check_seats(api: &Api, shop: &Shop, living: &BTreeMap<String, Value>) {
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    for booking in living.values() {
        let status = if string(booking, "/status") == "paid" { "sold" } else { "reserved" };
        for seat in list(booking, "/seats") {
            let twice = wanted.insert(seat.as_str().unwrap().to_owned(), status.to_owned());
            assert!(twice.is_none(), "{seat} belongs to two bookings, one of them {booking}");
        }
    }
    eventually("the seats to be those of the bookings", || async {
        let taken = shop::taken(api, &shop.event, PLAN).await;
        if taken == wanted { Ok(()) } else { Err(difference(&taken, &wanted)) }
    })
    .await;
    assert!(!wanted.is_empty(), "nothing was sold, so nothing was shown");
}

fn difference(seen: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> String {
    let only = |a: &BTreeMap<String, String>, b: &BTreeMap<String, String>| -> Vec<(String, String)> {
        a.iter()
            .filter(|(seat, status)| b.get(*seat) != Some(*status))
            .map(|(s, t)| (s.clone(), t.clone()))
            .take(10)
            .collect()
    };
    format!("only on the map: {:?}; only in bookings: {:?}", only(seen, wanted), only(wanted, seen))
}
