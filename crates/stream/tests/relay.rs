//! The outbox relay on an outbox in memory.
//!
//! Promises: each test reads the order of what the relay did. Never: waits for a time.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::{BTreeSet, VecDeque},
    convert::Infallible,
    future::poll_fn,
    sync::{Arc, Mutex},
    task::Poll,
};

use futures::executor::block_on;
use kernel::{
    Fault,
    topic::{Action, Lane, Topic},
};
use stream::{
    Outgoing,
    port::Publisher,
    relay::{self, Outbox},
};

/// Rows that one read gives.
const FEW: usize = 2;

#[derive(Default)]
struct State {
    rows: BTreeSet<i64>,
    /// The next answers of `hold`; after them the turn is kept.
    turns: VecDeque<bool>,
    /// The next answers of the log; after them it takes everything.
    refusals: VecDeque<bool>,
    /// How often the log lets the relay wait for its next answer; the turn is kept each time.
    slow: u32,
    done: Vec<String>,
}

/// An outbox and its log, which note what is done to them.
#[derive(Clone, Default)]
struct Noted(Arc<Mutex<State>>);

impl Noted {
    fn new(rows: impl IntoIterator<Item = i64>) -> Self {
        let noted = Self::default();
        noted.0.lock().unwrap().rows.extend(rows);
        noted
    }

    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().done.push(what.into());
    }

    /// Runs the relay until nothing is left; what it did.
    fn run(mut self) -> Vec<String> {
        let log = self.clone();
        block_on(relay::run(&mut self, &log)).unwrap();
        self.0.lock().unwrap().done.clone()
    }
}

/// The message with this id, which its key carries.
fn message(id: i64) -> Outgoing {
    Outgoing {
        topic: Topic::new(Lane::Shared, Action::TicketReserveRequest),
        partition: 0,
        key: id.to_string().into(),
        payload: Vec::new().into(),
    }
}

impl Outbox for Noted {
    async fn hold(&mut self) -> Result<bool, Fault> {
        Ok(self.0.lock().unwrap().turns.pop_front().unwrap_or(true))
    }

    async fn keep(&self) -> Infallible {
        poll_fn(|_| {
            if self.0.lock().unwrap().slow > 0 {
                self.note("kept");
            }
            Poll::Pending
        })
        .await
    }

    async fn after(&self, id: i64) -> Result<Vec<(i64, Outgoing)>, Fault> {
        let rows = &self.0.lock().unwrap().rows;
        Ok(rows.range(id + 1..).take(FEW).map(|id| (*id, message(*id))).collect())
    }

    fn published(&self, _id: i64) {}

    async fn remove(&self, id: i64) -> Result<(), Fault> {
        self.0.lock().unwrap().rows.retain(|row| *row > id);
        self.note(format!("removed to {id}"));
        Ok(())
    }

    async fn written(&self) {
        self.note("waited");
    }

    async fn back_off(&self, _fault: Fault, attempt: u32) {
        self.note(format!("attempt {attempt}"));
    }

    fn stopped(&self) -> bool {
        let state = self.0.lock().unwrap();
        state.rows.is_empty() || state.done.len() > 50
    }
}

impl Publisher for Noted {
    async fn publish(&self, messages: Vec<Outgoing>) -> Result<(), Fault> {
        poll_fn(|context| {
            let slow = &mut self.0.lock().unwrap().slow;
            let waits = slow.checked_sub(1);
            *slow = waits.unwrap_or(0);
            context.waker().wake_by_ref();
            if waits.is_some() { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        let keys: Vec<_> = messages.iter().map(|message| String::from_utf8_lossy(&message.key)).collect();
        let refused = self.0.lock().unwrap().refusals.pop_front().unwrap_or(false);
        self.note(format!("{} {}", if refused { "refused" } else { "published" }, keys.join(" ")));
        if refused { Err(Fault::new("publish", "the log is away")) } else { Ok(()) }
    }
}

#[test]
fn what_the_log_refused_is_published_again_and_removed_only_then() {
    let noted = Noted::new(1..=3);
    noted.0.lock().unwrap().refusals = [true, true].into();
    let done = noted.run();
    let due = [
        "refused 1 2",
        "attempt 1",
        "refused 1 2",
        "attempt 2",
        "published 1 2",
        "removed to 2",
        "published 3",
        "removed to 3",
    ];
    assert_eq!(done, due);
}

#[test]
fn who_loses_the_turn_for_a_while_publishes_nothing_twice() {
    let noted = Noted::new([4, 9]);
    noted.0.lock().unwrap().turns = [true, false, true].into();
    assert_eq!(noted.run(), ["published 4 9", "waited", "removed to 9"]);
}

#[test]
fn the_turn_is_kept_while_the_log_is_slow() {
    let noted = Noted::new([1]);
    noted.0.lock().unwrap().slow = 3;
    assert_eq!(noted.run(), ["kept", "kept", "published 1", "removed to 1"]);
}
