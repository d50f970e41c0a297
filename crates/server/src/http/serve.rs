//! The listener: takes connections, serves them, and lets them finish when the server drains.
//!
//! Promises: a slow or silent caller costs one connection and nothing more; there is a bound on
//! connections, and a request that is carried to its end counts as one for as long as it runs; when
//! draining begins no connection is taken, and requests that have begun finish. An event stream
//! that its viewer does not read, and a head that stays half, are cut soon after. When [`serve`]
//! returns, no handler runs.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    http::header,
};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use kernel::limits;
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
};
use tower::ServiceExt as _;

use super::carry::{Carried, Carrier};
use crate::drain::Drain;

/// The pause after a connection could not be taken: out of files, most likely.
const TAKE_AGAIN: Duration = Duration::from_millis(50);

/// How long a viewer of an event stream may take to read its end when the server drains, and a
/// caller to finish the head of its first request.
const STREAM_END: Duration = Duration::from_millis(1_500);

/// Serves until the server drains and all requests are finished, at most
/// [`limits::SHUTDOWN_REQUESTS`] long.
pub async fn serve(listener: TcpListener, router: Router, drain: Drain, connections: usize) {
    let graceful = GracefulShutdown::new();
    let mut open = JoinSet::new();
    let free = Arc::new(Semaphore::new(connections));
    let carried = Carried::default();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits::REQUEST_HEAD_WAIT);
    loop {
        let next = async {
            let permit = Arc::clone(&free).acquire_owned().await;
            let permit = permit.unwrap_or_else(|_| unreachable!("it is never closed"));
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            next = next => next,
            Some(_) = open.join_next() => continue,
            () = drain.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(connection) => connection,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted; trying again");
                tokio::time::sleep(TAKE_AGAIN).await;
                continue;
            }
        };
        prepare(&stream);
        // It has asked for nothing, or for an event stream: it loses nothing when it is cut.
        let cuttable = Arc::new(AtomicBool::new(true));
        let service = served(router.clone(), peer, &cuttable, carried.of_connection(permit));
        let service = TowerToHyperService::new(service);
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        let drain = drain.clone();
        open.spawn(async move {
            let cut = async {
                drain.cancelled().await;
                tokio::time::sleep(STREAM_END).await;
                if !cuttable.load(Ordering::Relaxed) {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                // A connection that breaks off is the caller's affair.
                _ = connection => {}
                () = cut => {}
            }
        });
    }
    drop(listener);
    let finished = async {
        graceful.shutdown().await;
        carried.finished().await;
    };
    if tokio::time::timeout(limits::SHUTDOWN_REQUESTS, finished).await.is_err() {
        tracing::warn!("requests that did not finish in time are aborted");
    }
    open.shutdown().await;
    carried.abort().await;
}

type Served =
    tower::util::BoxCloneSyncService<Request<Incoming>, axum::response::Response, std::convert::Infallible>;

/// The router for one connection: knows the peer, and notes whether the answer is an event stream.
fn served(router: Router, peer: SocketAddr, cuttable: &Arc<AtomicBool>, carrier: Carrier) -> Served {
    let (before, after) = (Arc::clone(cuttable), Arc::clone(cuttable));
    let router = router.map_request(move |mut request: Request<Incoming>| {
        before.store(false, Ordering::Relaxed);
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(carrier.clone());
        request.map(Body::new)
    });
    tower::util::BoxCloneSyncService::new(router.map_response(move |response: axum::response::Response| {
        let kind = response.headers().get(header::CONTENT_TYPE);
        after.store(kind.is_some_and(|kind| kind == "text/event-stream"), Ordering::Relaxed);
        response
    }))
}

/// Answers go out at once; a peer that is gone, or never reads, is noticed.
fn prepare(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    let keepalive =
        TcpKeepalive::new().with_time(limits::UNREAD_ANSWER_WAIT).with_interval(Duration::from_secs(15));
    let set = socket
        .set_tcp_nodelay(true)
        .and_then(|()| socket.set_tcp_keepalive(&keepalive))
        .and_then(|()| socket.set_tcp_user_timeout(Some(limits::UNREAD_ANSWER_WAIT)));
    if let Err(error) = set {
        tracing::debug!(%error, "socket options were not set; the connection keeps the system's defaults");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::{MethodRouter, get};
    use futures::stream;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        sync::Notify,
        time::{Instant, sleep},
    };

    use super::*;

    /// Requests `route` and drains the server when its handler rings `begun`. Gives the
    /// connection, from which nothing was read, once the server has ended; and how long that took.
    async fn drained(route: MethodRouter, begun: &Notify) -> (TcpStream, Duration) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let drain = Drain::default();
        let server = tokio::spawn(serve(listener, Router::new().route("/", route), drain.clone(), 9));
        let mut caller = TcpStream::connect(address).await.unwrap();
        caller.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        begun.notified().await;
        drain.cancel();
        let drained_at = Instant::now();
        server.await.unwrap();
        (caller, drained_at.elapsed())
    }

    /// Handlers ring it.
    fn bell() -> (Arc<Notify>, Arc<Notify>) {
        let bell = Arc::<Notify>::default();
        (Arc::clone(&bell), bell)
    }

    #[tokio::test(start_paused = true)]
    async fn a_viewer_that_reads_nothing_does_not_hold_up_the_end() {
        let (begun, rings) = bell();
        let endless = get(async move || {
            let frames = stream::repeat_with(move || {
                rings.notify_one();
                Ok::<_, std::convert::Infallible>(vec![b':'; 1 << 16])
            });
            ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(frames))
        });
        let (_caller, took) = drained(endless, &begun).await;
        assert!(took < Duration::from_secs(3), "the server took {took:?} to end");
    }

    #[tokio::test(start_paused = true)]
    async fn half_a_head_does_not_hold_up_the_end() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let drain = Drain::default();
        let router = Router::new().route("/", get(|| async { "here" }));
        let server = tokio::spawn(serve(listener, router, drain.clone(), 9));
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET / HT").await.unwrap();
        // An answer to a later connection: the server has taken the first.
        let mut quick = TcpStream::connect(address).await.unwrap();
        quick.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        quick.read_to_string(&mut String::new()).await.unwrap();
        drain.cancel();
        let drained_at = Instant::now();
        server.await.unwrap();
        let took = drained_at.elapsed();
        assert!(took < Duration::from_secs(3), "the server took {took:?} to end");
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_has_begun_is_answered_and_one_that_takes_too_long_is_aborted() {
        for (length, answered) in
            [(limits::SHUTDOWN_REQUESTS * 3 / 4, true), (limits::SHUTDOWN_REQUESTS * 2, false)]
        {
            let (begun, rings) = bell();
            let finished = Arc::<AtomicBool>::default();
            let sets = Arc::clone(&finished);
            let slow = get(async move || {
                rings.notify_one();
                sleep(length).await;
                sets.store(true, Ordering::Relaxed);
                "done"
            });
            let (mut caller, _) = drained(slow, &begun).await;
            sleep(limits::SHUTDOWN_REQUESTS * 3).await;
            assert_eq!(finished.load(Ordering::Relaxed), answered, "a request of {length:?}");
            let mut answer = String::new();
            caller.read_to_string(&mut answer).await.unwrap();
            assert_eq!(answer.ends_with("done"), answered, "a request of {length:?}: {answer}");
        }
    }
}
