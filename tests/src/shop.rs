//! A seller, an event and some buyers, made over HTTP, for tests that then do something unkind to
//! the program.

use crate::api::{Answer, Api, list, string};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

/// Sections A, B, C … of one subsection each.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub sections: u8,
    pub rows: u32,
    pub seats_per_row: u32,
}

impl Plan {
    pub fn names(self) -> Vec<String> {
        (0..self.sections).map(|n| char::from(b'A' + n).to_string()).collect()
    }

    pub fn capacity(self) -> usize {
        usize::from(self.sections) * self.rows as usize * self.seats_per_row as usize
    }
}

/// An event on sale, and the sessions of its seller and buyers.
#[derive(Clone, Debug)]
pub struct Shop {
    pub plan: Plan,
    pub event: String,
    pub seller: String,
    pub buyers: Vec<String>,
}

async fn join(api: &Api, name: &str, role: &str) -> String {
    let email = format!("{name}@example.org");
    let new = json!({"email": email, "password": PASSWORD, "name": name, "role": role});
    api.post("/v1/users", &new).send().await.expect(201);
    let session =
        api.post("/v1/sessions", &json!({"email": email, "password": PASSWORD})).send().await.expect(201);
    string(&session, "/token")
}

/// Puts an event on sale and registers the buyers.
pub async fn open(api: &Api, plan: Plan, buyers: usize) -> Shop {
    let seller = join(api, "seller", "seller").await;
    let event = announce(api, &seller, plan).await.unwrap().expect(201);
    let mut tokens = Vec::new();
    for n in 1..=buyers {
        tokens.push(join(api, &format!("buyer{n}"), "buyer").await);
    }
    Shop { plan, event: string(&event, "/id"), seller, buyers: tokens }
}

/// Puts an event on sale; an error means that no answer came.
pub async fn announce(api: &Api, seller: &str, plan: Plan) -> Result<Answer, reqwest::Error> {
    let sections: Vec<Value> = plan
        .names()
        .iter()
        .map(|name| {
            let seating = json!({"number": 1, "rows": plan.rows, "seats_per_row": plan.seats_per_row});
            json!({"name": name, "price_minor": 1000, "subsections": [seating]})
        })
        .collect();
    let event = json!({
        "name": "Concert", "description": "", "venue_name": "City Hall", "time_zone": "Asia/Taipei",
        "starts_at": "2030-05-01T19:30:00+08:00", "currency": "TWD", "max_seats_per_booking": 4,
        "seating": {"sections": sections}, "status": "on_sale",
    });
    api.post("/v1/events", &event).token(Some(seller)).try_send().await
}

/// Asks for seats; an error means that no answer came.
pub async fn book(api: &Api, token: &str, key: &str, body: &Value) -> Result<Answer, reqwest::Error> {
    api.post("/v1/bookings", body).token(Some(token)).header("idempotency-key", key).try_send().await
}

/// Every booking of one buyer, page by page.
pub async fn bookings(api: &Api, token: &str) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/bookings?limit=100{after}");
        let page = api.get(&path).token(Some(token)).send().await.expect(200);
        all.extend(list(&page, "/data").iter().cloned());
        match page["next_cursor"].as_str() {
            Some(cursor) => after = format!("&after={cursor}"),
            None => return all,
        }
    }
}

/// Every seat of the event that is not available, with its status.
pub async fn taken(api: &Api, shop: &Shop) -> std::collections::BTreeMap<String, String> {
    let Shop { plan, event, .. } = shop;
    let mut taken = std::collections::BTreeMap::new();
    let mut seen = 0;
    for section in plan.names() {
        let path = format!("/v1/events/{event}/sections/{section}/subsections/1/seats");
        let body = api.get(&path).send().await.expect(200);
        for seat in list(&body, "/seats") {
            seen += 1;
            if string(seat, "/status") != "available" {
                taken.insert(string(seat, "/id"), string(seat, "/status"));
            }
        }
    }
    assert_eq!(seen, plan.capacity(), "the seat lists are not the plan");
    taken
}
