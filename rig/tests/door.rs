//! What `deploy/haproxy/haproxy.cfg` does with requests, shown with servers that only answer who
//! they are.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use futures::StreamExt as _;
use rig::{HaProxy, HaProxyOptions};
use tokio::{net::TcpListener, task::JoinHandle};

/// A server that answers its name and the caller's address as it sees it.
#[derive(Clone)]
struct Answering {
    name: &'static str,
    ready: Arc<AtomicBool>,
    posts: Arc<AtomicU32>,
}

struct Running {
    answering: Answering,
    address: SocketAddr,
    task: JoinHandle<()>,
}

async fn answer_name(
    State(answering): State<Answering>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let forwarded: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().map(|value| value.to_str().unwrap()).collect();
    match uri.path() {
        "/readyz" if !answering.ready.load(Ordering::Relaxed) => {
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        // The first part of a stream that stays open.
        "/v1/events/evt_1/live" => {
            let first = futures::stream::once(async { Ok::<_, std::convert::Infallible>("data: first\n\n") });
            Body::from_stream(first.chain(futures::stream::pending())).into_response()
        }
        // The connection ends without an answer.
        "/v1/bookings/lost" => {
            if method == Method::POST {
                answering.posts.fetch_add(1, Ordering::Relaxed);
            }
            let broken = futures::stream::once(async { Err::<&str, _>(std::io::Error::other("gone")) });
            Body::from_stream(broken).into_response()
        }
        _ => {
            ([("content-type", "text/plain")], format!("{} saw {}", answering.name, forwarded.join(" and ")))
                .into_response()
        }
    }
}

async fn serve(name: &'static str, address: SocketAddr) -> Running {
    let answering = Answering { name, ready: Arc::new(AtomicBool::new(true)), posts: Arc::default() };
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(answer_name).with_state(answering.clone());
    let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Running { answering, address, task }
}

struct House {
    haproxy: HaProxy,
    booking: Running,
    event_ticketing: Running,
    seats: [Running; 2],
    client: reqwest::Client,
}

impl House {
    async fn open() -> Self {
        let free = || SocketAddr::from(([127, 0, 0, 1], rig::free_port().unwrap()));
        let booking = serve("booking", free()).await;
        let event_ticketing = serve("event-ticketing", free()).await;
        let seats = [serve("seats-1", free()).await, serve("seats-2", free()).await];
        let front = free();
        let variables = [
            ("TICKETING_FRONT", front.to_string()),
            ("TICKETING_PROXY_METRICS", free().to_string()),
            ("TICKETING_BOOKING", booking.address.to_string()),
            ("TICKETING_EVENT_TICKETING", event_ticketing.address.to_string()),
            ("TICKETING_SEATS_1", seats[0].address.to_string()),
            ("TICKETING_SEATS_2", seats[1].address.to_string()),
            ("TICKETING_DOMAIN", String::new()),
        ];
        let haproxy = HaProxy::start(&HaProxyOptions {
            data: None,
            configuration: include_str!("../../deploy/haproxy/haproxy.cfg").to_owned(),
            environment: variables.map(|(name, address)| (name.to_owned(), address)).to_vec(),
            port: front.port(),
        })
        .await
        .unwrap();
        haproxy.ready().await.unwrap();
        Self { haproxy, booking, event_ticketing, seats, client: reqwest::Client::new() }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        self.ask(path).await.unwrap()
    }

    async fn ask(&self, path: &str) -> reqwest::Result<(u16, String)> {
        let answer = self.client.get(format!("{}{path}", self.haproxy.url())).send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    /// Asks until the answer has this status. Where a server went away with a request, the proxy
    /// may close the caller's kept connection without a word, as HTTP/1.1 lets it (RFC 9112 §9.3.1:
    /// the caller asks again): that is no answer yet.
    async fn becomes(&self, path: &str, status: u16) {
        let started = Instant::now();
        while self.ask(path).await.ok().is_none_or(|(got, _)| got != status) {
            assert!(started.elapsed() < Duration::from_secs(20), "{path} never answered {status}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn each_path_goes_to_who_serves_it() {
    let house = House::open().await;
    let cases = [
        ("/v1/bookings", Some("booking")),
        ("/v1/bookings?status=paid", Some("booking")),
        ("/v1/bookings/bkg_1/pay", Some("booking")),
        ("/v1/bookings/bkg_1/live", Some("booking")),
        ("/v1/me/live", Some("booking")),
        ("/v1/me", Some("event-ticketing")),
        ("/v1/events", Some("event-ticketing")),
        ("/v1/events/evt_1", Some("event-ticketing")),
        ("/v1/events/evt_1/sales/live", Some("event-ticketing")),
        ("/v1/events/evt_1/holds", Some("event-ticketing")),
        ("/v1/events/evt_1/sections/A", Some("event-ticketing")),
        ("/v1/sessions/current", Some("event-ticketing")),
        ("/v1/tickets", Some("event-ticketing")),
        ("/v1/bookingsy", Some("event-ticketing")),
        ("/v1/events/evt_1/sections/A%20B/subsections/1/seats", None),
        ("/", None),
        ("/docs", None),
    ];
    for (path, expect) in cases {
        let (status, text) = house.get(path).await;
        assert_eq!(status, 200, "{path}");
        let (name, forwarded) = text.split_once(" saw ").unwrap();
        if let Some(expect) = expect {
            assert_eq!(name, expect, "{path}");
        }
        assert_eq!(forwarded, "127.0.0.1", "{path}");
    }
}

/// The proxy asks the server with the fewest open requests. A request that it has not yet seen end
/// keeps its server out for a moment.
#[tokio::test]
async fn seats_are_shown_by_whoever_is_there() {
    let house = House::open().await;
    let all = ["booking", "event-ticketing", "seats-1", "seats-2"];
    let mut seen = std::collections::BTreeSet::new();
    let started = Instant::now();
    while seen.len() < all.len() {
        assert!(started.elapsed() < Duration::from_secs(20), "only {seen:?}");
        let (_, text) = house.get("/v1/events/evt_1/sections/A/subsections/1/seats").await;
        seen.insert(text);
    }
    assert!(seen.into_iter().eq(all.map(|name| format!("{name} saw 127.0.0.1"))));
}

#[tokio::test]
async fn a_caller_cannot_choose_its_address() {
    let house = House::open().await;
    let request = house.client.get(format!("{}/v1/me", house.haproxy.url()));
    let answer = request.header("x-forwarded-for", "203.0.113.9").send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "event-ticketing saw 127.0.0.1");
}

#[tokio::test]
async fn a_stream_is_not_kept_back() {
    let house = House::open().await;
    let answer =
        house.client.get(format!("{}/v1/events/evt_1/live", house.haproxy.url())).send().await.unwrap();
    let first = tokio::time::timeout(Duration::from_secs(5), answer.bytes_stream().next()).await;
    assert_eq!(first.unwrap().unwrap().unwrap(), "data: first\n\n");
}

#[tokio::test]
async fn without_a_role_the_cluster_is_not_ready_and_says_when_to_come_again() {
    let house = House::open().await;
    assert_eq!(house.get("/readyz").await.0, 200);
    house.booking.answering.ready.store(false, Ordering::Relaxed);
    house.becomes("/readyz", 503).await;
    let answer = house.client.get(format!("{}/v1/bookings", house.haproxy.url())).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert!(answer.text().await.unwrap().contains("\"code\":\"unavailable\""));
    assert_eq!(house.get("/v1/events").await.0, 200, "the others go on");
    house.booking.answering.ready.store(true, Ordering::Relaxed);
    house.becomes("/readyz", 200).await;

    for seats in &house.seats {
        seats.answering.ready.store(false, Ordering::Relaxed);
    }
    house.becomes("/readyz", 503).await;
    house.event_ticketing.task.abort();
    house.becomes("/v1/events", 503).await;
}

#[tokio::test]
async fn what_may_have_been_done_is_not_sent_twice() {
    let house = House::open().await;
    let url = format!("{}/v1/bookings/lost", house.haproxy.url());
    let answer = house.client.post(url).body("{}").send().await;
    let failed = match answer {
        Ok(answer) => !answer.status().is_success() || answer.bytes().await.is_err(),
        Err(_) => true,
    };
    assert!(failed, "an answer that broke off is none");
    assert_eq!(house.booking.answering.posts.load(Ordering::Relaxed), 1);
}
