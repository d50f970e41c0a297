//! What one scenario knows: its people, events and bookings, the last answer, and the streams it
//! listens to.
//!
//! Everything a scenario makes carries its own tag, so that all scenarios can share one system at
//! the same time.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use cucumber::World;
use reqwest::Method;
use serde_json::{Value, json};
use tests::api::{Answer, Api, string};
use tests::patience::eventually;
use tests::sse::Listener;

use crate::house::{self, Kind};

/// The password of everyone.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The world of one scenario.
#[derive(Debug, World)]
#[world(init = Self::new)]
pub(crate) struct Shop {
    /// Set by the first step that needs a system.
    api: Option<Api>,
    /// Unique to this scenario; part of every e-mail address and event name.
    pub(crate) tag: String,
    pub(crate) people: BTreeMap<String, Person>,
    /// Event ids by the name the feature gives them.
    pub(crate) events: BTreeMap<String, String>,
    /// The event that is meant when none is named.
    pub(crate) event: Option<String>,
    /// Booking ids by buyer, in order; the last one is "the booking".
    pub(crate) bookings: BTreeMap<String, Vec<String>>,
    /// The request that an outline varies.
    pub(crate) draft: Option<Draft>,
    /// The last answer that a step left for the next ones to look at.
    pub(crate) answer: Option<Answer>,
    /// Answers of calls made at the same time.
    pub(crate) answers: Vec<Answer>,
    /// Streams by listener and what is listened to.
    pub(crate) streams: BTreeMap<(String, String), Listener>,
    /// The id heard last before a connection was lost.
    pub(crate) resume: Option<String>,
    /// When the scenario began to watch the clock.
    pub(crate) started: Option<Instant>,
    /// Counts the keys this scenario made.
    keys: u64,
}

/// Someone with an account.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) email: String,
    /// The session; absent when signed out.
    pub(crate) token: Option<String>,
    /// A session that was ended, kept to show that it is of no more use.
    pub(crate) old_token: Option<String>,
}

/// A good request, to be sent as it is or with one thing changed.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Value,
}

impl Shop {
    fn new() -> Self {
        Self {
            api: None,
            tag: next_tag(),
            people: BTreeMap::new(),
            events: BTreeMap::new(),
            event: None,
            bookings: BTreeMap::new(),
            draft: None,
            answer: None,
            answers: Vec::new(),
            streams: BTreeMap::new(),
            resume: None,
            started: None,
            keys: 0,
        }
    }

    /// The system this scenario speaks to: the usual one, unless a step chose before.
    pub(crate) async fn api(&mut self) -> Api {
        if self.api.is_none() {
            self.api = Some(house::open(Kind::Usual).await);
        }
        self.api.clone().unwrap()
    }

    /// Chooses the system; must come before anything else in a scenario.
    pub(crate) async fn choose(&mut self, kind: Kind) {
        assert!(self.api.is_none(), "the scenario has begun on another system");
        self.api = Some(house::open(kind).await);
    }

    /// Someone the feature named before.
    pub(crate) fn person(&self, name: &str) -> &Person {
        self.people.get(name).unwrap_or_else(|| panic!("nobody here is called {name}"))
    }

    /// The session of someone; `None` for a visitor or someone signed out.
    pub(crate) fn token(&self, name: &str) -> Option<String> {
        if is_visitor(name) { None } else { self.person(name).token.clone() }
    }

    /// The id of the event by this name, or of the only one meant.
    pub(crate) fn event_id(&self, name: Option<&str>) -> String {
        match name {
            Some(name) => {
                self.events.get(name).unwrap_or_else(|| panic!("no event is called {name}")).clone()
            }
            None => self.event.clone().expect("the scenario has an event"),
        }
    }

    /// The booking that someone made last.
    pub(crate) fn booking_id(&self, name: &str) -> String {
        self.bookings
            .get(name)
            .and_then(|all| all.last())
            .unwrap_or_else(|| panic!("{name} has no booking"))
            .clone()
    }

    /// The answer the last step got.
    pub(crate) fn answered(&self) -> &Answer {
        self.answer.as_ref().expect("a step before this one got an answer")
    }

    /// A key nobody has used.
    pub(crate) fn fresh_key(&mut self) -> String {
        self.keys += 1;
        format!("key-{}-{}", self.tag, self.keys)
    }

    /// Someone's booking as the system answers it now.
    pub(crate) async fn booking(&mut self, name: &str) -> Value {
        let (id, token) = (self.booking_id(name), self.token(name));
        self.api().await.get(&format!("/v1/bookings/{id}")).token(token.as_deref()).send().await.expect(200)
    }

    /// Someone's booking once the seat engine has decided it.
    pub(crate) async fn decided(&mut self, name: &str) -> Value {
        let (id, token) = (self.booking_id(name), self.token(name));
        let call = self.api().await.get(&format!("/v1/bookings/{id}?wait=10")).token(token.as_deref());
        let booking = call.send().await.expect(200);
        assert_ne!(string(&booking, "/status"), "processing", "undecided after 10 s: {booking}");
        booking
    }

    /// Someone's booking once it has this status.
    pub(crate) async fn booking_becomes(&mut self, name: &str, status: &str) -> Value {
        let (id, token) = (self.booking_id(name), self.token(name));
        let api = self.api().await;
        eventually(&format!("the booking to be {status}"), || async {
            let booking =
                api.get(&format!("/v1/bookings/{id}")).token(token.as_deref()).send().await.expect(200);
            if string(&booking, "/status") == status { Ok(booking) } else { Err(booking.to_string()) }
        })
        .await
    }

    /// Every seat of one subsection of the event meant, by id, with its status.
    pub(crate) async fn seats_of(&mut self, section: &str, subsection: &str) -> BTreeMap<String, String> {
        let event = self.event_id(None);
        let api = self.api().await;
        seats(&api, &event, section, subsection).await
    }

    /// Puts the ids that only this scenario knows in the place of `{event}`, `{tag}`, `{booking of
    /// Bob}` and such.
    pub(crate) fn filled(&self, text: &str) -> String {
        let mut text = text.replace("{tag}", &self.tag);
        if let Some(event) = &self.event {
            text = text.replace("{event}", event);
        }
        for (name, id) in &self.events {
            text = text.replace(&format!("{{event {name}}}"), id);
        }
        for (name, person) in &self.people {
            text = text.replace(&format!("{{email of {name}}}"), &person.email);
        }
        for (name, bookings) in &self.bookings {
            text = text.replace(&format!("{{booking of {name}}}"), bookings.last().unwrap());
        }
        text
    }
}

/// Every seat of one subsection, by id, with its status.
pub(crate) async fn seats(
    api: &Api,
    event: &str,
    section: &str,
    subsection: &str,
) -> BTreeMap<String, String> {
    let path = format!("/v1/events/{event}/sections/{section}/subsections/{subsection}/seats");
    let body = api.get(&path).send().await.expect(200);
    let seats = tests::api::list(&body, "/seats").iter();
    seats.map(|seat| (string(seat, "/id"), string(seat, "/status"))).collect()
}

/// Whether the feature speaks of someone without an account.
pub(crate) fn is_visitor(name: &str) -> bool {
    name == "a visitor" || name == "A visitor"
}

/// Registers someone and signs in.
pub(crate) async fn welcome(api: &Api, name: &str, role: &str, tag: &str) -> Person {
    let email = format!("{}.{tag}@example.org", name.to_lowercase());
    let new = json!({"email": email, "password": PASSWORD, "name": name, "role": role});
    let user = api.post("/v1/users", &new).send().await.expect(201);
    let token = sign_in(api, &email).await;
    Person { id: string(&user, "/id"), email, token: Some(token), old_token: None }
}

/// A new session of someone with the usual password.
pub(crate) async fn sign_in(api: &Api, email: &str) -> String {
    let session =
        api.post("/v1/sessions", &json!({"email": email, "password": PASSWORD})).send().await.expect(201);
    string(&session, "/token")
}

/// `300000` for `3000` or `3000.00`: the features speak in whole units, the system in minor ones.
pub(crate) fn minor(amount: &str) -> i64 {
    let (units, cents) = amount.split_once('.').unwrap_or((amount, "00"));
    assert_eq!(cents.len(), 2, "{amount} is no amount");
    units.parse::<i64>().unwrap() * 100 + cents.parse::<i64>().unwrap()
}

/// Unique among all scenarios of all runs.
fn next_tag() -> String {
    static RUN: OnceLock<u128> = OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let run = RUN.get_or_init(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis());
    format!("x{run:x}n{}", COUNT.fetch_add(1, Ordering::Relaxed))
}
