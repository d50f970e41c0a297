//! Steps of accounts: registering, signing in, signing out.

use std::time::Duration;

use cucumber::{given, then, when};
use futures::future::join_all;
use serde_json::{Value, json};
use tests::api::string;
use tests::patience::within;

use super::names;
use crate::house::Kind;
use crate::world::{PASSWORD, Shop, is_visitor, sign_in, welcome};

#[given("a shop where buyers have only 8 seconds to pay")]
async fn short_window(shop: &mut Shop) {
    shop.choose(Kind::Short).await;
}

#[given(regex = r"^the (buyer|seller)s? ([\w, ]+)$")]
async fn people(shop: &mut Shop, role: String, who: String) {
    let (api, tag) = (shop.api().await, shop.tag.clone());
    let names = names(&who);
    let welcomed = join_all(names.iter().map(|name| welcome(&api, name, &role, &tag))).await;
    shop.people.extend(names.into_iter().zip(welcomed));
}

#[when(regex = r"^a visitor registers as the (buyer|seller) (\w+)$")]
async fn register(shop: &mut Shop, role: String, name: String) {
    let email = format!("{}.{}@example.org", name.to_lowercase(), shop.tag);
    let new = json!({"email": email, "password": PASSWORD, "name": name, "role": role});
    shop.answer = Some(shop.api().await.post("/v1/users", &new).send().await);
}

#[when(regex = r"^(\w+) signs in(?: with the password (.+))?$")]
async fn signs_in(shop: &mut Shop, name: String, password: String) {
    let email = match shop.people.get(&name) {
        Some(person) => person.email.clone(),
        None => format!("{}.{}@example.org", name.to_lowercase(), shop.tag),
    };
    let password = if password.is_empty() { PASSWORD } else { &password };
    let body = json!({"email": email, "password": password});
    let answer = shop.api().await.post("/v1/sessions", &body).send().await;
    if answer.status == 201 {
        let id = answer.string("/user/id");
        let token = Some(answer.string("/token"));
        let old_token = shop.people.get(&name).and_then(|person| person.old_token.clone());
        shop.people.insert(name, crate::world::Person { id, email, token, old_token });
    }
    shop.answer = Some(answer);
}

#[given(regex = r"^(\w+) is signed in on a second device$")]
async fn second_device(shop: &mut Shop, name: String) {
    let api = shop.api().await;
    let email = shop.person(&name).email.clone();
    let token = sign_in(&api, &email).await;
    let mut twin = shop.person(&name).clone();
    twin.token = Some(token);
    shop.people.insert(format!("{name}2"), twin);
}

#[when(regex = r"^(\w+) signs out$")]
async fn signs_out(shop: &mut Shop, name: String) {
    let token = shop.token(&name);
    let call = shop.api().await.call(reqwest::Method::DELETE, "/v1/sessions/current").token(token.as_deref());
    call.send().await.expect(204);
    let person = shop.people.get_mut(&name).unwrap();
    person.old_token = person.token.take();
}

#[then(regex = r"^within a second (\w+)'s old session is of no more use$")]
async fn session_ended(shop: &mut Shop, name: String) {
    let token = shop.person(&name).old_token.clone().expect("has signed out");
    let api = shop.api().await;
    within(Duration::from_secs(1), "the session to end", || async {
        let answer = api.get("/v1/me").token(Some(&token)).send().await;
        if answer.status == 401 { Ok(()) } else { Err(format!("{} {}", answer.status, answer.text)) }
    })
    .await;
    let answer = api.get("/v1/me").token(Some(&token)).send().await;
    assert_eq!((answer.status, answer.string("/code").as_str()), (401, "not-signed-in"));
}

#[then(regex = r"^(\w+) is (?:still )?signed in(?: as a (buyer|seller))?$")]
async fn is_signed_in(shop: &mut Shop, name: String, role: String) {
    let token = shop.token(&name).expect("has a session");
    let me = shop.api().await.get("/v1/me").token(Some(&token)).send().await.expect(200);
    assert_eq!(string(&me, "/email"), shop.person(&name).email);
    assert!(role.is_empty() || string(&me, "/role") == role, "{me}");
}

#[then(regex = r"^(\w+) is signed in by cookie alone$")]
async fn cookie(shop: &mut Shop, name: String) {
    let set =
        shop.answered().headers.get("set-cookie").expect("a cookie was set").to_str().unwrap().to_owned();
    let lower = set.to_lowercase();
    assert!(lower.contains("httponly") && lower.contains("samesite=") && lower.contains("path=/"), "{set}");
    let pair = set.split(';').next().unwrap();
    let me = shop.api().await.get("/v1/me").header("cookie", pair).send().await.expect(200);
    assert_eq!(string(&me, "/email"), shop.person(&name).email);
}

#[when(regex = r"^another site makes (\w+)'s browser cancel the booking$")]
async fn cross_site(shop: &mut Shop, name: String) {
    let api = shop.api().await;
    let body = json!({"email": shop.person(&name).email, "password": PASSWORD});
    let session = api.post("/v1/sessions", &body).send().await;
    let set = session.headers.get("set-cookie").expect("a cookie was set").to_str().unwrap().to_owned();
    let path = format!("/v1/bookings/{}/cancel", shop.booking_id(&name));
    let call = api.call(reqwest::Method::POST, &path).header("cookie", set.split(';').next().unwrap());
    let call = call.header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
    shop.answer = Some(call.send().await);
}

#[then(regex = r"^the answer contains no secret$")]
fn nothing_secret(shop: &mut Shop) {
    let text = shop.answered().text.to_lowercase();
    assert!(!text.contains(PASSWORD) && !text.contains("argon2") && !text.contains("hash"), "{text}");
}

#[then(regex = r"^(\w+)'s account is a (buyer|seller)'s$")]
fn account(shop: &mut Shop, name: String, role: String) {
    let user: &Value = &shop.answered().body;
    assert!(string(user, "/id").starts_with("usr_"), "{user}");
    assert_eq!((string(user, "/name"), string(user, "/role")), (name, role));
}

#[then(regex = r"^(\w+|a visitor) may not see who is signed in$")]
async fn not_me(shop: &mut Shop, name: String) {
    assert!(is_visitor(&name) || shop.person(&name).token.is_none());
    let answer = shop.api().await.get("/v1/me").send().await;
    assert_eq!((answer.status, answer.string("/code").as_str()), (401, "not-signed-in"));
}
