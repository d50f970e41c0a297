//! Buyers who book, pay, cancel and leave, without end, whatever happens to the cluster meanwhile.
//!
//! Promises: a request that got no answer is sent again with its key, as a careful buyer's program does; every answer is one that the API allows.
//! Keeps what the buyers were told, and when.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{
    api::{Answer, Api, Call, string},
    shop::{Plan, Shop},
};
use tokio::task::JoinHandle;

/// One section a partition: 10 sections of equal size lie on 10 partitions. Large enough for a lane of its own.
pub(crate) const PLAN: Plan = Plan { sections: 10, rows: 100, seats_per_row: 30 };
/// Buyers of one section.
const PER_SECTION: usize = 2;
pub(crate) const BUYERS: usize = PLAN.sections as usize * PER_SECTION;
/// Between an answer that said "not now" and the next try.
const AGAIN: Duration = Duration::from_millis(200);

/// What the buyers were told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Every booking that was answered with 200, with its buyer.
    pub(crate) accepted: BTreeMap<String, usize>,
    /// The seats a buyer was told the booking holds.
    pub(crate) decided: BTreeMap<String, Value>,
    /// Bookings whose payment was confirmed.
    pub(crate) paid: Vec<String>,
    /// Bookings whose cancellation by the buyer was confirmed, or may have happened.
    pub(crate) cancelled: Vec<String>,
    /// Answers 503, all with `Retry-After`.
    pub(crate) turned_away: usize,
    /// Requests without an answer.
    pub(crate) unanswered: usize,
    /// When each section had a decision told.
    decisions: Vec<Vec<Instant>>,
}

/// The buyers at work.
pub(crate) struct Crowd {
    told: Arc<Mutex<Told>>,
    closing: Arc<AtomicBool>,
    buyers: Vec<JoinHandle<()>>,
}

impl Crowd {
    pub(crate) fn begin(api: &Api, shop: &Arc<Shop>) -> Self {
        let told = Told { decisions: vec![Vec::new(); PLAN.names().len()], ..Told::default() };
        let (told, closing) = (Arc::new(Mutex::new(told)), Arc::new(AtomicBool::new(false)));
        let buyers = (0..BUYERS).map(|number| {
            let buyer = Buyer {
                api: api.clone(),
                shop: Arc::clone(shop),
                number,
                told: Arc::clone(&told),
                closing: Arc::clone(&closing),
            };
            tokio::spawn(buyer.shop())
        });
        Self { buyers: buyers.collect(), told, closing }
    }

    pub(crate) fn told(&self) -> MutexGuard<'_, Told> {
        lock(&self.told)
    }

    /// Sections in which nobody was told a decision since then.
    pub(crate) fn silent_since(&self, moment: Instant) -> Vec<String> {
        let told = self.told();
        let silent = |at: &[Instant]| at.last().is_none_or(|last| *last <= moment);
        PLAN.names()
            .into_iter()
            .zip(&told.decisions)
            .filter(|(_, at)| silent(at))
            .map(|(name, _)| name)
            .collect()
    }

    /// For each section the longest time, from shortly before that moment until now, in which nobody was told a decision; longest first.
    pub(crate) fn longest_silences(&self, since: Instant) -> Vec<Duration> {
        let told = self.told();
        let longest = |at: &Vec<Instant>| {
            let first = at.partition_point(|moment| *moment <= since).saturating_sub(1);
            let pauses = at[first..].windows(2).map(|pair| pair[1] - pair[0]);
            pauses.max().unwrap_or_default()
        };
        let mut silences: Vec<Duration> = told.decisions.iter().map(longest).collect();
        silences.sort_unstable_by(|a, b| b.cmp(a));
        silences
    }

    /// Lets each buyer finish what it is about, and answers with what all were told.
    pub(crate) async fn end(self) -> Told {
        self.closing.store(true, Ordering::Relaxed);
        for buyer in join_all(self.buyers).await {
            buyer.unwrap();
        }
        std::mem::take(&mut *lock(&self.told))
    }

    /// Panics when a buyer has given up, which only a wrong answer makes one do.
    pub(crate) fn assert_at_work(&self) {
        assert!(self.buyers.iter().all(|buyer| !buyer.is_finished()), "a buyer was given a wrong answer");
    }
}

fn lock(told: &Mutex<Told>) -> MutexGuard<'_, Told> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Buyer {
    api: Api,
    shop: Arc<Shop>,
    number: usize,
    told: Arc<Mutex<Told>>,
    closing: Arc<AtomicBool>,
}

impl Buyer {
    async fn shop(self) {
        for n in 0.. {
            if self.closing.load(Ordering::Relaxed) {
                return;
            }
            let id = self.book(n).await;
            let Some(booking) = self.decision(&id).await else { continue };
            if string(&booking, "/status") == "pending_payment" {
                self.finish(&id, n).await;
            }
        }
    }

    fn section(&self) -> usize {
        self.number % PLAN.names().len()
    }

    async fn book(&self, n: usize) -> String {
        let section = &PLAN.names()[self.section()];
        let key = format!("book-{}-{n}", self.number);
        // Every fifth booking names its seats, which the section's other buyer may have by now.
        let mut wish = json!({"event_id": self.shop.event, "section": section});
        let choice = if n % 5 == 4 {
            let row = 1 + n % PLAN.rows as usize;
            json!({"mode": "manual", "subsection": 1, "seats": [format!("{section}-1-{row}-1"), format!("{section}-1-{row}-2")]})
        } else {
            json!({"mode": "best_available", "quantity": 1 + n % 2})
        };
        wish.as_object_mut().unwrap().extend(choice.as_object().unwrap().clone());
        let call = || self.api.post("/v1/bookings", &wish).header("idempotency-key", &key);
        let id = self.answer(call).await.string("/id");
        lock(&self.told).accepted.insert(id.clone(), self.number);
        id
    }

    /// Waits until the booking is decided; none when the shop closes first.
    async fn decision(&self, id: &str) -> Option<Value> {
        let path = format!("/v1/bookings/{id}?wait=5");
        loop {
            let booking = self.answer(|| self.api.get(&path)).await.expect(200);
            if string(&booking, "/status") != "processing" {
                let mut told = lock(&self.told);
                told.decided.insert(id.to_owned(), booking["seats"].clone());
                told.decisions[self.section()].push(Instant::now());
                return Some(booking);
            }
            if self.closing.load(Ordering::Relaxed) {
                return None;
            }
        }
    }

    /// Of ten bookings three are paid, two are left to expire, five are cancelled: so there are seats for as long as it takes.
    async fn finish(&self, id: &str, n: usize) {
        match n % 10 {
            0..3 => {
                let (path, key) = (format!("/v1/bookings/{id}/pay"), format!("pay-{id}"));
                let method = json!({"payment_method": "sandbox_success"});
                let pay = || self.api.post(&path, &method).header("idempotency-key", &key);
                let answer = self.answer(pay).await;
                match answer.status {
                    200 => lock(&self.told).paid.push(id.to_owned()),
                    // The time to pay is short, and a fault may have eaten it.
                    409 | 410 => {}
                    status => panic!("a payment was answered with {status} {}", answer.text),
                }
            }
            3..5 => {}
            _ => {
                lock(&self.told).cancelled.push(id.to_owned());
                let path = format!("/v1/bookings/{id}/cancel");
                let answer = self.answer(|| self.api.call(reqwest::Method::POST, &path)).await;
                let text = &answer.text;
                assert!([200, 409, 410].contains(&answer.status), "a cancellation was answered with {text}");
            }
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
                    let mut told = lock(&self.told);
                    if status == 503 { told.turned_away += 1 } else { told.unanswered += 1 }
                }
                Err(_) => lock(&self.told).unanswered += 1,
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}
