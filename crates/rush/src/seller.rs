//! The seller of a real mix: has an event of its own, changes prices while it sells, and checks the
//! figures at the end.
//!
//! Promises: every price that was ever in force is in the event's [`PriceList`] before the server
//! hears of it.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hyper::header::HeaderValue;
use hyper::{Method, StatusCode};
use serde::Deserialize;

use super::args::RushArgs;
use super::client::{Call, Connection, Target};
use super::inbox::{Record, State};
use super::prepare::{error, join};
use super::rng::Rng;
use super::rush::Rush;
use super::tally::{Tally, Trouble};

const SECTIONS: [&str; 4] = ["A", "B", "C", "D"];
const FIRST_PRICE: i64 = 10_000;
const SEATS_PER_BOOKING: u32 = 4;
/// Live streams that one user may have open, by the contract.
const STREAMS_PER_USER: usize = 10;
const BETWEEN_PRICES: Duration = Duration::from_millis(500);
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// The prices of one seat that were ever set, in minor units, by section in the outline's order.
#[derive(Debug)]
pub(super) struct PriceList(Vec<Mutex<BTreeSet<i64>>>);

impl PriceList {
    fn new() -> Self {
        Self(SECTIONS.iter().map(|_| Mutex::new(BTreeSet::from([FIRST_PRICE]))).collect())
    }

    fn add(&self, section: usize, price: i64) {
        self.0[section].lock().unwrap_or_else(PoisonError::into_inner).insert(price);
    }

    /// Whether so many seats of the section can ever have cost this.
    pub(super) fn allows(&self, section: usize, seats: usize, total: i64) -> bool {
        let Some(prices) = self.0.get(section) else { return false };
        let prices = prices.lock().unwrap_or_else(PoisonError::into_inner);
        i64::try_from(seats).is_ok_and(|seats| prices.iter().any(|price| price * seats == total))
    }
}

/// The seller, signed in, with an event on sale.
#[derive(Debug)]
pub(super) struct Seller {
    authorization: HeaderValue,
    pub(super) event: String,
    pub(super) prices: Arc<PriceList>,
}

#[derive(Deserialize)]
struct Made {
    id: String,
}

/// Registers a seller and puts an event on sale: 3,920 to 24,080 seats, by the number of buyers.
/// The last section has few, so that it is sold out early.
pub(super) async fn open(target: &Arc<Target>, args: &RushArgs, tally: &Tally) -> anyhow::Result<Seller> {
    let mut connection = Connection::new(Arc::clone(target), None);
    let authorization = join(&mut connection, args.seed, "seller", "seller", tally).await?;
    let mut connection = Connection::new(Arc::clone(target), Some(authorization.clone()));
    let rows = (args.buyers * 4).clamp(16, 100);
    let block = |number: u32, rows: u32, seats: u32| serde_json::json!({"number": number, "rows": rows, "seats_per_row": seats});
    let section = |(number, name): (usize, &&str)| {
        let small = number + 1 == SECTIONS.len();
        let blocks = if small { vec![block(1, 8, 10)] } else { vec![block(1, rows, 40), block(2, rows, 40)] };
        serde_json::json!({"name": name, "price_minor": FIRST_PRICE, "subsections": blocks})
    };
    let sections: Vec<_> = SECTIONS.iter().enumerate().map(section).collect();
    let body = serde_json::json!({
        "name": format!("Rush {}", args.seed), "description": "", "venue_name": "Rush Hall",
        "time_zone": "Asia/Taipei", "starts_at": "2035-05-01T19:30:00+08:00", "currency": "TWD",
        "max_seats_per_booking": SEATS_PER_BOOKING, "seating": {"sections": sections}, "status": "on_sale",
    });
    let call = Call::post("/v1/events", body.to_string());
    let reply = connection.call(&call, tally).await.map_err(error)?;
    if reply.status != StatusCode::CREATED {
        return Err(error(reply.trouble("announce"))).context("cannot put an event on sale");
    }
    let made: Made = serde_json::from_slice(&reply.body)?;
    Ok(Seller { authorization, event: made.id, prices: Arc::new(PriceList::new()) })
}

/// Sets one price after another until the rush is stopped.
pub(super) async fn change_prices(rush: Arc<Rush>, seller: Arc<Seller>) {
    check_stream_limit(&rush, &seller).await;
    let mut rng = Rng::of(rush.args.seed, u32::MAX, 0);
    let mut connection = Connection::new(Arc::clone(&rush.target), Some(seller.authorization.clone()));
    while !rush.is_stopped() {
        let section = rng.below(SECTIONS.len());
        let price = FIRST_PRICE + i64::from(rng.between(1, 40)) * 100;
        seller.prices.add(section, price);
        let path = format!("/v1/events/{}/sections/{}", seller.event, SECTIONS[section]);
        let body = serde_json::json!({"price_minor": price}).to_string();
        let call = Call { method: Method::PATCH, ..Call::post(path, body) };
        match connection.call(&call, &rush.tally).await {
            Ok(reply) if reply.status == StatusCode::OK => {
                rush.tally.mix.price_changes.fetch_add(1, Relaxed);
            }
            Ok(reply) => rush.tally.error(reply.trouble("reprice")),
            Err(trouble) => rush.tally.error(trouble),
        }
        tokio::time::sleep(BETWEEN_PRICES).await;
    }
}

/// One user may have a limited number of streams open: one more is refused.
async fn check_stream_limit(rush: &Rush, seller: &Seller) {
    let call = Call::get(format!("/v1/events/{}/sales/live", seller.event));
    let mut open = Vec::new();
    for _ in 0..=STREAMS_PER_USER {
        let token = Some(seller.authorization.clone());
        let mut connection = Connection::new(Arc::clone(&rush.target), token);
        match connection.stream(&call, "").await {
            Ok(response) if response.status() == StatusCode::TOO_MANY_REQUESTS => return,
            Ok(response) if response.status() == StatusCode::OK => open.push((connection, response)),
            Ok(response) => {
                let text = response.status().to_string();
                return rush.tally.error(Trouble::new("sales-stream", text));
            }
            // A server that is started again opens none; there is nothing to learn then.
            Err(_) => return,
        }
    }
    rush.tally.error(Trouble::new("streams-without-a-limit", format!("{} are open", open.len())));
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Amount {
    amount_minor: i64,
}

#[derive(Debug, Deserialize)]
struct SalesAnswer {
    sold: u64,
    reserved: u64,
    available: u64,
    revenue: Amount,
    sections: Vec<Figures>,
    by_minute: Vec<MinuteFigures>,
}

#[derive(Debug, Deserialize)]
struct Figures {
    sold: u64,
    reserved: u64,
    available: u64,
    revenue: Amount,
}

#[derive(Debug, Deserialize)]
struct MinuteFigures {
    sold: u64,
    revenue: Amount,
}

/// The seller's figures, once they have caught up, against what the buyers received: seats and
/// money, and the sums of the figures.
pub(super) async fn check_figures(rush: &Rush, seller: &Seller, records: &[Record], settled_by: Instant) {
    let mut connection = Connection::new(Arc::clone(&rush.target), Some(seller.authorization.clone()));
    let call = Call::get(format!("/v1/events/{}/sales", seller.event));
    let (sold, revenue) = received(records);
    loop {
        let sales = match connection.call(&call, &rush.tally).await {
            Ok(reply) if reply.status == StatusCode::OK => serde_json::from_slice(&reply.body)
                .map_err(|error| Trouble::new("unreadable-sales", error.to_string())),
            Ok(reply) => Err(reply.trouble("sales")),
            Err(trouble) => Err(trouble),
        };
        let checked = sales.and_then(|sales| agree(&sales, rush.outline.capacity().into(), sold, revenue));
        match checked {
            Ok(()) => return,
            Err(trouble) if Instant::now() > settled_by => return rush.tally.error(trouble),
            Err(_) => tokio::time::sleep(LOOK_AGAIN).await,
        }
    }
}

/// Seats sold and money taken, according to the buyers.
fn received(records: &[Record]) -> (u64, i64) {
    let paid = records.iter().filter(|record| record.state == State::Paid);
    paid.fold((0, 0), |(seats, money), record| {
        (seats + record.seats.len() as u64, money + record.total_minor.unwrap_or(0))
    })
}

fn agree(sales: &SalesAnswer, capacity: u64, sold: u64, revenue: i64) -> Result<(), Trouble> {
    let wrong = |kind: &str| Err(Trouble::new(kind, format!("received {sold} for {revenue}: {sales:?}")));
    if (sales.sold, sales.revenue.amount_minor) != (sold, revenue) {
        return wrong("sales-not-as-received");
    }
    let sum = |of: fn(&Figures) -> u64| sales.sections.iter().map(of).sum::<u64>();
    let sums = (sum(|s| s.sold), sum(|s| s.reserved), sum(|s| s.available));
    let money: i64 = sales.sections.iter().map(|s| s.revenue.amount_minor).sum();
    if sums != (sales.sold, sales.reserved, sales.available) || money != revenue {
        return wrong("sections-are-not-the-sum");
    }
    if sales.sold + sales.reserved + sales.available != capacity {
        return wrong("sales-do-not-add-up");
    }
    let minutes = sales
        .by_minute
        .iter()
        .fold((0, 0), |(seats, money), minute| (seats + minute.sold, money + minute.revenue.amount_minor));
    if minutes == (sold, revenue) { Ok(()) } else { wrong("minutes-are-not-the-sum") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn sales(change: impl Fn(&mut serde_json::Value)) -> Result<(), String> {
        let section = |sold: u64| {
            serde_json::json!({"name": "A", "sold": sold, "reserved": 1, "available": 5,
                "revenue": {"amount_minor": sold * 10, "currency": "TWD"}})
        };
        let mut answer = serde_json::json!({
            "sold": 3, "reserved": 2, "available": 10, "revenue": {"amount_minor": 30, "currency": "TWD"},
            "sections": [section(1), section(2)],
            "by_minute": [{"at": "", "sold": 3, "revenue": {"amount_minor": 30, "currency": "TWD"}}],
        });
        change(&mut answer);
        agree(&serde_json::from_value(answer).unwrap(), 15, 3, 30).map_err(|trouble| trouble.kind)
    }

    #[test]
    fn figures_that_drift_are_troubles() {
        assert_eq!(sales(|_| {}), Ok(()));
        let kind = |kind: &str| Err(kind.to_owned());
        assert_eq!(
            sales(|sales| sales["revenue"]["amount_minor"] = 60.into()),
            kind("sales-not-as-received")
        );
        assert_eq!(sales(|sales| sales["reserved"] = 3.into()), kind("sections-are-not-the-sum"));
        let drift = |sales: &mut serde_json::Value| {
            sales["reserved"] = 3.into();
            sales["sections"][0]["reserved"] = 2.into();
        };
        assert_eq!(sales(drift), kind("sales-do-not-add-up"));
        assert_eq!(
            sales(|sales| sales["by_minute"] = serde_json::json!([])),
            kind("minutes-are-not-the-sum")
        );
    }

    #[test]
    fn a_total_is_a_price_that_was_in_force() {
        let prices = PriceList::new();
        assert!(prices.allows(0, 2, 2 * FIRST_PRICE) && !prices.allows(0, 2, FIRST_PRICE));
        prices.add(1, 7);
        assert!(prices.allows(1, 3, 21) && !prices.allows(0, 3, 21) && !prices.allows(9, 1, FIRST_PRICE));
    }
}
