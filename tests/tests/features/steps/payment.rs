//! Steps of paying: with a method token of the sandbox provider, once or twice, in time or late.

use std::time::Duration;

use cucumber::{given, then, when};
use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use tests::api::string;
use tests::patience::eventually;

use crate::world::Shop;

#[when(
    regex = r#"^(\w+) (?:pays|tries to pay)(?: for (\w+)'s booking)? with "(\w+)"(?: and the key (\S+)| and (no) key)?$"#
)]
async fn pay(shop: &mut Shop, buyer: String, owner: String, method: String, key: String, no_key: String) {
    let path =
        format!("/v1/bookings/{}/pay", shop.booking_id(if owner.is_empty() { &buyer } else { &owner }));
    let token = shop.token(&buyer);
    let key = if key.is_empty() { shop.fresh_key() } else { format!("{key}-{}", shop.tag) };
    let mut call = shop.api().await.post(&path, &json!({"payment_method": method})).token(token.as_deref());
    if no_key.is_empty() {
        call = call.header("idempotency-key", &key);
    }
    shop.answer = Some(call.send().await);
}

#[given(regex = r"^(\w+) has paid$")]
async fn has_paid(shop: &mut Shop, buyer: String) {
    pay(shop, buyer.clone(), String::new(), "sandbox_success".to_owned(), String::new(), String::new()).await;
    let booking = shop.answered().clone().expect(200);
    assert_eq!(string(&booking, "/status"), "paid", "{booking}");
}

#[then("the payment is accepted")]
fn accepted(shop: &mut Shop) {
    let booking = shop.answered().clone().expect(200);
    assert_eq!(string(&booking, "/status"), "paid", "{booking}");
    assert!(!string(&booking, "/paid_at").is_empty(), "{booking}");
}

#[then("the outcome of the payment is not known yet")]
fn unknown(shop: &mut Shop) {
    let booking = shop.answered().clone().expect(200);
    let seen = (string(&booking, "/status"), string(&booking, "/payment/status"));
    assert_eq!(seen, ("pending_payment".to_owned(), "unknown".to_owned()), "{booking}");
}

/// Pay and cancel are sent in the same instant; which of them wins is the system's choice, but only
/// one may.
#[when(regex = r"^(\w+) pays and cancels in the same instant$")]
async fn pay_and_cancel(shop: &mut Shop, buyer: String) {
    let (id, token, key) = (shop.booking_id(&buyer), shop.token(&buyer), shop.fresh_key());
    let api = shop.api().await;
    let body = json!({"payment_method": "sandbox_success"});
    let pay = api.post(&format!("/v1/bookings/{id}/pay"), &body).token(token.as_deref());
    let cancel = api.call(Method::POST, &format!("/v1/bookings/{id}/cancel")).token(token.as_deref());
    shop.answers = join_all([pay.header("idempotency-key", &key).send(), cancel.send()]).await;
}

#[then(regex = r"^exactly one of the two wins, and (\w+)'s booking says which$")]
async fn one_wins(shop: &mut Shop, buyer: String) {
    let won: Vec<bool> = shop.answers.iter().map(|answer| answer.status == 200).collect();
    let got: Vec<String> = shop.answers.iter().map(|a| format!("{} {}", a.status, a.text)).collect();
    assert_eq!(won.iter().filter(|won| **won).count(), 1, "{got:?}");
    let loser = &shop.answers[usize::from(won[0])];
    assert_eq!((loser.status, loser.string("/code").as_str()), (409, "wrong-state"), "{got:?}");
    shop.booking_becomes(&buyer, if won[0] { "paid" } else { "cancelled" }).await;
}

#[when(regex = r"^(\w+)'s payment deadline has passed$")]
async fn time_over(shop: &mut Shop, buyer: String) {
    shop.booking_becomes(&buyer, "cancelled").await;
}

#[then(regex = r"^(\w+)'s money is given back$")]
async fn refunded(shop: &mut Shop, buyer: String) {
    let (id, token) = (shop.booking_id(&buyer), shop.token(&buyer));
    let api = shop.api().await;
    eventually("the refund", || async {
        let booking = api.get(&format!("/v1/bookings/{id}")).token(token.as_deref()).send().await.expect(200);
        let payment = booking.pointer("/payment/status").and_then(serde_json::Value::as_str);
        if payment == Some("refunded") { Ok(()) } else { Err(booking.to_string()) }
    })
    .await;
}

/// No condition can show that something does not happen, so the scenario looks for as long as it
/// might.
#[then(regex = r"^(\w+)'s booking stays (\w+) while (\w+)'s time to pay runs out$")]
async fn stays(shop: &mut Shop, buyer: String, status: String, other: String) {
    let before = shop.booking(&buyer).await;
    let api = shop.api().await;
    let (other_id, other_token) = (shop.booking_id(&other), shop.token(&other));
    tests::patience::within(Duration::from_secs(30), "the other booking to expire", || async {
        let path = format!("/v1/bookings/{other_id}");
        let booking = api.get(&path).token(other_token.as_deref()).send().await.expect(200);
        if string(&booking, "/status") == "cancelled" { Ok(()) } else { Err(booking.to_string()) }
    })
    .await;
    let after = shop.booking(&buyer).await;
    assert_eq!((string(&after, "/status"), &after["seats"]), (status, &before["seats"]));
}
