//! The HTTP layers without the services: strict parsing, cross-site checks, problems, headers.

use std::collections::HashMap;

use accounts::Token;
use api::problem::{Code, Problem};
use axum::{
    Json,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
    response::Response,
};
use futures::future::BoxFuture;
use kernel::{EventId, Fault, Principal, Role, UserId};
use metrics_exporter_prometheus::PrometheusBuilder;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower::ServiceExt;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{
    principal::{Buyer, Seller, SignedIn},
    seats::SeatsApi,
    strict::{NoBody, PathOf, StrictJson, StrictQuery},
    *,
};
use crate::{
    drain::Drain,
    live::{
        self,
        streams::{Streams, Viewer},
    },
};

/// The token of a session, as text.
macro_rules! token {
    (buyer) => {
        "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
    };
    (seller) => {
        "5555555555555555555555555555555555555555555555555555555555555555"
    };
    (fault) => {
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
    };
}

/// Two living sessions, and one whose check fails.
struct TwoSessions;

impl Sessions for TwoSessions {
    fn principal<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<Option<Principal>, Fault>> {
        let role = match token.expose() {
            token!(buyer) => Ok(Some(Role::Buyer)),
            token!(seller) => Ok(Some(Role::Seller)),
            token!(fault) => Err(Fault::new("read the session", "the disk is away")),
            _ => Ok(None),
        };
        let user_id = UserId::new(Uuid::from_u128(7));
        Box::pin(async move { role.map(|role| role.map(|role| Principal { user_id, role })) })
    }
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Order {
    quantity: u16,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    wait: Option<u16>,
}

#[utoipa::path(post, path = "/v1/orders", responses((status = 200, body = Order)))]
async fn order(_: Buyer, StrictJson(order): StrictJson<Order>) -> Json<Order> {
    Json(order)
}

#[utoipa::path(post, path = "/v1/orders/{number}/cancel", responses((status = 200)))]
async fn cancel(PathOf(_number): PathOf<u16>, _: NoBody) -> &'static str {
    "cancelled"
}

#[utoipa::path(get, path = "/v1/orders/{number}", responses((status = 200)))]
async fn read(PathOf(number): PathOf<u16>, StrictQuery(asked): StrictQuery<Asked>) -> String {
    format!("{number} {:?}", asked.wait)
}

#[utoipa::path(get, path = "/v1/panic", responses((status = 200)))]
async fn broken(_: Result<SignedIn, Problem>) -> &'static str {
    panic!("planned")
}

#[utoipa::path(get, path = "/v1/sellers", responses((status = 200)))]
async fn sellers(_: Seller) -> &'static str {
    "only sellers"
}

pub(super) fn door() -> Router {
    let routes = OpenApiRouter::new()
        .routes(routes!(order))
        .routes(routes!(cancel))
        .routes(routes!(read))
        .routes(routes!(broken))
        .routes(routes!(sellers));
    door_of([routes])
}

fn door_of(routes: impl IntoIterator<Item = OpenApiRouter>) -> Router {
    let edge = Edge {
        sessions: Arc::new(TwoSessions),
        health: Arc::new(Health::default()),
        metrics: PrometheusBuilder::new().build_recorder().handle(),
        trusted_proxies: TrustedProxies::default(),
    };
    router(edge, routes)
}

async fn send(method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "tickets.example");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    door().oneshot(request.body(body.into()).unwrap()).await.unwrap()
}

async fn json(response: Response) -> Value {
    serde_json::from_slice(&to_bytes(response.into_body(), 1 << 20).await.unwrap()).unwrap()
}

async fn check(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
    expect: Code,
) -> Value {
    let response = send(method, path, headers, body).await;
    let context = format!("{method} {path} {headers:?}");
    assert_eq!(response.status(), expect.status(), "{context}");
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json", "{context}");
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let problem = json(response).await;
    assert_eq!(problem["code"], expect.as_str(), "{context}");
    assert_eq!(problem["status"], expect.status().as_u16(), "{context}");
    assert_eq!(problem["type"], format!("https://ticketing.example/problems/{}", expect.as_str()));
    assert_eq!(problem["request_id"], id);
    assert_eq!(problem["instance"], path.split('?').next().unwrap());
    problem
}

pub(super) const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");
pub(super) const BUYER: (&str, &str) = ("authorization", concat!("Bearer ", token!(buyer)));
const BUYER_COOKIE: (&str, &str) = ("cookie", concat!("theme=dark; session=", token!(buyer)));

#[tokio::test]
async fn a_good_request_passes_by_header_and_by_cookie() {
    for who in [BUYER, BUYER_COOKIE] {
        let response = send("POST", "/v1/orders", &[JSON, who], r#"{"quantity":2}"#).await;
        assert_eq!(response.status(), StatusCode::OK, "{who:?}");
        assert_eq!(json(response).await["quantity"], 2);
    }
}

#[tokio::test]
async fn bodies_are_read_strictly() {
    let big = "x".repeat(limits::REQUEST_BODY_BYTES + 1);
    check("POST", "/v1/orders", &[BUYER], r#"{"quantity":2}"#, Code::UnsupportedMediaType).await;
    check("POST", "/v1/orders", &[BUYER, ("content-type", "text/plain")], "{}", Code::UnsupportedMediaType)
        .await;
    check("POST", "/v1/orders", &[BUYER, JSON], "{", Code::InvalidJson).await;
    check("POST", "/v1/orders", &[BUYER, JSON], big, Code::BodyTooLarge).await;
    let problem =
        check("POST", "/v1/orders", &[BUYER, JSON], r#"{"quantity":"2"}"#, Code::InvalidRequest).await;
    assert_eq!(problem["errors"][0]["pointer"], "/quantity");
    assert_eq!(problem["errors"][0]["code"], "wrong-type");
    let problem =
        check("POST", "/v1/orders", &[BUYER, JSON], r#"{"quantity":2,"price":0}"#, Code::InvalidRequest)
            .await;
    assert_eq!(problem["errors"][0]["pointer"], "/price");
    assert_eq!(problem["errors"][0]["code"], "unknown-field");
}

#[tokio::test]
async fn an_encoded_body_is_refused() {
    let body = r#"{"quantity":2}"#;
    for encoding in ["gzip", "br", "gzip, identity"] {
        let encoded = [BUYER, JSON, ("content-encoding", encoding)];
        let response = send("POST", "/v1/orders", &encoded, body).await;
        assert_eq!(response.headers()[header::ACCEPT_ENCODING], "identity", "{encoding}");
        check("POST", "/v1/orders", &encoded, body, Code::UnsupportedMediaType).await;
    }
    for plain in ["identity", "Identity", ""] {
        let response = send("POST", "/v1/orders", &[BUYER, JSON, ("content-encoding", plain)], body).await;
        assert_eq!(response.status(), StatusCode::OK, "{plain}");
    }
}

#[tokio::test]
async fn a_route_without_a_body_judges_one() {
    let path = "/v1/orders/3/cancel";
    let nothing: [(&[(&str, &str)], &str); 4] =
        [(&[], ""), (&[JSON], ""), (&[JSON], "{}"), (&[JSON], " { } ")];
    for (headers, body) in nothing {
        let response = send("POST", path, headers, body).await;
        assert_eq!(response.status(), StatusCode::OK, "{headers:?} {body}");
    }
    let problem = check("POST", path, &[JSON], r#"{"seats":[]}"#, Code::InvalidRequest).await;
    assert_eq!(problem["errors"][0]["pointer"], "/seats");
    assert_eq!(problem["errors"][0]["code"], "unknown-field");
    check("POST", path, &[JSON], "{", Code::InvalidJson).await;
    check("POST", path, &[JSON], "[]", Code::InvalidRequest).await;
    check("POST", path, &[("content-type", "text/plain")], "now", Code::UnsupportedMediaType).await;
    check("POST", path, &[JSON], "x".repeat(limits::REQUEST_BODY_BYTES + 1), Code::BodyTooLarge).await;
}

#[tokio::test]
async fn queries_and_paths_are_read_strictly() {
    let response = send("GET", "/v1/orders/3?wait=5", &[], "").await;
    assert_eq!(to_bytes(response.into_body(), 100).await.unwrap(), "3 Some(5)");
    let cases = [
        ("/v1/orders/3?wait=x", "/wait", "wrong-type"),
        ("/v1/orders/3?wait=70000", "/wait", "out-of-range"),
        ("/v1/orders/3?wiat=1", "/wiat", "unknown-field"),
        ("/v1/orders/3?wait=1&wait=2", "/wait", "duplicate"),
    ];
    for (path, pointer, entry) in cases {
        let problem = check("GET", path, &[], "", Code::InvalidRequest).await;
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{path}");
        assert_eq!(problem["errors"][0]["code"], entry, "{path}");
    }
    check("GET", "/v1/orders/x", &[], "", Code::NotFound).await;
    check("GET", "/v1/orders/%ff", &[], "", Code::NotFound).await;
}

#[tokio::test]
async fn who_is_not_allowed_gets_the_reason() {
    let body = r#"{"quantity":2}"#;
    for who in [("x-nothing", ""), ("authorization", "Bearer stale"), ("cookie", "session=stale")] {
        check("POST", "/v1/orders", &[JSON, who], body, Code::NotSignedIn).await;
    }
    check(
        "POST",
        "/v1/orders",
        &[JSON, ("authorization", concat!("Bearer ", token!(seller)))],
        body,
        Code::WrongRole,
    )
    .await;
    check("GET", "/v1/sellers", &[BUYER], "", Code::WrongRole).await;
    let fault = ("authorization", concat!("Bearer ", token!(fault)));
    let response = send("GET", "/v1/sellers", &[fault], "").await;
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    let problem = check("GET", "/v1/sellers", &[fault], "", Code::Unavailable).await;
    assert!(!problem.to_string().contains("disk"), "a cause is not for callers");
}

#[tokio::test(start_paused = true)]
async fn who_cannot_be_looked_up_watches_as_a_visitor_does() {
    let map = live::tests::Rig::open(&[live::tests::section("A", 100)], 1).await;
    let outlet = super::live::Outlet { streams: Streams::default(), drain: Drain::default() };
    let door = door_of([seats::routes(SeatsApi { maps: map.maps, outlet })]);
    let path = format!("/v1/events/{}/live", live::tests::event());
    for token in [token!(buyer), token!(fault), "stale", ""] {
        let request = Request::get(&path).header(header::COOKIE, format!("session={token}"));
        let response = door.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{token}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_too_many_is_refused_before_its_source_is_looked_for() {
    let map = live::tests::Rig::open(&[live::tests::section("A", 100)], 1).await;
    let streams = Streams::default();
    let viewer = Viewer::User(UserId::new(Uuid::from_u128(7)));
    let _open: Vec<_> =
        (0..limits::STREAMS_PER_USER).map(|_| streams.open(viewer, "seats").unwrap()).collect();
    let outlet = super::live::Outlet { streams, drain: Drain::default() };
    let door = door_of([seats::routes(SeatsApi { maps: map.maps, outlet })]);
    let nothing = EventId::new(Uuid::from_u128(99));
    let request = Request::get(format!("/v1/events/{nothing}/live"))
        .header(BUYER.0, BUYER.1)
        .body(Body::empty())
        .unwrap();
    let response = door.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS, "the event was looked for first");
}

#[tokio::test]
async fn another_site_cannot_use_a_browsers_cookie() {
    let body = r#"{"quantity":2}"#;
    let elsewhere =
        [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("origin", "null")];
    for from in elsewhere {
        check("POST", "/v1/orders", &[JSON, BUYER_COOKIE, from], body, Code::CrossSite).await;
        let bearer = send("POST", "/v1/orders", &[JSON, BUYER, from], body).await;
        assert_eq!(bearer.status(), StatusCode::OK, "{from:?}");
    }
    for from in [("sec-fetch-site", "same-origin"), ("origin", "http://tickets.example")] {
        let own = send("POST", "/v1/orders", &[JSON, BUYER_COOKIE, from], body).await;
        assert_eq!(own.status(), StatusCode::OK, "{from:?}");
    }
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_problems() {
    check("GET", "/v2/orders", &[], "", Code::NotFound).await;
    check("DELETE", "/v1/orders", &[BUYER], "", Code::MethodNotAllowed).await;
    check("POST", "/", &[], "", Code::MethodNotAllowed).await;
    let response = send("DELETE", "/v1/orders", &[BUYER], "").await;
    assert_eq!(response.headers()[header::ALLOW], "POST");
}

#[tokio::test]
async fn a_panic_is_one_answer_and_no_end() {
    check("GET", "/v1/panic", &[], "", Code::Internal).await;
}

#[tokio::test]
async fn a_harmless_request_id_is_kept_and_another_replaced() {
    let response = send("GET", "/livez", &[("x-request-id", "trace-1.a_B")], "").await;
    assert_eq!(response.headers()["x-request-id"], "trace-1.a_B");
    let long = "x".repeat(65);
    for bad in ["a b", "a\"b", long.as_str(), ""] {
        let response = send("GET", "/livez", &[("x-request-id", bad)], "").await;
        assert_eq!(response.headers()["x-request-id"].len(), 32, "{bad}");
    }
}

/// What was logged, as text.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_has_our_own_id_beside_the_callers() {
    let kept = Kept::default();
    let writer = kept.clone();
    let log = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    // Of all tests: what a thread without a log of its own meets first is off for every thread.
    tracing::subscriber::set_global_default(log).unwrap();
    tracing::callsite::rebuild_interest_cache();
    for id in ["same", "same", "not harmless"] {
        send("GET", "/v2/logged", &[("x-request-id", id)], "").await;
    }
    let text = String::from_utf8(kept.0.lock().clone()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lines: Vec<Value> = lines.filter(|line| line["fields"]["path"] == "/v2/logged").collect();
    let fields = |name: &str| lines.iter().map(|line| line["fields"][name].clone()).collect::<Vec<_>>();
    assert_eq!(fields("caller_id"), ["same".into(), "same".into(), Value::Null], "{text}");
    let own = fields("request_id");
    assert!(own.iter().all(|id| id.as_str().is_some_and(|id| id.len() == 32)), "{text}");
    assert!(own[0] != own[1] && own[1] != own[2], "{text}");
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    for path in ["/", "/events/evt_1", "/assets/gone.js", "/livez", "/v1/nothing", "/docs/", "/openapi.json"]
    {
        let response = send("GET", path, &[], "").await;
        let headers = response.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "same-origin", "{path}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'self'"), "{path}");
        assert!(!policy.contains("script-src"), "scripts come from files of ours only: {path}");
    }
}

#[tokio::test]
async fn readiness_names_what_is_wrong() {
    let health = Arc::new(Health::default());
    let edge = Edge {
        sessions: Arc::new(TwoSessions),
        health: Arc::clone(&health),
        metrics: PrometheusBuilder::new().build_recorder().handle(),
        trusted_proxies: TrustedProxies::default(),
    };
    let door = router(edge, []);
    let ask = || async {
        door.clone().oneshot(Request::get("/readyz").body(Body::empty()).unwrap()).await.unwrap()
    };
    assert_eq!(ask().await.status(), StatusCode::OK);
    health.trouble("seats-3", "the loop broke");
    let response = ask().await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(to_bytes(response.into_body(), 100).await.unwrap(), "seats-3: the loop broke\n");
}

#[tokio::test]
async fn every_process_describes_the_routes_of_every_role() {
    let api = json(send("GET", "/openapi.json", &[], "").await).await;
    for (path, method) in [
        ("/v1/users", "post"),
        ("/v1/events/{id}", "patch"),
        ("/v1/events/{id}/live", "get"),
        ("/v1/events/{id}/sales/live", "get"),
        ("/v1/bookings/{id}/pay", "post"),
        ("/v1/me/live", "get"),
        ("/v1/tickets", "get"),
        ("/readyz", "get"),
    ] {
        assert!(api["paths"][path][method].is_object(), "{method} {path}");
    }
    assert!(api["components"]["schemas"]["Problem"].is_object());
}

/// Every address that a page of ours mentions is ours: the pages work without any other host.
#[tokio::test]
async fn pages_ask_no_other_host_for_anything() {
    let mut pages = HashMap::new();
    for path in ["/", "/docs/", "/docs/index.css", "/docs/swagger-initializer.js"] {
        let response = send("GET", path, &[], "").await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        pages.insert(path, String::from_utf8(body.to_vec()).unwrap());
    }
    for (path, text) in &pages {
        assert!(
            !text.contains("https://") && !text.contains("http://") && !text.contains("src=\"//"),
            "{path}: {text}"
        );
        assert!(!text.contains("<script>"), "{path} has an inline script, which the policy would refuse");
    }
    assert!(pages["/docs/swagger-initializer.js"].contains(r#""validatorUrl": "none""#));
}

#[tokio::test]
async fn every_code_is_kebab_case_and_unique() {
    let mut codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), Code::ALL.len());
    assert!(codes.iter().all(|code| code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
    let _: Problem = Fault::new("read", "x").into();
}
