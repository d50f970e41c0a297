//! A stranger of the real mix, who tries what nobody may do.
//!
//! Promises: each answer but the refusal of the contract is an error. Never: changes what the
//! buyers of the rush have.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::header::HeaderValue;
use hyper::{Method, StatusCode};

use super::client::{Call, Connection};
use super::outline::SeatPlace;
use super::plan::Choice;
use super::prepare::join;
use super::rng::Rng;
use super::rush::{Buyer, Rush};
use super::tally::{Tally, Trouble};
use super::wire::pay_body;

const BETWEEN: Duration = Duration::from_millis(150);
/// How long a process may take to notice a sign-out at another one.
const SIGNED_OUT: Duration = Duration::from_secs(5);

/// The stranger: an account without bookings, and another seller's.
struct Intruder {
    rush: Arc<Rush>,
    buyer: Connection,
    seller: Connection,
    tries: u32,
}

/// Tries one thing after another until the rush is stopped. `with_seller`: the event has a seller
/// who is part of the rush.
pub(super) async fn intrude(rush: Arc<Rush>, buyers: Vec<Arc<Buyer>>, with_seller: bool) {
    let (buyer, seller) =
        (account(&rush, "stranger", "buyer").await, account(&rush, "rival", "seller").await);
    let (Ok(buyer), Ok(seller)) = (buyer, seller) else {
        return rush.tally.error(Trouble::new("stranger-cannot-sign-in", ""));
    };
    let connection = |token| Connection::new(Arc::clone(&rush.target), Some(token));
    let (buyer, seller) = (connection(buyer), connection(seller));
    let mut intruder = Intruder { rush: Arc::clone(&rush), buyer, seller, tries: 0 };
    let mut rng = Rng::of(rush.args.seed, u32::MAX, 1);
    if let Err(trouble) = intruder.signs_out().await {
        rush.tally.error(trouble);
    }
    while !rush.is_stopped() {
        let held = buyers.get(rng.below(buyers.len())).and_then(|buyer| buyer.inbox.any_held());
        let tried = match (rng.below(5), held) {
            (0, Some(id)) => intruder.touches(&id, "cancel").await,
            (1, Some(id)) => intruder.touches(&id, "pay").await,
            (2, _) => intruder.asks_for_too_much().await,
            (3, _) if with_seller => intruder.changes_the_price().await,
            _ => intruder.changes_its_mind(&mut rng).await,
        };
        match tried {
            Ok(()) => drop(rush.tally.mix.refused.fetch_add(1, Relaxed)),
            Err(trouble) => rush.tally.error(trouble),
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

async fn account(rush: &Rush, name: &str, role: &'static str) -> anyhow::Result<HeaderValue> {
    let mut connection = Connection::new(Arc::clone(&rush.target), None);
    join(&mut connection, rush.args.seed, name, role, &rush.tally).await
}

impl Intruder {
    fn key(&mut self) -> Option<HeaderValue> {
        self.tries += 1;
        HeaderValue::from_str(&format!("{}-stranger-{}", self.rush.run, self.tries)).ok()
    }

    /// Another's booking looks as if there were none.
    async fn touches(&mut self, booking: &str, how: &str) -> Result<(), Trouble> {
        let body = if how == "pay" { pay_body("sandbox_success") } else { Bytes::new() };
        let mut call = Call::post(format!("/v1/bookings/{booking}/{how}"), body);
        call.idempotency_key = self.key();
        let reply = self.buyer.call(&call, &self.rush.tally).await?;
        reply.refused(StatusCode::NOT_FOUND, "not-found", &format!("strangers-{how}"))
    }

    /// More seats than a booking of this event may have.
    async fn asks_for_too_much(&mut self) -> Result<(), Trouble> {
        let quantity = self.rush.outline.max_seats_per_booking + 1;
        let choice = Choice { section: 0, subsection: None, quantity, seats: Vec::new(), all: false };
        let mut call = Call::post("/v1/bookings", self.rush.template.body(&self.rush.outline, &choice));
        call.idempotency_key = self.key();
        let reply = self.buyer.call(&call, &self.rush.tally).await?;
        reply.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid-request", "too-many-seats")
    }

    /// Another seller's event looks as if there were none.
    async fn changes_the_price(&mut self) -> Result<(), Trouble> {
        let path = format!("/v1/events/{}", self.rush.outline.event_id);
        let body = serde_json::json!({"name": "A rival's"}).to_string();
        let call = Call { method: Method::PATCH, ..Call::post(path, body) };
        let reply = self.seller.call(&call, &self.rush.tally).await?;
        reply.refused(StatusCode::NOT_FOUND, "not-found", "rivals-change")
    }

    /// Takes a seat of the last row, which nobody else wants, and gives it back: afterwards the row
    /// is as if it had never been touched.
    async fn changes_its_mind(&mut self, rng: &mut Rng) -> Result<(), Trouble> {
        let block = &self.rush.outline.sections[0].subsections[0];
        let seat = u32::try_from(rng.below(block.seats_per_row as usize)).unwrap_or(0);
        let seat = block.place(block.rows - 1, seat);
        let tried = self.gives_back(seat).await;
        if tried.is_err() {
            self.rush.stranger_keeps(seat);
        }
        tried
    }

    async fn gives_back(&mut self, seat: SeatPlace) -> Result<(), Trouble> {
        let seats = vec![seat];
        let choice = Choice { section: 0, subsection: Some(0), quantity: 1, seats, all: false };
        let mut call = Call::post("/v1/bookings", self.rush.template.body(&self.rush.outline, &choice));
        call.idempotency_key = self.key();
        let reply = self.buyer.call(&call, &self.rush.tally).await?;
        if reply.status != StatusCode::OK {
            return Err(reply.trouble("strangers-booking"));
        }
        let id = reply.booking_id()?.to_owned();
        self.buyer.call(&Call::get(format!("/v1/bookings/{id}?wait=10")), &self.rush.tally).await?;
        let cancel = Call::post(format!("/v1/bookings/{id}/cancel"), Bytes::new());
        let reply = self.buyer.call(&cancel, &self.rush.tally).await?;
        // The seat may be another's by now, or the hold may have ended.
        let over = reply.status == StatusCode::OK || reply.is(StatusCode::CONFLICT, "wrong-state");
        if over { Ok(()) } else { Err(reply.trouble("strangers-cancel")) }
    }

    /// After a sign-out the token opens nothing.
    async fn signs_out(&mut self) -> Result<(), Trouble> {
        let token = account(&self.rush, "visitor", "buyer").await;
        let token = token.map_err(|error| Trouble::new("visitor-cannot-sign-in", format!("{error:#}")))?;
        let mut visitor = Connection::new(Arc::clone(&self.rush.target), Some(token));
        let call = Call { method: Method::DELETE, ..Call::get("/v1/sessions/current") };
        let reply = visitor.call(&call, &self.rush.tally).await?;
        if !matches!(reply.status, StatusCode::NO_CONTENT | StatusCode::UNAUTHORIZED) {
            return Err(reply.trouble("sign-out"));
        }
        let begun = Instant::now();
        loop {
            let reply = visitor.call(&Call::get("/v1/me"), &self.rush.tally).await?;
            if reply.status == StatusCode::UNAUTHORIZED {
                Tally::add(&self.rush.tally.mix.refused, 1);
                return Ok(());
            }
            if begun.elapsed() > SIGNED_OUT {
                return Err(reply.trouble("signed-out-and-served"));
            }
            tokio::time::sleep(BETWEEN).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rush::tests::small_rush;
    use super::*;

    #[tokio::test]
    async fn a_seat_whose_return_was_not_answered_stays_the_strangers() {
        let rush = Arc::new(small_rush());
        let connection = || Connection::new(Arc::clone(&rush.target), None);
        let (buyer, seller) = (connection(), connection());
        let mut intruder = Intruder { rush: Arc::clone(&rush), buyer, seller, tries: 0 };
        assert!(intruder.changes_its_mind(&mut Rng::of(1, 0, 1)).await.is_err());
        let kept = rush.strangers_seats();
        let last_row = rush.outline.sections[0].subsections[0].place(2, 0)..;
        assert!(kept.len() == 1 && last_row.contains(&kept[0]), "{kept:?}");
    }
}
