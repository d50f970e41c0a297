//! Steps that speak of requests and answers as such: for what an integrator gets wrong, and for
//! bare routes.

use std::time::Duration;

use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use reqwest::Method;
use serde_json::{Value, json};
use tests::api::{Call, list, number, string};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::TcpStream;

use crate::world::{Draft, Shop};

#[given(regex = r"^a good request to (POST|PATCH) (.+):$")]
fn good_request(shop: &mut Shop, method: String, path: String, step: &Step) {
    let text = shop.filled(step.docstring.as_ref().expect("the step has a body"));
    let body = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"));
    shop.draft = Some(Draft {
        method: Method::from_bytes(method.as_bytes()).unwrap(),
        path: shop.filled(&path),
        body,
    });
}

/// The drafted request as `who`, with whatever body.
async fn call(shop: &mut Shop, who: &str) -> (Call, Value) {
    let draft = shop.draft.clone().expect("the scenario has a good request");
    let (token, key) = (shop.token(who), shop.fresh_key());
    let call = shop.api().await.call(draft.method, &draft.path).token(token.as_deref());
    (call.header("idempotency-key", &key), draft.body)
}

#[when(regex = r"^(\w+|a visitor) sends it$")]
async fn send(shop: &mut Shop, who: String) {
    let (call, body) = call(shop, &who).await;
    shop.answer = Some(call.json(&body).send().await);
}

#[when(regex = r"^(\w+|a visitor) sends it with (/\S+) set to (.+)$")]
async fn send_with(shop: &mut Shop, who: String, pointer: String, value: String) {
    let (call, mut body) = call(shop, &who).await;
    let value = value_of(&shop.filled(&value));
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap_or_else(|| panic!("nothing at {parent}")) {
        Value::Array(entries) if field == "-" => entries.push(value),
        Value::Array(entries) => entries[field.parse::<usize>().unwrap()] = value,
        object => object[field] = value,
    }
    shop.answer = Some(call.json(&body).send().await);
}

#[when(regex = r"^(\w+|a visitor) sends it without (/\S+)$")]
async fn send_without(shop: &mut Shop, who: String, pointer: String) {
    let (call, mut body) = call(shop, &who).await;
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let removed =
        body.pointer_mut(parent).and_then(Value::as_object_mut).and_then(|object| object.remove(field));
    assert!(removed.is_some(), "nothing at {pointer}");
    shop.answer = Some(call.json(&body).send().await);
}

/// JSON as it stands, or one of the big things nobody wants to read: `12 letters`, `101 sections`.
fn value_of(text: &str) -> Value {
    let counted = text.split_once(' ').and_then(|(count, what)| Some((count.parse::<usize>().ok()?, what)));
    let Some((count, what)) = counted else {
        return serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"));
    };
    let subsection =
        |number: usize, rows: usize| json!({"number": number, "rows": rows, "seats_per_row": 1000});
    let section = |number: usize, subsections: Vec<Value>| json!({"name": format!("S{number}"), "price_minor": 1000, "subsections": subsections});
    match what {
        "letters" => Value::String("a".repeat(count)),
        "sections" => (1..=count)
            .map(|n| section(n, vec![json!({"number": 1, "rows": 1, "seats_per_row": 1})]))
            .collect(),
        "subsections" => (1..=count).map(|n| json!({"number": n, "rows": 1, "seats_per_row": 1})).collect(),
        // In a plan of 1,000 seats to the row.
        "thousand seats in one section" => json!([section(1, vec![subsection(1, count)])]),
        "different seats" => (1..=count).map(|n| Value::String(format!("A-1-1-{n}"))).collect(),
        _ => panic!("{text} is neither JSON nor a known quantity"),
    }
}

#[when(regex = r"^(\w+|a visitor) sends as its body: (.*)$")]
async fn send_raw(shop: &mut Shop, who: String, body: String) {
    let body = shop.filled(&body);
    let (call, _) = call(shop, &who).await;
    shop.answer = Some(call.header("content-type", "application/json").text(body).send().await);
}

#[when(regex = r"^(\w+) sends it as (\S+)$")]
async fn send_as(shop: &mut Shop, who: String, kind: String) {
    let (call, body) = call(shop, &who).await;
    shop.answer = Some(call.header("content-type", &kind).text(body.to_string()).send().await);
}

/// It only says that it is encoded, which is what is judged.
#[when(regex = r"^(\w+) sends it encoded as (\S+)$")]
async fn send_encoded(shop: &mut Shop, who: String, encoding: String) {
    let (call, body) = call(shop, &who).await;
    let call = call.header("content-type", "application/json").header("content-encoding", &encoding);
    shop.answer = Some(call.text(body.to_string()).send().await);
}

/// A megabyte is 1,048,576 bytes; the padding is white space, so that nothing but the size is
/// wrong.
#[when(regex = r"^(\w+) sends it padded beyond (\d+) MiB$")]
async fn send_padded(shop: &mut Shop, who: String, mebibytes: usize) {
    let (call, body) = call(shop, &who).await;
    let text = body.to_string() + &" ".repeat(mebibytes * 1024 * 1024);
    shop.answer = Some(call.header("content-type", "application/json").text(text).send().await);
}

/// As a client does that writes a head, and a body when it has it.
#[then(
    regex = r"^a visitor who sends it (\d+) times on one connection, bodies behind heads, gets (\d+) each time$"
)]
async fn send_in_two(shop: &mut Shop, times: usize, status: u16) {
    let Draft { method, path, body } = shop.draft.clone().expect("the scenario has a good request");
    let (host, body) = (shop.api().await.base().trim_start_matches("http://").to_owned(), body.to_string());
    let mut connection = BufStream::new(TcpStream::connect(&host).await.unwrap());
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    for time in 1..=times {
        connection.write_all(head.as_bytes()).await.unwrap();
        connection.flush().await.unwrap();
        // What is tested is a body that comes behind its head.
        tokio::time::sleep(Duration::from_millis(20)).await;
        connection.write_all(body.as_bytes()).await.unwrap();
        connection.flush().await.unwrap();
        let (first, length) = read_head(&mut connection).await;
        assert!(first.starts_with(&format!("HTTP/1.1 {status} ")), "request {time}: {first:?}");
        connection.read_exact(&mut vec![0; length]).await.unwrap();
    }
}

/// The first line of an answer, and the length of its body.
async fn read_head(connection: &mut BufStream<TcpStream>) -> (String, usize) {
    let (mut first, mut length) = (String::new(), 0);
    connection.read_line(&mut first).await.unwrap();
    loop {
        let mut line = String::new();
        connection.read_line(&mut line).await.unwrap();
        match line.trim_end().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(_) => {}
            None => return (first, length),
        }
    }
}

#[when(regex = r"^(\w+|a visitor) calls (GET|POST|PUT|PATCH|DELETE) (\S+)$")]
async fn bare(shop: &mut Shop, who: String, method: String, path: String) {
    let (path, token) = (shop.filled(&path), shop.token(&who));
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    shop.answer = Some(shop.api().await.call(method, &path).token(token.as_deref()).send().await);
}

#[when(regex = r"^someone calls (GET|POST) (\S+) with the session (\w+) has ended$")]
async fn ended_session(shop: &mut Shop, method: String, path: String, who: String) {
    let (path, token) = (shop.filled(&path), shop.person(&who).old_token.clone());
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    shop.answer = Some(shop.api().await.call(method, &path).token(token.as_deref()).send().await);
}

#[when(regex = r"^someone calls (GET|POST) (\S+) with the made-up session (\S+)$")]
async fn made_up_session(shop: &mut Shop, method: String, path: String, token: String) {
    let path = shop.filled(&path);
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    shop.answer = Some(shop.api().await.call(method, &path).token(Some(&token)).send().await);
}

#[then(regex = r"^the answer is (\d+)$")]
fn answer_is(shop: &mut Shop, status: u16) {
    shop.answered().clone().expect(status);
}

#[then(regex = r"^the answer is (\d+) of the kind (\S+)$")]
fn answer_kind(shop: &mut Shop, status: u16, kind: String) {
    let answer = shop.answered();
    assert_eq!(answer.status, status, "{}", answer.text);
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with(&kind), "{:?}", answer.headers);
}

/// Every refusal has the same shape, whatever went wrong.
fn problem(shop: &Shop, status: u16, code: &str) -> Value {
    let answer = shop.answered();
    assert_eq!(answer.status, status, "{}", answer.text);
    let kind =
        answer.headers.get("content-type").map(|kind| kind.to_str().unwrap().to_owned()).unwrap_or_default();
    assert!(kind.starts_with("application/problem+json"), "{kind}: {}", answer.text);
    let body = &answer.body;
    assert_eq!(string(body, "/code"), code, "{body}");
    assert_eq!(string(body, "/type"), format!("https://ticketing.example/problems/{code}"));
    assert_eq!(body["status"], status, "{body}");
    for field in ["/title", "/request_id"] {
        assert!(!string(body, field).is_empty(), "{field} of {body}");
    }
    body.clone()
}

#[then(regex = r#"^it is refused with (\d+) "?([a-z-]+)"?$"#)]
fn refused(shop: &mut Shop, status: u16, code: String) {
    problem(shop, status, &code);
}

/// `the body` is the request as a whole, whose JSON pointer is empty.
#[then(regex = r"^it is refused with 422 invalid-request: (/\S*|the body) is (\S+)$")]
fn invalid(shop: &mut Shop, pointer: String, code: String) {
    let body = problem(shop, 422, "invalid-request");
    let seen: Vec<(String, String)> = list(&body, "/errors")
        .iter()
        .map(|error| (string(error, "/pointer"), string(error, "/code")))
        .collect();
    let pointer = if pointer == "the body" { String::new() } else { pointer };
    assert_eq!(seen, [(pointer, code)], "{body}");
    assert!(!string(&body, "/errors/0/detail").is_empty(), "{body}");
}

#[then(regex = r"^its (/\S+) is (\d+)$")]
fn answer_has(shop: &mut Shop, pointer: String, due: i64) {
    let body = &shop.answered().body;
    assert_eq!(number(body, &pointer), due, "{body}");
}

#[then(regex = r#"^the answer contains "(.+)"$"#)]
fn contains(shop: &mut Shop, text: String) {
    assert!(shop.answered().text.contains(&text), "no {text} in {}", shop.answered().text);
}

#[then("it does not ask anyone else for help")]
fn offline(shop: &mut Shop) {
    let text = &shop.answered().text;
    for reach in ["src=\"http", "src='http", "href=\"http", "url(http", "src=\"//", "href=\"//"] {
        assert!(!text.contains(reach), "{reach} in {text}");
    }
}
