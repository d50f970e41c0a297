//! One line of a buyer: books, waits for the outcome on the stream, pays or walks away, again and
//! again until nothing is left. A buyer has several lines, that is, bookings in flight.

mod habits;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::HeaderValue;
use tokio::sync::oneshot;

use super::client::{Call, Connection, Reply};
use super::inbox::{Outcome, Refusal, Request, State};
use super::listener::ask;
use super::mix::Mix;
use super::plan::{Choice, Planner};
use super::rng::Rng;
use super::rush::{Buyer, Rush};
use super::tally::{Tally, Trouble};
use super::wire::{BookingAnswer, PAY_BODY, problem_code};

/// How long the stream may be silent about a booking before the line asks.
const OUTCOME_PATIENCE: Duration = Duration::from_secs(10);
/// The longest that a buyer of the real mix thinks before a booking.
const THINK_MS: u32 = 1_000;
/// Of 100 buyers of the real mix those who ask again for what was sold out.
const ASKS_AGAIN: u8 = 95;
/// Troubles in a row after which a line gives up.
const TROUBLES_IN_A_ROW: u32 = 5;

/// One line of one buyer.
#[derive(Debug)]
pub(super) struct Line {
    rush: Arc<Rush>,
    buyer: Arc<Buyer>,
    connection: Connection,
    planner: Planner,
    number: u32,
    bookings: u32,
}

impl Line {
    /// The `number`-th line of a buyer.
    pub(super) fn new(rush: Arc<Rush>, buyer: Arc<Buyer>, number: u32) -> Self {
        let args = &rush.args;
        let planner = Planner {
            rng: Rng::of(args.seed, buyer.number, number),
            quantity: args.quantity,
            manual: args.manual,
            pay: args.pay,
            mix: args.mix,
        };
        let connection = Connection::new(Arc::clone(&rush.target), Some(buyer.authorization.clone()));
        Self { rush, buyer, connection, planner, number, bookings: 0 }
    }

    /// Opens the line's connection, so that connecting is no part of the measured time.
    pub(super) async fn warm_up(&mut self) {
        let reply = self.connection.call(&Call::get("/v1/me"), &self.rush.tally).await;
        match reply {
            Ok(reply) if reply.status == StatusCode::OK => {}
            Ok(reply) => self.rush.tally.error(reply.trouble("me")),
            Err(trouble) => self.rush.tally.error(trouble),
        }
    }

    /// Buys until nothing is left or the rush is stopped.
    pub(super) async fn run(mut self) {
        let mut troubles = 0;
        while troubles < TROUBLES_IN_A_ROW && !self.rush.is_stopped() {
            let Some(choice) = self.planner.next(&self.rush.outline, &self.rush.market) else {
                if !self.rush.args.until_sold {
                    break;
                }
                self.rush.reopened().await;
                continue;
            };
            if self.rush.args.mix == Mix::Real {
                let think = self.planner.rng.between(0, THINK_MS);
                tokio::time::sleep(Duration::from_millis(think.into())).await;
            }
            match self.buy(&choice).await {
                Ok(()) => troubles = 0,
                Err(trouble) => {
                    troubles += 1;
                    self.rush.tally.error(trouble);
                }
            }
        }
    }

    async fn buy(&mut self, choice: &Choice) -> Result<(), Trouble> {
        self.bookings += 1;
        let (id, outcome) = self.book(choice).await?;
        if self.rush.args.mix == Mix::Real {
            self.send_again(choice, &id).await?;
        }
        let outcome = self.wait(&id, outcome).await?;
        self.learn(choice, &outcome);
        let Outcome::Granted(seats) = outcome else { return Ok(()) };
        if !choice.allows(&self.rush.outline, &seats) {
            return Err(Trouble::new(
                "granted-what-nobody-asked-for",
                format!("{id}: {choice:?}, {seats:?}"),
            ));
        }
        match self.rush.args.mix {
            Mix::Real => self.behave(&id).await,
            Mix::Plain if self.planner.pays() => self.pay(&id).await,
            Mix::Plain => Ok(()),
        }
    }

    /// Sends the booking; its id and where its outcome will arrive.
    async fn book(&mut self, choice: &Choice) -> Result<(String, oneshot::Receiver<Outcome>), Trouble> {
        let mut call = Call::post("/v1/bookings", self.rush.template.body(&self.rush.outline, choice));
        call.idempotency_key = self.key("b");
        Tally::add(&self.rush.tally.offered, 1);
        let sent_us = self.rush.now_us();
        let reply = self.connection.call(&call, &self.rush.tally).await?;
        if reply.status != StatusCode::OK {
            return Err(reply.trouble("book"));
        }
        let accepted_us = self.rush.now_us();
        Tally::add(&self.rush.tally.accepted, 1);
        let booking: BookingAnswer<'_> = serde_json::from_slice(&reply.body)
            .map_err(|error| Trouble::new("unreadable-booking", error.to_string()))?;
        let request = Request { sent_us, accepted_us, quantity: choice.quantity, manual: choice.is_manual() };
        let outcome = self.buyer.inbox.accepted(booking.id, request);
        self.rush.receive(&self.buyer, &booking);
        Ok((booking.id.to_owned(), outcome))
    }

    /// The outcome, from the stream; asks only when the stream has been silent for long.
    async fn wait(&mut self, id: &str, mut outcome: oneshot::Receiver<Outcome>) -> Result<Outcome, Trouble> {
        if let Ok(Ok(outcome)) = tokio::time::timeout(OUTCOME_PATIENCE, &mut outcome).await {
            return Ok(outcome);
        }
        ask(&self.rush, &self.buyer, &mut self.connection, id).await?;
        match outcome.try_recv() {
            Ok(outcome) => {
                // A server that stood still answers streams and questions in any order.
                if !self.rush.args.through_restarts {
                    self.rush.tally.error(Trouble::new("stream-was-silent", id));
                }
                Ok(outcome)
            }
            Err(_) => Err(Trouble::new("never-decided", id)),
        }
    }

    /// What an outcome says about the seats that are left.
    fn learn(&mut self, choice: &Choice, outcome: &Outcome) {
        let market = &self.rush.market;
        if choice.is_manual() {
            // What was asked for and not granted belongs to others.
            choice.seats.iter().for_each(|place| market.take(*place));
            return;
        }
        let exhausted = match outcome {
            Outcome::Granted(seats) => seats.len() < choice.quantity as usize,
            Outcome::Refused(refusal) => *refusal == Refusal::NoSeatsLeft,
            Outcome::Gone => false,
        };
        // People of the real mix ask again for what is sold out.
        let asks_again = self.rush.args.mix == Mix::Real && self.planner.rng.percent(ASKS_AGAIN);
        if exhausted && !asks_again {
            market.sold_out(choice.section, choice.subsection);
        }
    }

    async fn pay(&mut self, id: &str) -> Result<(), Trouble> {
        let mut call = Call::post(format!("/v1/bookings/{id}/pay"), Bytes::from_static(PAY_BODY));
        call.idempotency_key = self.key("p");
        let reply = self.connection.call(&call, &self.rush.tally).await?;
        self.paid(id, reply).await
    }

    /// Takes in the answer to a payment.
    async fn paid(&mut self, id: &str, reply: Reply) -> Result<(), Trouble> {
        match reply.status {
            StatusCode::OK => {
                self.rush.tell_text(&self.buyer, &reply.body);
                Ok(())
            }
            StatusCode::GONE => {
                self.rush.check_over(&self.buyer, id);
                self.rush.tally.late_payments.fetch_add(1, Relaxed);
                Ok(())
            }
            // A payment that the server had stored and not sent when it ended is voided, and its
            // key says so.
            StatusCode::PAYMENT_REQUIRED if self.rush.args.through_restarts => {
                self.rush.tally.retry("402-voided");
                Ok(())
            }
            StatusCode::CONFLICT if problem_code(&reply.body) == "wrong-state" => {
                self.too_late(id, &reply).await
            }
            _ => Err(reply.trouble("pay")),
        }
    }

    /// A payment in the wrong state is explained only if the hold has ended.
    async fn too_late(&mut self, id: &str, reply: &Reply) -> Result<(), Trouble> {
        ask(&self.rush, &self.buyer, &mut self.connection, id).await?;
        if self.buyer.inbox.state(id) == Some(State::Cancelled) {
            self.rush.tally.late_payments.fetch_add(1, Relaxed);
            return Ok(());
        }
        Err(reply.trouble("pay"))
    }

    /// An Idempotency-Key that no other request has.
    fn key(&self, what: &str) -> Option<HeaderValue> {
        let Self { number, bookings, .. } = self;
        HeaderValue::from_str(&format!("{}-{}-{number}-{bookings}-{what}", self.rush.run, self.buyer.number))
            .ok()
    }
}
