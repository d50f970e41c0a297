//! Steps of booking: asking for seats, looking at bookings, cancelling.

use std::time::{Duration, Instant};

use cucumber::{given, then, when};
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::api::{Answer, list, number, string};
use tests::patience::eventually;

use super::names;
use crate::world::{Shop, minor};

/// Asks for seats as `buyer` and remembers the booking, if there is one.
async fn ask(shop: &mut Shop, buyer: &str, body: Value, key: Option<String>) {
    let key = key.unwrap_or_else(|| shop.fresh_key());
    let token = shop.token(buyer);
    let call =
        shop.api().await.post("/v1/bookings", &body).token(token.as_deref()).header("idempotency-key", &key);
    let answer = call.send().await;
    if answer.status == 200 {
        let (id, status) = (answer.string("/id"), answer.string("/status"));
        assert!(id.starts_with("bkg_"), "{}", answer.text);
        assert!(["processing", "pending_payment", "failed"].contains(&status.as_str()), "{}", answer.text);
        shop.bookings.entry(buyer.to_owned()).or_default().push(id);
    }
    shop.answer = Some(answer);
}

fn best(shop: &Shop, quantity: u32, section: &str, subsection: &str, whole: bool) -> Value {
    let mut body = json!({"event_id": shop.event_id(None), "section": section, "mode": "best_available", "quantity": quantity});
    if !subsection.is_empty() {
        body["subsection"] = json!(subsection.parse::<u32>().unwrap());
    }
    if whole {
        body["partial"] = json!("refuse");
    }
    body
}

fn manual(shop: &Shop, seats: &str, whole: bool) -> Value {
    let seats = names(seats);
    let mut parts = seats[0].split('-');
    let (section, subsection) = (parts.next().unwrap(), parts.next().unwrap().parse::<u32>().unwrap());
    let mut body = json!({
        "event_id": shop.event_id(None),
        "section": section,
        "subsection": subsection,
        "mode": "manual",
        "seats": seats,
    });
    if whole {
        body["partial"] = json!("refuse");
    }
    body
}

#[when(
    regex = r"^(\w+) (?:asks|tries to ask) for the best (\d+) seats? in section (\w+)(?: subsection (\d+))?(, all or none)?(?: with the key (\S+))?$"
)]
async fn ask_best(
    shop: &mut Shop,
    buyer: String,
    n: u32,
    section: String,
    sub: String,
    whole: String,
    key: String,
) {
    let body = best(shop, n, &section, &sub, !whole.is_empty());
    let key = (!key.is_empty()).then(|| format!("{key}-{}", shop.tag));
    ask(shop, &buyer, body, key).await;
}

#[when(regex = r"^(\w+) picks the seats? ([A-Z0-9, -]+?)(, all or none)?$")]
async fn pick(shop: &mut Shop, buyer: String, seats: String, whole: String) {
    let body = manual(shop, &seats, !whole.is_empty());
    ask(shop, &buyer, body, None).await;
}

#[given(regex = r"^(\w+) holds the seats? ([A-Z0-9, -]+)$")]
async fn holds(shop: &mut Shop, buyer: String, seats: String) {
    let body = manual(shop, &seats, true);
    ask(shop, &buyer, body, None).await;
    let mut wanted = names(&seats);
    wanted.sort();
    assert_eq!(seats_of(&held(shop, &buyer).await), wanted);
}

/// Bookings larger than an event allows do not exist, so several are made until all of it is held.
#[given(regex = r"^(\w+) holds the best (\d+) seats in section (\w+)$")]
async fn holds_best(shop: &mut Shop, buyer: String, quantity: u32, section: String) {
    let body = best(shop, quantity, &section, "", true);
    ask(shop, &buyer, body, None).await;
    held(shop, &buyer).await;
}

/// The booking of `buyer` once its seats are held.
async fn held(shop: &mut Shop, buyer: &str) -> Value {
    shop.answered().clone().expect(200);
    let booking = shop.decided(buyer).await;
    assert_eq!(string(&booking, "/status"), "pending_payment", "{booking}");
    booking
}

fn seats_of(booking: &Value) -> Vec<String> {
    let mut seats: Vec<String> =
        list(booking, "/seats").iter().map(|seat| seat.as_str().unwrap().to_owned()).collect();
    seats.sort();
    seats
}

#[then(regex = r"^(\w+) gets the seats? ([A-Z0-9, -]+)$")]
async fn gets(shop: &mut Shop, buyer: String, seats: String) {
    let booking = held(shop, &buyer).await;
    let mut wanted = names(&seats);
    wanted.sort();
    assert_eq!(seats_of(&booking), wanted, "{booking}");
}

#[then(regex = r"^(\w+) gets (\d+) seats?( next to each other)?$")]
async fn gets_many(shop: &mut Shop, buyer: String, count: usize, adjacent: String) {
    let booking = held(shop, &buyer).await;
    let seats = seats_of(&booking);
    assert_eq!(seats.len(), count, "{booking}");
    if !adjacent.is_empty() {
        let row: Vec<&str> = seats.iter().map(|seat| seat.rsplit_once('-').unwrap().0).collect();
        let mut numbers: Vec<u32> =
            seats.iter().map(|seat| seat.rsplit_once('-').unwrap().1.parse().unwrap()).collect();
        numbers.sort_unstable();
        assert!(row.iter().all(|other| *other == row[0]), "{booking}");
        assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{booking}");
    }
}

#[then(regex = r"^(\w+) has to pay (\S+) TWD within (\d+) minutes$")]
async fn has_to_pay(shop: &mut Shop, buyer: String, amount: String, minutes: i64) {
    let booking = shop.booking(&buyer).await;
    assert_eq!(number(&booking, "/total/amount_minor"), minor(&amount), "{booking}");
    assert_eq!(string(&booking, "/total/currency"), "TWD");
    let seconds = seconds_of(&string(&booking, "/expires_at")) - seconds_of(&string(&booking, "/created_at"));
    // The minutes run from the moment the seats are held, which is a little after the request.
    assert!((minutes * 60..minutes * 60 + 30).contains(&seconds), "{seconds} s in {booking}");
}

#[then(regex = r"^(\w+) has to pay (\S+) TWD$")]
async fn total(shop: &mut Shop, buyer: String, amount: String) {
    let booking = shop.booking(&buyer).await;
    assert_eq!(number(&booking, "/total/amount_minor"), minor(&amount), "{booking}");
}

/// Seconds since 1970 of a time such as `2030-05-01T11:30:00.123Z`.
fn seconds_of(time: &str) -> i64 {
    let part = |range: std::ops::Range<usize>| time[range].parse::<i64>().unwrap();
    assert!(time.ends_with('Z') && time.len() >= 20, "{time} is no UTC time of RFC 3339");
    let (year, month, day) = (part(0..4), part(5..7), part(8..10));
    // Days from civil, with the year beginning in March.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 719_469;
    ((days * 24 + part(11..13)) * 60 + part(14..16)) * 60 + part(17..19)
}

#[then(regex = r#"^(\w+)'s booking fails with "([a-z-]+)"$"#)]
async fn fails(shop: &mut Shop, buyer: String, code: String) {
    shop.answered().clone().expect(200);
    let booking = shop.decided(&buyer).await;
    assert_eq!((string(&booking, "/status").as_str(), string(&booking, "/failure/code")), ("failed", code));
    assert!(!string(&booking, "/failure/detail").is_empty(), "{booking}");
    assert_eq!(list(&booking, "/seats").len(), 0, "{booking}");
}

#[then(regex = r"^(\w+)'s booking (?:becomes|is still) (\w+)$")]
async fn becomes(shop: &mut Shop, buyer: String, status: String) {
    let booking = shop.booking_becomes(&buyer, &status).await;
    match status.as_str() {
        "paid" => assert!(!string(&booking, "/paid_at").is_empty(), "{booking}"),
        "cancelled" => assert!(!string(&booking, "/cancelled_at").is_empty(), "{booking}"),
        _ => {}
    }
}

#[then(regex = r"^(\w+)'s booking becomes cancelled, by (the buyer|expiry)$")]
async fn cancelled_by(shop: &mut Shop, buyer: String, who: String) {
    let booking = shop.booking_becomes(&buyer, "cancelled").await;
    let reason = if who == "expiry" { "expired" } else { "buyer" };
    assert_eq!(string(&booking, "/cancel_reason"), reason, "{booking}");
}

#[then(regex = r"^the answer is (\w+)'s booking, being processed or decided already$")]
fn accepted(shop: &mut Shop, buyer: String) {
    let booking = shop.answered().clone().expect(200);
    assert_eq!(string(&booking, "/id"), shop.booking_id(&buyer));
    assert_eq!(string(&booking, "/event_id"), shop.event_id(None));
    assert_eq!(number(&booking, "/requested"), 2, "{booking}");
    for field in ["section", "mode", "created_at"] {
        assert!(booking[field].is_string(), "{field} of {booking}");
    }
}

/// Asked with `wait`, the system answers when the booking is decided, and long before the ten
/// seconds have passed.
#[then(regex = r"^waiting for (\w+)'s booking answers as soon as it is decided$")]
async fn waits(shop: &mut Shop, buyer: String) {
    let started = Instant::now();
    shop.decided(&buyer).await;
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[when(regex = r"^(\w+) (?:cancels|tries to cancel) (?:the booking|(\w+)'s booking)$")]
async fn cancel(shop: &mut Shop, buyer: String, owner: String) {
    let path =
        format!("/v1/bookings/{}/cancel", shop.booking_id(if owner.is_empty() { &buyer } else { &owner }));
    let token = shop.token(&buyer);
    shop.answer = Some(shop.api().await.call(Method::POST, &path).token(token.as_deref()).send().await);
}

#[when(regex = r"^(\w+) (?:looks at|tries to look at) (\w+)'s booking$")]
async fn look(shop: &mut Shop, viewer: String, owner: String) {
    let path = format!("/v1/bookings/{}", shop.booking_id(&owner));
    let token = shop.token(&viewer);
    shop.answer = Some(shop.api().await.get(&path).token(token.as_deref()).send().await);
}

#[then(regex = r"^(\w+)'s booking history has (\d+) bookings?, the newest first$")]
async fn history(shop: &mut Shop, buyer: String, count: usize) {
    let token = shop.token(&buyer);
    let page = shop.api().await.get("/v1/bookings").token(token.as_deref()).send().await.expect(200);
    let seen: Vec<String> = list(&page, "/data").iter().map(|booking| string(booking, "/id")).collect();
    let mut made = shop.bookings.get(&buyer).cloned().unwrap_or_default();
    made.reverse();
    assert_eq!((seen.len(), seen), (count, made));
}

#[then(regex = r"^(\w+)'s (\w+) bookings are (\d+)$")]
async fn history_of(shop: &mut Shop, buyer: String, status: String, count: usize) {
    let token = shop.token(&buyer);
    let api = shop.api().await;
    eventually("the history", || async {
        let path = format!("/v1/bookings?status={status}");
        let page = api.get(&path).token(token.as_deref()).send().await.expect(200);
        assert!(list(&page, "/data").iter().all(|booking| string(booking, "/status") == status), "{page}");
        if list(&page, "/data").len() == count { Ok(()) } else { Err(page.to_string()) }
    })
    .await;
}

#[when(
    regex = r"^(\w+) sends the same request for the best (\d+) seats in section (\w+) (\d+) times at once$"
)]
async fn same_at_once(shop: &mut Shop, buyer: String, quantity: u32, section: String, times: usize) {
    let body = best(shop, quantity, &section, "", false);
    let (key, token, api) = (shop.fresh_key(), shop.token(&buyer), shop.api().await);
    let calls = (0..times).map(|_| {
        api.post("/v1/bookings", &body).token(token.as_deref()).header("idempotency-key", &key).send()
    });
    shop.answers = join_all(calls).await;
}

/// A duplicate that comes while the first is in progress may be refused; nobody gets a second
/// booking.
#[then(regex = r"^all answers show one and the same booking of (\w+)$")]
fn one_booking(shop: &mut Shop, buyer: String) {
    let mut ids: Vec<String> = Vec::new();
    for answer in &shop.answers {
        match answer.status {
            200 => ids.push(answer.string("/id")),
            409 => assert_eq!(answer.string("/code"), "idempotency-key-in-use"),
            _ => panic!("{} {}", answer.status, answer.text),
        }
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    shop.bookings.entry(buyer).or_default().push(ids.remove(0));
}

#[then(regex = r"^(\w+) gets the first booking again$")]
fn first_booking_again(shop: &mut Shop, buyer: String) {
    let made = shop.bookings.get_mut(&buyer).unwrap();
    let again = made.pop().unwrap();
    assert_eq!(Some(&again), made.first());
}

/// Many buyers at the same moment, each with one request.
#[when(
    regex = r"^(\d+) buyers at once each (?:pick the seats ([A-Z0-9, -]+)|ask for the best (\d+) seats in section (\w+))$"
)]
async fn crowd(shop: &mut Shop, buyers: usize, seats: String, quantity: String, section: String) {
    let body = if seats.is_empty() {
        best(shop, quantity.parse().unwrap(), &section, "", false)
    } else {
        manual(shop, &seats, false)
    };
    let (api, tag) = (shop.api().await, shop.tag.clone());
    let crowd: Vec<String> = (1..=buyers).map(|n| format!("Buyer{n}")).collect();
    // A few people with several browsers each: the rush is in the requests, not in the sign-ups.
    let people =
        join_all(crowd.iter().take(4).map(|name| crate::world::welcome(&api, name, "buyer", &tag))).await;
    for (n, name) in crowd.iter().enumerate() {
        shop.people.insert(name.clone(), people[n % people.len()].clone());
    }
    let calls = crowd.iter().map(|name| {
        let token = shop.token(name);
        api.post("/v1/bookings", &body)
            .token(token.as_deref())
            .header("idempotency-key", &format!("{tag}-{name}"))
            .send()
    });
    let answers: Vec<Answer> = join_all(calls).await;
    for (name, answer) in crowd.into_iter().zip(answers) {
        let id = string(&answer.expect(200), "/id");
        shop.bookings.insert(name, vec![id]);
    }
}

#[then(regex = r"^(\d+) of them get seats?, (\d+) seats in all, and nobody gets a seat of another$")]
async fn crowd_result(shop: &mut Shop, winners: usize, seats: usize) {
    let crowd: Vec<String> = shop.bookings.keys().filter(|name| name.starts_with("Buyer")).cloned().collect();
    let mut taken = Vec::new();
    let mut lucky = 0;
    for name in crowd {
        let booking = shop.decided(&name).await;
        let got = seats_of(&booking);
        assert_eq!(string(&booking, "/status") == "pending_payment", !got.is_empty(), "{booking}");
        lucky += usize::from(!got.is_empty());
        taken.extend(got);
    }
    let all = taken.len();
    taken.sort();
    taken.dedup();
    assert_eq!((lucky, all, taken.len()), (winners, seats, seats), "{taken:?}");
}
