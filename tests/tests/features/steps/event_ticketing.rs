//! Steps of `event_ticketing`: events, prices, browsing, tickets, sales figures, holds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use reqwest::Method;
use serde_json::{Value, json};
use tests::api::{list, number, string};
use tests::patience::eventually;

use super::rows;
use crate::world::{Shop, minor};

/// A request for an event with these rows of sections and subsections. Beside section and price,
/// each column is a field of the subsection.
fn plan(name: &str, status: &str, rows: &[BTreeMap<String, String>]) -> Value {
    let mut sections: Vec<Value> = Vec::new();
    for row in rows {
        let fields = row.iter().filter(|(column, _)| !matches!(column.as_str(), "section" | "price"));
        let subsection: Value = fields
            .map(|(column, cell)| {
                let field = column.replace("subsection", "number").replace(' ', "_");
                (field, cell.parse::<Value>().unwrap())
            })
            .collect();
        match sections.iter_mut().find(|section| section["name"] == row["section"].as_str()) {
            Some(section) => section["subsections"].as_array_mut().unwrap().push(subsection),
            None => sections.push(json!({
                "name": row["section"],
                "price_minor": minor(&row["price"]),
                "subsections": [subsection],
            })),
        }
    }
    request(name, status, &sections)
}

fn request(name: &str, status: &str, sections: &[Value]) -> Value {
    json!({
        "name": name,
        "description": "An evening to remember",
        "venue_name": "City Hall",
        "time_zone": "Asia/Taipei",
        "starts_at": "2030-05-01T19:30:00+08:00",
        "currency": "TWD",
        "seating": {"sections": sections},
        "status": status,
    })
}

/// Creates an event that the scenario speaks of by `name`, and means when it names none.
async fn create(shop: &mut Shop, seller: &str, name: &str, mut body: Value) -> Value {
    body["name"] = json!(format!("{} {name}", shop.tag));
    let token = shop.token(seller);
    let event = shop.api().await.post("/v1/events", &body).token(token.as_deref()).send().await.expect(201);
    let id = string(&event, "/id");
    assert!(id.starts_with("evt_"), "{id}");
    shop.events.insert(name.to_owned(), id.clone());
    shop.event = Some(id);
    event
}

/// Booking learns of an event by messages: wait until it accepts bookings for it.
async fn listed(shop: &mut Shop) {
    let event = shop.event_id(None);
    let api = shop.api().await;
    eventually("the event to be on sale", || async {
        let answer = api.get(&format!("/v1/events/{event}")).send().await;
        if answer.status == 200 && answer.string("/status") == "on_sale" { Ok(()) } else { Err(answer.text) }
    })
    .await;
}

#[given(regex = r#"^(\w+) has put "(.+)" on sale(?: with at most (\d+) seats per booking)?:$"#)]
#[when(regex = r#"^(\w+) puts "(.+)" on sale(?: with at most (\d+) seats per booking)?:$"#)]
async fn put_on_sale(shop: &mut Shop, seller: String, name: String, most: String, step: &Step) {
    let mut body = plan(&name, "on_sale", &rows(step));
    if !most.is_empty() {
        body["max_seats_per_booking"] = json!(most.parse::<u32>().unwrap());
    }
    create(shop, &seller, &name, body).await;
    listed(shop).await;
}

#[given(regex = r#"^(\w+) has drafted "(.+)":$"#)]
#[when(regex = r#"^(\w+) drafts "(.+)":$"#)]
async fn draft(shop: &mut Shop, seller: String, name: String, step: &Step) {
    let event = create(shop, &seller, &name, plan(&name, "draft", &rows(step))).await;
    assert_eq!(string(&event, "/status"), "draft");
}

#[given(regex = r"^(\w+) has put (\d+) small events on sale$")]
async fn many(shop: &mut Shop, seller: String, count: u32) {
    let sections = [
        json!({"name": "A", "price_minor": 1000, "subsections": [{"number": 1, "rows": 1, "seats_per_row": 2}]}),
    ];
    for number in 1..=count {
        let name = format!("Evening {number}");
        create(shop, &seller, &name, request(&name, "on_sale", &sections)).await;
        listed(shop).await;
    }
}

/// Sections are named A, B, C …; the shape is `10 sections of 10 subsections of 25 rows of 20
/// seats`.
#[when(regex = r#"^(\w+) puts "(.+)" on sale with (\d+ sections of .+ seats) at (\d+) TWD$"#)]
async fn big(shop: &mut Shop, seller: String, name: String, shape: String, price: String) {
    let numbers: Vec<u32> = shape.split(' ').filter_map(|word| word.parse().ok()).collect();
    let [count, subsections, rows, seats] = numbers[..] else { panic!("{shape} is no shape") };
    let inside: Vec<Value> =
        (1..=subsections).map(|n| json!({"number": n, "rows": rows, "seats_per_row": seats})).collect();
    let sections: Vec<Value> = ('A'..='Z')
        .take(count as usize)
        .map(|section| json!({"name": section, "price_minor": minor(&price), "subsections": inside}))
        .collect();
    create(shop, &seller, &name, request(&name, "on_sale", &sections)).await;
    listed(shop).await;
}

#[when(regex = r#"^(\w+) (?:tries to publish|publishes) "(.+)"$"#)]
async fn publish(shop: &mut Shop, seller: String, name: String) {
    let path = format!("/v1/events/{}/publish", shop.event_id(Some(&name)));
    let token = shop.token(&seller);
    shop.answer = Some(shop.api().await.call(Method::POST, &path).token(token.as_deref()).send().await);
}

#[when(regex = r#"^(\w+) (?:tries to change|changes) the description of "(.+)" to "(.+)"$"#)]
async fn describe(shop: &mut Shop, seller: String, name: String, text: String) {
    let path = format!("/v1/events/{}", shop.event_id(Some(&name)));
    let token = shop.token(&seller);
    let call = shop.api().await.call(Method::PATCH, &path).token(token.as_deref());
    shop.answer = Some(call.json(&json!({"description": text})).send().await);
}

#[when(regex = r#"^(\w+) changes the seating of "(.+)" to:$"#)]
async fn reseat(shop: &mut Shop, seller: String, name: String, step: &Step) {
    let path = format!("/v1/events/{}", shop.event_id(Some(&name)));
    let token = shop.token(&seller);
    let call = shop.api().await.call(Method::PATCH, &path).token(token.as_deref());
    let seating = plan(&name, "draft", &rows(step))["seating"].take();
    shop.answer = Some(call.json(&json!({"seating": seating})).send().await);
}

#[when(regex = r"^(\w+) (?:tries to set|sets) the price of section (\w+) to (\S+) TWD$")]
async fn set_price(shop: &mut Shop, seller: String, section: String, price: String) {
    let path = format!("/v1/events/{}/sections/{section}", shop.event_id(None));
    let token = shop.token(&seller);
    let call = shop.api().await.call(Method::PATCH, &path).token(token.as_deref());
    shop.answer = Some(call.json(&json!({"price_minor": minor(&price)})).send().await);
}

#[then(regex = r#"^"(.+)" is (draft|on_sale)(?: and described as "(.+)")?$"#)]
async fn event_is(shop: &mut Shop, name: String, status: String, text: String) {
    // Only its seller sees a draft, so its creator looks.
    let seller = shop.people.iter().find(|(_, person)| person.token.is_some()).map(|(name, _)| name.clone());
    let token = seller.and_then(|seller| shop.token(&seller));
    let path = format!("/v1/events/{}", shop.event_id(Some(&name)));
    let api = shop.api().await;
    eventually(&format!("{name} to be {status}"), || async {
        let event = api.get(&path).token(token.as_deref()).send().await.expect(200);
        let same = string(&event, "/status") == status
            && (text.is_empty() || string(&event, "/description") == text);
        if same { Ok(()) } else { Err(event.to_string()) }
    })
    .await;
}

#[then(regex = r#"^a visitor (finds|does not find) "(.+)" among the events on sale$"#)]
async fn found(shop: &mut Shop, finds: String, name: String) {
    let path = format!("/v1/events?q={}", shop.tag);
    let id = shop.event_id(Some(&name));
    let api = shop.api().await;
    eventually(&format!("a visitor {finds} {name}"), || async {
        let found = api.get(&path).send().await.expect(200);
        let there = list(&found, "/data").iter().any(|event| string(event, "/id") == id);
        if there == (finds == "finds") { Ok(()) } else { Err(found.to_string()) }
    })
    .await;
}

#[then(regex = r#"^(\w+) (finds|does not find) "(.+)" among her own events$"#)]
async fn finds_own(shop: &mut Shop, seller: String, finds: String, name: String) {
    let (id, token) = (shop.event_id(Some(&name)), shop.token(&seller));
    let own = shop.api().await.get("/v1/me/events").token(token.as_deref()).send().await.expect(200);
    let there = list(&own, "/data").iter().any(|event| string(event, "/id") == id);
    assert_eq!(there, finds == "finds", "{own}");
}

#[then(regex = r#"^a search for "(.+)" finds only "(.+)"$"#)]
async fn search(shop: &mut Shop, words: String, name: String) {
    let query = format!("{} {words}", shop.tag).replace(' ', "%20");
    let found = shop.api().await.get(&format!("/v1/events?q={query}")).send().await.expect(200);
    let ids: Vec<String> = list(&found, "/data").iter().map(|event| string(event, "/id")).collect();
    assert_eq!(ids, [shop.event_id(Some(&name))], "{found}");
}

#[then(regex = r"^leafing through them by (\d+) gives pages of ([\d, ]+) events, each once$")]
async fn leaf(shop: &mut Shop, limit: usize, sizes: String) {
    let api = shop.api().await;
    let (mut seen, mut pages, mut after) = (Vec::new(), Vec::new(), String::new());
    loop {
        let mut path = format!("/v1/events?q={}&limit={limit}", shop.tag);
        if !after.is_empty() {
            let _ = write!(path, "&after={after}");
        }
        let page = api.get(&path).send().await.expect(200);
        let ids: Vec<String> = list(&page, "/data").iter().map(|event| string(event, "/id")).collect();
        pages.push(ids.len().to_string());
        seen.extend(ids);
        match page["next_cursor"].as_str() {
            Some(cursor) => cursor.clone_into(&mut after),
            None => break,
        }
        assert!(pages.len() < 20, "the pages never end: {page}");
    }
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    let mut made: Vec<String> = shop.events.values().cloned().collect();
    made.sort();
    assert_eq!((once, seen.len()), (made.clone(), made.len()));
    assert_eq!(pages.join(", "), sizes);
}

#[then(regex = r"^section (\w+) subsection (\d+) has (\d+) available, (\d+) reserved and (\d+) sold$")]
async fn counts(shop: &mut Shop, section: String, subsection: i64, available: i64, reserved: i64, sold: i64) {
    let path = format!("/v1/events/{}", shop.event_id(None));
    let api = shop.api().await;
    eventually("the counts", || async {
        let event = api.get(&path).send().await.expect(200);
        let part = list(&event, "/sections")
            .iter()
            .filter(|s| string(s, "/name") == section)
            .flat_map(|s| list(s, "/subsections"))
            .find(|s| number(s, "/number") == subsection)
            .unwrap_or_else(|| panic!("no such subsection in {event}"))
            .clone();
        let seen = (number(&part, "/available"), number(&part, "/reserved"), number(&part, "/sold"));
        if seen == (available, reserved, sold) { Ok(()) } else { Err(part.to_string()) }
    })
    .await;
}

#[then(regex = r"^the whole event has (\d+) available, (\d+) reserved and (\d+) sold$")]
async fn event_counts(shop: &mut Shop, available: i64, reserved: i64, sold: i64) {
    let path = format!("/v1/events/{}", shop.event_id(None));
    let api = shop.api().await;
    eventually("the counts", || async {
        let event = api.get(&path).send().await.expect(200);
        let seen = (number(&event, "/available"), number(&event, "/reserved"), number(&event, "/sold"));
        if seen == (available, reserved, sold) { Ok(()) } else { Err(event.to_string()) }
    })
    .await;
}

#[then(regex = r"^section (\w+) costs (\S+) TWD$")]
async fn costs(shop: &mut Shop, section: String, price: String) {
    let path = format!("/v1/events/{}", shop.event_id(None));
    let api = shop.api().await;
    eventually("the price", || async {
        let event = api.get(&path).send().await.expect(200);
        let found = list(&event, "/sections").iter().find(|s| string(s, "/name") == section).unwrap().clone();
        assert_eq!(string(&found, "/price/currency"), "TWD");
        if number(&found, "/price/amount_minor") == minor(&price) { Ok(()) } else { Err(found.to_string()) }
    })
    .await;
}

#[then(regex = r"^(\w+) has (?:a ticket|tickets) for seats? ([A-Z0-9, -]+), each with a code of its own$")]
async fn tickets(shop: &mut Shop, buyer: String, seats: String) {
    let mut wanted: Vec<String> = super::names(&seats);
    wanted.sort();
    let (token, booking) = (shop.token(&buyer), shop.booking_id(&buyer));
    let api = shop.api().await;
    let mine = eventually("the tickets", || async {
        let tickets = api.get("/v1/tickets").token(token.as_deref()).send().await.expect(200);
        let mine = list(&tickets, "/data").iter().filter(|ticket| string(ticket, "/booking_id") == booking);
        let mine: Vec<Value> = mine.filter(|ticket| string(ticket, "/status") == "sold").cloned().collect();
        let mut seats: Vec<String> = mine.iter().map(|ticket| string(ticket, "/seat")).collect();
        seats.sort();
        if seats == wanted { Ok(mine) } else { Err(tickets.to_string()) }
    })
    .await;
    let mut codes: Vec<String> = mine.iter().map(|ticket| string(ticket, "/code")).collect();
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), wanted.len(), "{mine:?}");
    for ticket in &mine {
        assert!(string(ticket, "/id").starts_with("tkt_"), "{ticket}");
        assert!(string(ticket, "/code").len() >= 16, "a code that short can be guessed: {ticket}");
        assert!(number(ticket, "/price/amount_minor") > 0, "{ticket}");
    }
}

#[then(regex = r"^(\w+) has no tickets$")]
async fn no_tickets(shop: &mut Shop, buyer: String) {
    let token = shop.token(&buyer);
    let tickets = shop.api().await.get("/v1/tickets").token(token.as_deref()).send().await.expect(200);
    assert!(list(&tickets, "/data").iter().all(|ticket| string(ticket, "/status") != "sold"), "{tickets}");
}

/// Compares the sales figures with a table: section, sold, reserved, available, revenue.
#[then(regex = r"^(\w+) sees these sales:$")]
async fn sales(shop: &mut Shop, seller: String, step: &Step) {
    let wanted: Vec<Vec<String>> = step.table.as_ref().unwrap().rows[1..].to_vec();
    let path = format!("/v1/events/{}/sales", shop.event_id(None));
    let token = shop.token(&seller);
    let api = shop.api().await;
    let body = eventually("the sales figures", || async {
        let body = api.get(&path).token(token.as_deref()).send().await.expect(200);
        let seen = sales_rows(&body);
        if seen == wanted { Ok(body) } else { Err(format!("{seen:?} in {body}")) }
    })
    .await;
    let total: i64 = wanted.iter().map(|row| minor(&row[4])).sum();
    assert_eq!(number(&body, "/revenue/amount_minor"), total, "{body}");
    let by_minute: i64 = list(&body, "/by_minute").iter().map(|minute| number(minute, "/sold")).sum();
    assert_eq!(by_minute, number(&body, "/sold"), "{body}");
}

/// The sections of sales figures as a table's rows.
pub(super) fn sales_rows(body: &Value) -> Vec<Vec<String>> {
    let sections = list(body, "/sections").iter();
    sections
        .map(|s| {
            let revenue = s.pointer("/revenue/amount_minor").unwrap_or(&s["revenue"]).as_i64().unwrap();
            let count = |pointer| number(s, pointer).to_string();
            vec![
                string(s, "/name"),
                count("/sold"),
                count("/reserved"),
                count("/available"),
                format!("{}.{:02}", revenue / 100, revenue % 100),
            ]
        })
        .collect()
}

/// Compares the seats that are held or sold with a table: seat, status, whose booking it is.
#[then(regex = r"^(\w+) sees these seats taken(?: in section (\w+))?(?: with the status (\w+))?:$")]
async fn holds(shop: &mut Shop, seller: String, section: String, status: String, step: &Step) {
    let wanted: Vec<(String, String, String)> = rows(step)
        .iter()
        .map(|row| (row["seat"].clone(), row["status"].clone(), shop.booking_id(&row["booking of"])))
        .collect();
    let mut path = format!("/v1/events/{}/holds?limit=100", shop.event_id(None));
    if !section.is_empty() {
        let _ = write!(path, "&section={section}");
    }
    if !status.is_empty() {
        let _ = write!(path, "&status={status}");
    }
    let token = shop.token(&seller);
    let api = shop.api().await;
    eventually("the seats taken", || async {
        let body = api.get(&path).token(token.as_deref()).send().await.expect(200);
        let mut seen: Vec<_> = list(&body, "/data")
            .iter()
            .map(|hold| (string(hold, "/seat"), string(hold, "/status"), string(hold, "/booking_id")))
            .collect();
        seen.sort();
        if seen == wanted { Ok(()) } else { Err(body.to_string()) }
    })
    .await;
}

#[given("the clock is watched")]
async fn watch_clock(shop: &mut Shop) {
    shop.api().await;
    shop.started = Some(Instant::now());
}

#[then(regex = r"^that took less than (\d+) seconds$")]
fn took(shop: &mut Shop, seconds: u64) {
    let took = shop.started.expect("the clock is watched").elapsed();
    assert!(took < Duration::from_secs(seconds), "it took {took:?}");
}
