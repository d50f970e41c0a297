//! Requests that are carried to their end, also when their client goes away.
//!
//! When a connection ends, what it runs is dropped at its next wait: between a commit and the news
//! of it, or between a payment attempt and its charge. So a request that may change something runs
//! in a task of its own.
//!
//! Promises: a carried request keeps its connection's place among those that may be open, so the
//! bound on connections bounds them, too; the server ends only when they have.
//! Never: carries a request that waits for a password's hash.

use std::sync::Arc;

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::users::ends_with_its_connection;

/// All carried requests of a server.
#[derive(Default)]
pub(super) struct Carried {
    tasks: TaskTracker,
    cut: CancellationToken,
}

impl Carried {
    /// What carries the requests of a connection, which has this place.
    pub(super) fn of_connection(&self, place: OwnedSemaphorePermit) -> Carrier {
        Carrier { tasks: self.tasks.clone(), cut: self.cut.clone(), place: Arc::new(place) }
    }

    /// Waits for those that run; none may begin any more.
    pub(super) async fn finished(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Drops those that still run.
    pub(super) async fn abort(&self) {
        self.cut.cancel();
        self.finished().await;
    }
}

/// A request finds it among its extensions.
#[derive(Clone)]
pub(super) struct Carrier {
    tasks: TaskTracker,
    cut: CancellationToken,
    place: Arc<OwnedSemaphorePermit>,
}

/// The outermost layer.
pub(super) async fn to_the_end(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    if request.method().is_safe() || ends_with_its_connection(route) {
        return next.run(request).await;
    }
    // Requests that come by no connection have none.
    let Some(Carrier { tasks, cut, place }) = request.extensions().get::<Carrier>().cloned() else {
        return next.run(request).await;
    };
    let work = tasks.spawn(async move {
        let answer = cut.run_until_cancelled(next.run(request)).await;
        drop(place);
        answer
    });
    match work.await {
        Ok(Some(answer)) => answer,
        // The server ends, and so does the connection that waits for this.
        Ok(None) => std::future::pending().await,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => std::future::pending().await,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, time::Duration};

    use axum::{
        Router,
        middleware::from_fn,
        routing::{get, post},
    };
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpStream},
        sync::Notify,
        task::JoinHandle,
        time::timeout,
    };

    use super::*;
    use crate::{drain::Drain, http::serve::serve};

    const SOON: Duration = Duration::from_secs(20);

    /// A handler: it has begun, may end, was run to its end, is gone.
    #[derive(Clone, Default)]
    struct Work(Arc<[Notify; 4]>);

    impl Work {
        fn begun(&self) -> &Notify {
            &self.0[0]
        }

        fn resumed(&self) -> &Notify {
            &self.0[1]
        }

        fn ended(&self) -> &Notify {
            &self.0[2]
        }

        fn gone(&self) -> &Notify {
            &self.0[3]
        }

        async fn run(self) {
            let _gone = Gone(self.clone());
            self.begun().notify_one();
            self.resumed().notified().await;
            self.ended().notify_one();
        }
    }

    /// Rings when a handler is gone, however it ended.
    struct Gone(Work);

    impl Drop for Gone {
        fn drop(&mut self) {
            self.0.gone().notify_one();
        }
    }

    async fn soon<T>(what: &str, wait: impl Future<Output = T>) -> T {
        timeout(SOON, wait).await.unwrap_or_else(|_| panic!("{what}"))
    }

    /// A server with so many places, on which a client asks for `POST path` and goes away once its
    /// handler has begun.
    async fn left(path: &'static str, places: usize) -> (Work, Drain, JoinHandle<()>, SocketAddr) {
        let work = Work::default();
        let runs = work.clone();
        let routes = Router::new()
            .route(path, post(move || runs.clone().run()))
            .route("/", get(|| async { "here" }))
            .layer(from_fn(to_the_end));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let drain = Drain::default();
        let server = tokio::spawn(serve(listener, routes, drain.clone(), places));
        let mut client = TcpStream::connect(address).await.unwrap();
        let request = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
        work.begun().notified().await;
        drop(client);
        (work, drain, server, address)
    }

    #[tokio::test]
    async fn a_change_is_carried_to_its_end_when_its_client_goes_away() {
        let (work, drain, server, address) = left("/v1/slow", 1).await;
        // Its place is free again only when it has ended.
        let mut next = TcpStream::connect(address).await.unwrap();
        next.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        tokio::select! {
            _ = next.read_to_string(&mut answer) => panic!("its place was taken: {answer}"),
            () = tokio::time::sleep(Duration::from_millis(300)) => {}
        }
        work.resumed().notify_one();
        soon("the request was dropped half-way", work.ended().notified()).await;
        soon("nobody is served any more", next.read_to_string(&mut answer)).await.unwrap();
        assert!(answer.ends_with("here"), "{answer}");
        drain.cancel();
        soon("the server does not end", server).await.unwrap();
    }

    #[tokio::test]
    async fn the_server_ends_behind_the_changes_that_it_carries() {
        let (work, drain, mut server, _) = left("/v1/slow", 9).await;
        drain.cancel();
        tokio::select! {
            _ = &mut server => panic!("the server has ended, its handler runs"),
            () = tokio::time::sleep(Duration::from_millis(300)) => {}
        }
        work.resumed().notify_one();
        soon("the request was dropped half-way", work.ended().notified()).await;
        soon("the server does not end", server).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_that_takes_too_long_is_dropped_before_the_server_ends() {
        let (work, drain, server, _) = left("/v1/slow", 9).await;
        drain.cancel();
        server.await.unwrap();
        work.gone().notified().await;
    }

    #[tokio::test]
    async fn nobody_hashes_a_password_for_a_client_that_left() {
        for path in ["/v1/users", "/v1/sessions"] {
            let (work, drain, server, _) = left(path, 9).await;
            soon("it waits for its turn", work.gone().notified()).await;
            drain.cancel();
            soon("the server does not end", server).await.unwrap();
        }
    }
}
