//! A rush of buyers who book, pay, cancel and leave, whatever happens to the system meanwhile; and
//! the proof that what they received is so.
//!
//! Promises: a request that got no answer is sent again with its key, as a careful buyer's program
//! does; every answer is one that the API allows. The same seed makes the same choices (not the
//! machine's timing).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures::future::join_all;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::api::{Answer, Api, Call, list, string};
use crate::patience::within;
use crate::shop::{self, Shop};

/// Between an answer that said "not now" and the next try.
const AGAIN: Duration = Duration::from_millis(200);

/// What the buyers of a shop received, which is what must hold.
#[derive(Debug, Default)]
pub struct Received {
    /// Every booking that was answered with 200, with its buyer.
    pub accepted: BTreeMap<String, usize>,
    /// The seats of the booking, as its buyer received them.
    pub decided: BTreeMap<String, Value>,
    /// Bookings whose payment was confirmed.
    pub paid: Vec<String>,
    /// Bookings whose cancellation was confirmed.
    pub cancelled: Vec<String>,
    /// Bookings that their buyers wished to cancel, whatever came of it.
    pub unwanted: BTreeSet<String>,
    /// Answers 503, all with `Retry-After`.
    pub turned_away: usize,
    /// Requests without an answer.
    pub unanswered: usize,
    /// When a decision of each section was received.
    decisions: BTreeMap<String, Vec<Instant>>,
}

/// Which bookings are awaited before what was received is compared with what is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Those that are not decided.
    Decided,
    /// Also those that await payment: no hold outlives its time.
    Ended,
}

/// The buyers at work: one per session of the shop, each in a section of its own, or shared with as
/// few others as can be.
pub struct Rush {
    received: Arc<Mutex<Received>>,
    closing: Arc<AtomicBool>,
    buyers: Vec<JoinHandle<()>>,
    sections: Vec<String>,
}

/// A small generator (splitmix64): the same seed makes the same choices.
#[derive(Debug)]
pub struct Rng(u64);

/// A seed for this run, which is printed; `TICKETING_SEED` repeats one.
pub fn seed() -> u64 {
    let seed = std::env::var("TICKETING_SEED").ok().map_or_else(
        || u64::from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos()),
        |seed| seed.parse().unwrap(),
    );
    println!("TICKETING_SEED={seed}");
    seed
}

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// One of `0..limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.draw() % limit
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Rush {
    /// Sends the buyers in. `seen` is what they received before; what comes is added to it.
    pub fn begin(api: &Api, shop: &Arc<Shop>, seed: u64, received: Received) -> Self {
        let (received, closing) = (Arc::new(Mutex::new(received)), Arc::new(AtomicBool::new(false)));
        let buyers = (0..shop.buyers.len()).map(|number| {
            let buyer = Buyer {
                api: api.clone(),
                shop: Arc::clone(shop),
                number,
                rng: Rng::new(seed.wrapping_mul(1_000).wrapping_add(number as u64)),
                received: Arc::clone(&received),
                closing: Arc::clone(&closing),
            };
            tokio::spawn(buyer.shop())
        });
        Self { buyers: buyers.collect(), sections: shop.plan.names(), received, closing }
    }

    pub fn received(&self) -> MutexGuard<'_, Received> {
        lock(&self.received)
    }

    /// Waits until `seen` says that the buyers have received enough.
    pub async fn until(&self, patience: Duration, what: &str, seen: impl Fn(&Self) -> Result<(), String>) {
        within(patience, what, || async {
            self.assert_at_work();
            seen(self)
        })
        .await;
    }

    /// Waits until every section has had a decision after now.
    pub async fn going(&self, patience: Duration) {
        let now = Instant::now();
        self.until(patience, "a decision in every section", |rush| {
            let silent = rush.silent_since(now);
            if silent.is_empty() { Ok(()) } else { Err(format!("nothing was decided in {silent:?}")) }
        })
        .await;
    }

    /// Sections of which nobody has received a decision since then.
    fn silent_since(&self, moment: Instant) -> Vec<String> {
        let received = self.received();
        let last = |name| received.decisions.get(name).and_then(|at| at.last());
        self.sections.iter().filter(|name| last(*name).is_none_or(|at| *at <= moment)).cloned().collect()
    }

    /// For each section the longest time, from shortly before that moment until now, in which
    /// nobody received a decision; longest first.
    pub fn longest_silences(&self, since: Instant) -> Vec<Duration> {
        let received = self.received();
        let longest = |at: &Vec<Instant>| {
            let first = at.partition_point(|moment| *moment <= since).saturating_sub(1);
            let pauses = at[first..].windows(2).map(|pair| pair[1] - pair[0]);
            pauses.max().unwrap_or_default()
        };
        let mut silences: Vec<Duration> = received.decisions.values().map(longest).collect();
        silences.sort_unstable_by(|a, b| b.cmp(a));
        silences
    }

    /// Lets each buyer finish its steps, and returns what all received.
    pub async fn end(self) -> Received {
        self.closing.store(true, Ordering::Relaxed);
        for buyer in join_all(self.buyers).await {
            buyer.unwrap();
        }
        std::mem::take(&mut *lock(&self.received))
    }

    /// Panics when a buyer has given up, which only a wrong answer makes one do.
    pub fn assert_at_work(&self) {
        assert!(self.buyers.iter().all(|buyer| !buyer.is_finished()), "a buyer was given a wrong answer");
    }
}

fn lock(received: &Mutex<Received>) -> MutexGuard<'_, Received> {
    received.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Buyer {
    api: Api,
    shop: Arc<Shop>,
    number: usize,
    rng: Rng,
    received: Arc<Mutex<Received>>,
    closing: Arc<AtomicBool>,
}

impl Buyer {
    async fn shop(mut self) {
        while !self.closing.load(Ordering::Relaxed) {
            let id = self.book().await;
            // One of ten leaves before it hears of seats.
            if self.rng.below(10) == 0 {
                continue;
            }
            let Some(booking) = self.decision(&id).await else { continue };
            if string(&booking, "/status") == "pending_payment" {
                self.finish(&id).await;
            }
        }
    }

    fn section(&self) -> String {
        let names = self.shop.plan.names();
        names[self.number % names.len()].clone()
    }

    async fn book(&mut self) -> String {
        let (wish, key) = (self.wish(), format!("book-{}-{}", self.number, self.rng.draw()));
        let call = || self.api.post("/v1/bookings", &wish).header("idempotency-key", &key);
        let id = self.answer(call).await.expect(200);
        let id = string(&id, "/id");
        lock(&self.received).accepted.insert(id.clone(), self.number);
        id
    }

    /// 80 % best available, 20 % chosen seats that others may have by now.
    fn wish(&mut self) -> Value {
        let (event, section, plan) = (&self.shop.event, self.section(), self.shop.plan);
        let quantity = 1 + self.rng.below(2);
        if self.rng.below(5) > 0 {
            return json!({"event_id": event, "section": section, "mode": "best_available", "quantity": quantity});
        }
        let row = 1 + self.rng.below(u64::from(plan.rows));
        let first = 1 + self.rng.below(u64::from(plan.seats_per_row) - 1);
        let seats: Vec<String> =
            (first..first + quantity).map(|seat| format!("{section}-1-{row}-{seat}")).collect();
        json!({"event_id": event, "section": section, "subsection": 1, "mode": "manual", "seats": seats})
    }

    /// Waits until the booking is decided; none when the shop closes first.
    async fn decision(&self, id: &str) -> Option<Value> {
        let path = format!("/v1/bookings/{id}?wait=5");
        loop {
            let booking = self.answer(|| self.api.get(&path)).await.expect(200);
            if string(&booking, "/status") != "processing" {
                let mut received = lock(&self.received);
                received.decided.insert(id.to_owned(), booking["seats"].clone());
                received.decisions.entry(self.section()).or_default().push(Instant::now());
                return Some(booking);
            }
            if self.closing.load(Ordering::Relaxed) {
                return None;
            }
        }
    }

    /// Of ten bookings three are paid, one too late, one is left to expire, five are cancelled: so
    /// there are seats for as long as it takes.
    async fn finish(&mut self, id: &str) {
        match self.rng.below(10) {
            0..3 => self.pay(id, "sandbox_success").await,
            3 => self.pay(id, "sandbox_late").await,
            4 => {}
            _ => self.cancel(id).await,
        }
    }

    async fn pay(&self, id: &str, method: &str) {
        let (path, key) = (format!("/v1/bookings/{id}/pay"), format!("pay-{id}"));
        let method = json!({"payment_method": method});
        let answer = self.answer(|| self.api.post(&path, &method).header("idempotency-key", &key)).await;
        match answer.status {
            200 if answer.string("/status") == "paid" => lock(&self.received).paid.push(id.to_owned()),
            200 => assert_eq!(answer.string("/status"), "pending_payment", "{}", answer.text),
            // The time to pay is short, and a fault may have eaten it; or the first request is not
            // settled.
            409 | 410 => {}
            status => panic!("a payment was answered with {status} {}", answer.text),
        }
    }

    async fn cancel(&self, id: &str) {
        lock(&self.received).unwanted.insert(id.to_owned());
        let path = format!("/v1/bookings/{id}/cancel");
        let answer = self.answer(|| self.api.call(reqwest::Method::POST, &path)).await;
        match answer.status {
            200 => lock(&self.received).cancelled.push(id.to_owned()),
            // Its time was over, or the first request was carried out.
            409 | 410 => {}
            status => panic!("a cancellation was answered with {status} {}", answer.text),
        }
    }

    /// Sends the request until the answer is one of the product, and not that it cannot answer now.
    async fn answer(&self, call: impl Fn() -> Call) -> Answer {
        let token = self.shop.buyers[self.number].as_str();
        loop {
            match call().token(Some(token)).try_send().await {
                Ok(answer) if answer.status < 500 => return answer,
                Ok(answer) => {
                    let again = answer.headers.contains_key("retry-after");
                    let (status, text) = (answer.status, &answer.text);
                    assert!([502, 503, 504].contains(&status) && again, "the answer was {status} {text}");
                    let mut received = lock(&self.received);
                    if status == 503 { received.turned_away += 1 } else { received.unanswered += 1 }
                }
                Err(_) => lock(&self.received).unanswered += 1,
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}

impl Received {
    /// Every acknowledged booking is there, once, and is what its buyer received; no seat
    /// belongs to two; the map shows just theirs. Nobody may be buying.
    pub async fn holds(&self, api: &Api, shop: &Shop, until: Until, patience: Duration) {
        let bookings = within(patience, "the bookings to rest and the map to show their seats", || async {
            let bookings = all_bookings(api, shop).await;
            let open = bookings.values().filter(|booking| until.waits_for(booking)).count();
            if open > 0 {
                return Err(format!("{open} bookings are open"));
            }
            let (wanted, taken) = (seats_of(&bookings)?, shop::taken(api, shop).await);
            if taken == wanted { Ok(bookings) } else { Err(difference(&taken, &wanted)) }
        })
        .await;
        assert_eq!(bookings.len(), self.accepted.len(), "a booking is gone, or no buyer knows it");
        for id in self.accepted.keys() {
            assert!(bookings.contains_key(id), "{id} was answered with 200 and is gone");
        }
        for (id, seats) in &self.decided {
            assert_eq!(&bookings[id]["seats"], seats, "{id} was decided a second time: {}", bookings[id]);
        }
        for (ids, status) in [(&self.paid, "paid"), (&self.cancelled, "cancelled")] {
            for id in ids {
                let is = string(&bookings[id], "/status");
                assert_eq!(is, status, "what was confirmed is gone: {}", bookings[id]);
            }
        }
        for (id, booking) in &bookings {
            let ended = booking["cancelled_at"].as_str().zip(booking["expires_at"].as_str());
            if let Some((ended, due)) = ended
                && !self.unwanted.contains(id)
            {
                assert!(ended >= due, "a booking ended before its time: {booking}");
            }
        }
        assert!(!self.paid.is_empty(), "nothing was sold, so nothing was shown");
    }

    /// A summary for people.
    pub fn summary(&self) -> String {
        format!(
            "{} bookings answered, {} with seats, {} paid, {} cancelled; {} answers 503 with Retry-After, {} requests without an answer",
            self.accepted.len(),
            self.decided.len(),
            self.paid.len(),
            self.cancelled.len(),
            self.turned_away,
            self.unanswered,
        )
    }
}

impl Until {
    fn waits_for(self, booking: &Value) -> bool {
        match string(booking, "/status").as_str() {
            "processing" => true,
            "pending_payment" => self == Self::Ended,
            _ => false,
        }
    }
}

/// The bookings of all buyers for the shop's event.
async fn all_bookings(api: &Api, shop: &Shop) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    let each = shop.buyers.iter().map(|token| shop::bookings(api, token));
    for booking in join_all(each).await.into_iter().flatten() {
        if string(&booking, "/event_id") == shop.event {
            let twice = all.insert(string(&booking, "/id"), booking);
            assert!(twice.is_none(), "listed twice: {twice:?}");
        }
    }
    all
}

/// The seats of the living bookings, with the status that the map should show; an error when one
/// belongs to two.
fn seats_of(bookings: &BTreeMap<String, Value>) -> Result<BTreeMap<String, String>, String> {
    let mut seats = BTreeMap::new();
    for booking in bookings.values() {
        let status = match string(booking, "/status").as_str() {
            "paid" => "sold",
            "pending_payment" => "reserved",
            _ => continue,
        };
        for seat in list(booking, "/seats") {
            let twice = seats.insert(seat.as_str().unwrap().to_owned(), status.to_owned());
            if twice.is_some() {
                return Err(format!("{seat} belongs to two bookings, one of them {booking}"));
            }
        }
    }
    Ok(seats)
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
