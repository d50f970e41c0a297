//! Steps of the live streams: who listens to what, and what is heard.

use std::time::Duration;

use cucumber::gherkin::Step;
use cucumber::{then, when};
use serde_json::Value;
use tests::api::{number, string};
use tests::sse::{Heard, Listener};

use super::names;
use crate::world::{Shop, is_visitor};

/// The path of a stream by the words of the feature.
fn path(shop: &Shop, who: &str, what: &str) -> String {
    match what {
        "the event" => format!("/v1/events/{}/live", shop.event_id(None)),
        "the sales" => format!("/v1/events/{}/sales/live", shop.event_id(None)),
        "the booking" => format!("/v1/bookings/{}/live", shop.booking_id(who)),
        "all own bookings" => "/v1/me/live".to_owned(),
        _ => panic!("nobody can listen to {what}"),
    }
}

#[when(regex = r"^(\w+|a visitor) listens to (the event|the sales|the booking|all own bookings)$")]
async fn listens(shop: &mut Shop, who: String, what: String) {
    open(shop, &who, &what, None).await;
}

async fn open(shop: &mut Shop, who: &str, what: &str, resume: Option<&str>) {
    let (path, token, api) = (path(shop, who, what), shop.token(who), shop.api().await);
    let listener = Listener::open(&api, &path, token.as_deref(), resume).await;
    shop.streams.insert((who.to_owned(), what.to_owned()), listener);
}

#[when(regex = r"^(\w+) tries to listen to (\w+)'s booking$")]
async fn listens_in(shop: &mut Shop, who: String, owner: String) {
    let path = format!("/v1/bookings/{}/live", shop.booking_id(&owner));
    let token = shop.token(&who);
    shop.answer = Some(shop.api().await.get(&path).token(token.as_deref()).send().await);
}

/// The one stream `who` listens to that `fits` speaks of.
fn stream<'a>(shop: &'a Shop, who: &str, what: &[&str]) -> &'a Listener {
    what.iter()
        .find_map(|what| shop.streams.get(&(who.to_owned(), (*what).to_owned())))
        .unwrap_or_else(|| panic!("{who} listens to none of {what:?}"))
}

#[then(regex = r"^(\w+|a visitor) first hears a snapshot$")]
async fn snapshot(shop: &mut Shop, who: String) {
    let live = stream(shop, &who, &["the event"]);
    let first = live.hear("anything", |_| true).await;
    assert_eq!(first.name, "snapshot", "{first:?}");
    assert!(first.id.is_some(), "a snapshot without an id cannot be resumed: {first:?}");
}

#[then(
    regex = r"^(\w+|a visitor) hears that section (\w+) subsection (\d+) has (\d+) available, (\d+) reserved and (\d+) sold$"
)]
async fn counts(
    shop: &mut Shop,
    who: String,
    section: String,
    sub: i64,
    available: i64,
    reserved: i64,
    sold: i64,
) {
    let live = stream(shop, &who, &["the event"]);
    let what = format!("{available}, {reserved} and {sold} in {section}-{sub}");
    let heard = live.hear(&what, |heard| {
        heard.name == "subsection"
            && heard.data["section"] == section.as_str()
            && heard.data["subsection"] == sub
            && heard.data["available"] == available
            && heard.data["reserved"] == reserved
            && heard.data["sold"] == sold
    });
    heard.await;
}

#[then(
    regex = r"^(\w+|a visitor) hears that the seats? ([A-Z0-9, -]+) (?:is|are) (?:again )?(available|reserved|sold)$"
)]
async fn seat_changes(shop: &mut Shop, who: String, seats: String, status: String) {
    let live = stream(shop, &who, &["the event"]);
    for seat in names(&seats) {
        live.hear(&format!("{seat} to be {status}"), |heard| changes_to(heard, &seat, &status)).await;
    }
}

/// Whether a `seats` delta says that this seat now has this status.
fn changes_to(heard: &Heard, seat: &str, status: &str) -> bool {
    let parts: Vec<&str> = seat.split('-').collect();
    let here = heard.name == "seats"
        && heard.data["section"] == parts[0]
        && heard.data["subsection"].as_i64() == parts[1].parse().ok();
    here && heard.data["changes"].as_array().is_some_and(|changes| {
        changes.iter().any(|change| change["id"] == seat && change["status"] == status)
    })
}

/// Of one booking, in order and never backwards.
#[then(regex = r"^(\w+) hears that (?:the|an own) booking is (\w+)$")]
async fn booking_is(shop: &mut Shop, who: String, status: String) {
    let id = shop.booking_id(&who);
    let live = stream(shop, &who, &["the booking", "all own bookings"]);
    live.hear(&format!("{id} to be {status}"), |heard| {
        heard.name == "booking" && heard.data["id"] == id.as_str() && heard.data["status"] == status.as_str()
    })
    .await;
    let rank = |heard: &Heard| match string(&heard.data, "/status").as_str() {
        "processing" => 0,
        "pending_payment" => 1,
        _ => 2,
    };
    let ranks: Vec<i32> =
        live.all().iter().filter(|h| h.name == "booking" && h.data["id"] == id.as_str()).map(rank).collect();
    assert!(ranks.windows(2).all(|pair| pair[0] <= pair[1]), "it went backwards: {ranks:?}");
}

#[then(regex = r"^(\w+) hears only of own bookings$")]
fn only_own(shop: &mut Shop, who: String) {
    let own = shop.bookings.get(&who).cloned().unwrap_or_default();
    for heard in stream(shop, &who, &["all own bookings"]).all() {
        if heard.name == "booking" {
            assert!(own.contains(&string(&heard.data, "/id")), "{heard:?}");
        }
    }
}

#[when(regex = r"^(\w+|a visitor) loses the connection$")]
fn hang_up(shop: &mut Shop, who: String) {
    let key = (who.clone(), "the event".to_owned());
    let last =
        shop.streams.remove(&key).expect("is listening").last_id().expect("heard something with an id");
    shop.resume = Some(last);
}

#[when(regex = r"^(\w+|a visitor) comes back to the event with the last id heard$")]
async fn resume(shop: &mut Shop, who: String) {
    let last = shop.resume.clone().expect("has lost the connection");
    open(shop, &who, "the event", Some(&last)).await;
}

/// What was missed comes as the deltas themselves, or in a snapshot that already holds them, or,
/// from a process that has not heard of it itself yet, after its snapshot.
#[then(regex = r"^(\w+|a visitor) sees the seats ([A-Z0-9, -]+) as (\w+), missed meanwhile$")]
async fn missed(shop: &mut Shop, who: String, seats: String, status: String) {
    let live = stream(shop, &who, &["the event"]);
    let seats = names(&seats);
    let holds_all = |heard: &Heard| {
        heard.name == "snapshot"
            && number(&heard.data, &format!("/{status}")) >= i64::try_from(seats.len()).unwrap()
    };
    let got = live
        .hear("what was missed", |heard| {
            holds_all(heard) || seats.iter().any(|seat| changes_to(heard, seat, &status))
        })
        .await;
    if !holds_all(&got) {
        for seat in &seats {
            live.hear(&format!("{seat} to be {status}"), |heard| changes_to(heard, seat, &status)).await;
        }
    }
}

#[then(regex = r"^(\w+)'s stream ends within 5 seconds$")]
async fn ends(shop: &mut Shop, who: String) {
    assert!(!is_visitor(&who));
    let live = stream(shop, &who, &["all own bookings", "the booking"]);
    assert!(live.ended_within(Duration::from_secs(5)).await, "the stream of someone signed out goes on");
}

#[then(regex = r"^(\w+) hears these sales:$")]
async fn sales(shop: &mut Shop, who: String, step: &Step) {
    let wanted: Vec<Vec<String>> = step.table.as_ref().unwrap().rows[1..].to_vec();
    let fits =
        |data: &Value| data.get("sections").is_some() && super::event_ticketing::sales_rows(data) == wanted;
    let heard =
        stream(shop, &who, &["the sales"]).hear(&format!("{wanted:?}"), |heard| fits(&heard.data)).await;
    assert!(number(&heard.data, "/revenue/amount_minor") >= 0);
}
