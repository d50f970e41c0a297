//! The listener: takes connections, serves them, and lets them finish when the server drains.
//!
//! Promises: a slow or silent caller costs one connection and nothing more; there is a bound on
//! connections; when draining begins no connection is taken, and those that are open finish their
//! request.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
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
};
use tower::ServiceExt as _;

use crate::drain::Drain;

/// The pause after a connection could not be taken: out of files, most likely.
const TAKE_AGAIN: Duration = Duration::from_millis(50);

/// Serves until the server drains and all requests are finished, at most
/// [`limits::SHUTDOWN_REQUESTS`] long.
pub async fn serve(listener: TcpListener, router: Router, drain: Drain, connections: usize) {
    let graceful = GracefulShutdown::new();
    let free = Arc::new(Semaphore::new(connections));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits::REQUEST_HEAD_WAIT);
    loop {
        let next = async {
            let permit = Arc::clone(&free).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            next = next => next,
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
        let service = TowerToHyperService::new(with_peer(router.clone(), peer));
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // A connection that breaks off is the caller's affair.
            let _ = connection.await;
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(limits::SHUTDOWN_REQUESTS, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests that did not finish in time were aborted");
    }
}

type Served =
    tower::util::BoxCloneSyncService<Request<Incoming>, axum::response::Response, std::convert::Infallible>;

fn with_peer(router: Router, peer: SocketAddr) -> Served {
    tower::util::BoxCloneSyncService::new(router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(Body::new)
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
