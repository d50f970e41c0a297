//! Steps of `seat_reservation`: what everyone sees of the seats.

use cucumber::then;
use tests::api::{list, string};
use tests::patience::eventually;

use super::names;
use crate::world::{Shop, seats};

#[then(regex = r"^the seats? ([A-Z0-9, -]+) (?:is|are) (?:still |again )?(available|reserved|sold)$")]
async fn seats_are(shop: &mut Shop, wanted: String, status: String) {
    let wanted = names(&wanted);
    let event = shop.event_id(None);
    let api = shop.api().await;
    let mut parts = wanted[0].split('-');
    let (section, subsection) = (parts.next().unwrap(), parts.next().unwrap());
    eventually(&format!("{wanted:?} to be {status}"), || async {
        let all = seats(&api, &event, section, subsection).await;
        let seen: Vec<_> = wanted.iter().map(|seat| (seat, all.get(seat))).collect();
        if seen.iter().all(|(_, seen)| *seen == Some(&status)) { Ok(()) } else { Err(format!("{seen:?}")) }
    })
    .await;
}

#[then(regex = r"^section (\w+) subsection (\d+) shows (\d+) seats, all available$")]
async fn all_available(shop: &mut Shop, section: String, subsection: String, count: usize) {
    let all = shop.seats_of(&section, &subsection).await;
    assert_eq!(all.len(), count);
    assert!(all.values().all(|status| status == "available"), "{all:?}");
}

/// The map says what is free and never who holds what.
#[then(regex = r"^the seats of section (\w+) subsection (\d+) say nothing of (\w+)$")]
async fn tells_nothing(shop: &mut Shop, section: String, subsection: String, buyer: String) {
    let path =
        format!("/v1/events/{}/sections/{section}/subsections/{subsection}/seats", shop.event_id(None));
    let (person, booking) = (shop.person(&buyer).clone(), shop.booking_id(&buyer));
    let answer = shop.api().await.get(&path).send().await;
    for secret in [person.id.as_str(), person.email.as_str(), booking.as_str()] {
        assert!(!answer.text.contains(secret), "{secret} in {}", answer.text);
    }
    let body = answer.expect(200);
    assert_eq!(string(&body, "/price/currency"), "TWD");
    assert!(!body["position"].is_null(), "{body}");
    for seat in list(&body, "/seats") {
        let fields: Vec<&String> = seat.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["id", "row", "seat", "status"]);
    }
}

#[then(
    regex = r"^a program can fetch the (\d+) seats of section (\w+) subsection (\d+) in the compact form$"
)]
async fn compact(shop: &mut Shop, count: usize, section: String, subsection: String) {
    let path =
        format!("/v1/events/{}/sections/{section}/subsections/{subsection}/seats", shop.event_id(None));
    let answer = shop.api().await.get(&path).header("accept", "application/octet-stream").send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.headers["content-type"], "application/octet-stream");
    assert!(!answer.text.is_empty() && answer.text.len() < count * 10, "{} bytes", answer.text.len());
}
