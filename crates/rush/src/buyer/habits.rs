//! What a buyer of the real mix does with a booking: pays in all the ways that the sandbox offers,
//! cancels, presses twice, repeats.
//!
//! Promises: every answer that the contract does not allow is an error. Never: judges where the
//! hold may have ended meanwhile.

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::HeaderValue;

use super::super::client::{Call, Connection, Reply};
use super::super::inbox::State;
use super::super::mix::Habit;
use super::super::plan::Choice;
use super::super::tally::{Tally, Trouble};
use super::super::wire::{pay_body, payment_status, problem_code};
use super::Line;

/// Of 100 accepted bookings: those that are sent again, and those whose key is used for another.
const REPEATED: u8 = 10;
const KEY_USED_AGAIN: u8 = 5;
/// Of 100 accepted bookings those whose buyers give up at once.
const GIVEN_UP: u8 = 4;

impl Line {
    /// Sends an accepted booking again under its key, or another one.
    pub(super) async fn send_again(&mut self, choice: &Choice, id: &str) -> Result<(), Trouble> {
        let mut call = Call::post("/v1/bookings", self.rush.template.body(&self.rush.outline, choice));
        call.idempotency_key = self.key("b");
        let mix = &self.rush.tally.mix;
        if self.planner.rng.percent(REPEATED) {
            let reply = self.connection.call(&call, &self.rush.tally).await?;
            if reply.status != StatusCode::OK {
                return Err(reply.trouble("book-again"));
            }
            if reply.booking_id()? != id {
                return Err(Trouble::new("key-made-two-bookings", format!("{id}: {}", reply.text())));
            }
            Tally::add(&mix.repeated, 1);
        } else if self.planner.rng.percent(KEY_USED_AGAIN) {
            let other = Choice { quantity: 1, seats: Vec::new(), all: !choice.all, ..choice.clone() };
            call.body = self.rush.template.body(&self.rush.outline, &other);
            self.refused_key(&call).await?;
        } else if self.planner.rng.percent(GIVEN_UP) {
            self.give_up(id).await?;
        }
        Ok(())
    }

    /// Cancels a booking that may not be decided yet, or may have failed.
    async fn give_up(&mut self, id: &str) -> Result<(), Trouble> {
        let call = Call::post(format!("/v1/bookings/{id}/cancel"), Bytes::new());
        let reply = self.connection.call(&call, &self.rush.tally).await?;
        if reply.status == StatusCode::OK {
            self.rush.tell_text(&self.buyer, &reply.body);
            Tally::add(&self.rush.tally.mix.given_back, 1);
        } else if !reply.is(StatusCode::CONFLICT, "wrong-state") {
            return Err(reply.trouble("give-up"));
        }
        Ok(())
    }

    /// A used key with another body is refused.
    async fn refused_key(&mut self, call: &Call) -> Result<(), Trouble> {
        let reply = self.connection.call(call, &self.rush.tally).await?;
        if reply.is(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused") {
            Tally::add(&self.rush.tally.mix.keys_refused, 1);
            return Ok(());
        }
        Err(reply.trouble("used-key"))
    }

    /// Does with a granted booking what people do.
    pub(super) async fn behave(&mut self, id: &str) -> Result<(), Trouble> {
        match Habit::next(&mut self.planner.rng) {
            // A key belongs to its route: the one that made the booking may pay it.
            Habit::Pay => self.pay_by(id, "sandbox_success", "b").await,
            Habit::PayAfterDecline => self.decline(id).await,
            Habit::PressTwice => self.press_twice(id).await,
            Habit::RepeatPayment => self.repeat_payment(id).await,
            Habit::PayLate => self.pay_late(id).await,
            Habit::PayUnknown => self.pay_by(id, "sandbox_unknown", "p").await,
            Habit::PayReportedTwice => self.pay_by(id, "sandbox_twice", "p").await,
            Habit::Cancel => self.give_back(id).await,
            Habit::PayTooLate => self.pay_too_late(id).await,
            Habit::WalkAway => Ok(()),
        }
    }

    fn payment(&self, id: &str, method: &str, key: &str) -> Call {
        let mut call = Call::post(format!("/v1/bookings/{id}/pay"), pay_body(method));
        call.idempotency_key = self.key(key);
        call
    }

    /// The provider takes the payment in its own way and may decide later.
    async fn pay_by(&mut self, id: &str, method: &str, key: &str) -> Result<(), Trouble> {
        let call = self.payment(id, method, key);
        let reply = self.connection.call(&call, &self.rush.tally).await?;
        self.paid(id, reply).await
    }

    /// A payment that is charged after the deadline. It is under way until then, so another one is
    /// refused.
    async fn pay_late(&mut self, id: &str) -> Result<(), Trouble> {
        let call = self.payment(id, "sandbox_late", "p");
        let reply = self.connection.call(&call, &self.rush.tally).await?;
        let under_way = reply.status == StatusCode::OK;
        if under_way {
            Tally::add(&self.rush.tally.mix.paid_late, 1);
            self.buyer.inbox.pays_late(id);
        }
        self.paid(id, reply).await?;
        if under_way { self.refused_payment(id, "payment-beside-an-open-one").await } else { Ok(()) }
    }

    /// Waits until the time to pay has passed, by the own clock: the hold began before its buyer
    /// heard of it.
    async fn pay_too_late(&mut self, id: &str) -> Result<(), Trouble> {
        let Some(window) = self.rush.args.window() else { return Ok(()) };
        tokio::time::sleep(window).await;
        self.refused_payment(id, "paid-after-the-deadline").await
    }

    /// A payment that cannot count any more is refused.
    async fn refused_payment(&mut self, id: &str, accepted: &str) -> Result<(), Trouble> {
        let call = self.payment(id, "sandbox_success", "q");
        let reply = self.connection.call(&call, &self.rush.tally).await?;
        match reply.status {
            StatusCode::GONE => self.rush.check_over(&self.buyer, id),
            StatusCode::CONFLICT if problem_code(&reply.body) == "wrong-state" => {}
            StatusCode::OK | StatusCode::PAYMENT_REQUIRED => {
                return Err(Trouble::new(accepted, reply.text()));
            }
            _ => return Err(reply.trouble("pay-too-late")),
        }
        Tally::add(&self.rush.tally.mix.refused, 1);
        Ok(())
    }

    async fn decline(&mut self, id: &str) -> Result<(), Trouble> {
        let call = self.payment(id, "sandbox_decline", "d");
        let reply = self.connection.call(&call, &self.rush.tally).await?;
        if !reply.is(StatusCode::PAYMENT_REQUIRED, "payment-declined") {
            // A provider that did not answer in time may still decline.
            return if reply.status == StatusCode::OK && payment_status(&reply.body) != "unknown" {
                Err(Trouble::new("declined-payment-accepted", reply.text()))
            } else {
                self.paid(id, reply).await
            };
        }
        Tally::add(&self.rush.tally.mix.declined, 1);
        self.pay(id).await
    }

    /// Two payments under two keys at once: one of them counts.
    async fn press_twice(&mut self, id: &str) -> Result<(), Trouble> {
        let authorization: HeaderValue = self.buyer.authorization.clone();
        let mut other = Connection::new(std::sync::Arc::clone(&self.rush.target), Some(authorization));
        let calls = (self.payment(id, "sandbox_success", "p"), self.payment(id, "sandbox_success", "q"));
        let (one, two) = tokio::join!(
            self.connection.call(&calls.0, &self.rush.tally),
            other.call(&calls.1, &self.rush.tally)
        );
        let (one, two) = (one?, two?);
        if one.status == StatusCode::OK && two.status == StatusCode::OK {
            return Err(Trouble::new("two-payments-of-one-booking", two.text()));
        }
        // The one that counts first: paid, else voided, else refused.
        let order = |reply: &Reply| match reply.status {
            StatusCode::OK => 0,
            StatusCode::PAYMENT_REQUIRED => 1,
            _ => 2,
        };
        let (first, second) = if order(&one) <= order(&two) { (one, two) } else { (two, one) };
        let stood = first.status == StatusCode::OK;
        self.paid(id, first).await?;
        if stood && !second.is(StatusCode::CONFLICT, "wrong-state") {
            return Err(second.trouble("pay-again"));
        }
        Tally::add(&self.rush.tally.mix.pressed_twice, usize::from(stood));
        if self.buyer.inbox.state(id) == Some(State::Paid) { self.keep(id).await } else { Ok(()) }
    }

    /// What is paid cannot be given back.
    async fn keep(&mut self, id: &str) -> Result<(), Trouble> {
        let call = Call::post(format!("/v1/bookings/{id}/cancel"), Bytes::new());
        let reply = self.connection.call(&call, &self.rush.tally).await?;
        reply.refused(StatusCode::CONFLICT, "wrong-state", "cancel-of-a-paid-booking")
    }

    /// The same payment again has the same answer; another one under its key is refused.
    async fn repeat_payment(&mut self, id: &str) -> Result<(), Trouble> {
        self.pay(id).await?;
        if self.buyer.inbox.state(id) != Some(State::Paid) {
            return Ok(());
        }
        let mut call = self.payment(id, "sandbox_success", "p");
        let reply = self.connection.call(&call, &self.rush.tally).await?;
        if reply.status != StatusCode::OK || reply.booking_id()? != id {
            return Err(reply.trouble("pay-repeated"));
        }
        Tally::add(&self.rush.tally.mix.repeated, 1);
        call.body = pay_body("sandbox_decline");
        self.refused_key(&call).await
    }

    async fn give_back(&mut self, id: &str) -> Result<(), Trouble> {
        for _ in 0..2 {
            let call = Call::post(format!("/v1/bookings/{id}/cancel"), Bytes::new());
            let reply = self.connection.call(&call, &self.rush.tally).await?;
            if reply.status != StatusCode::OK {
                return Err(reply.trouble("cancel"));
            }
            self.rush.tell_text(&self.buyer, &reply.body);
        }
        Tally::add(&self.rush.tally.mix.given_back, 1);
        Ok(())
    }
}
