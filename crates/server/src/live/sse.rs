//! A stream of server-sent events: its headers, its heartbeat, and its end.
//!
//! Promises: a comment at least every 15 s; the stream ends when the server drains, and within
//! seconds when its session has ended. Frames are pulled only as fast as the viewer reads, so a
//! slow viewer costs its source nothing.

use std::{
    convert::Infallible,
    future::{Future, pending},
    time::Duration,
};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::streams::Permit;
use crate::{drain::Drain, gate::LiveSession};

const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a stream may outlive its session.
const SESSION_CHECK: Duration = Duration::from_secs(2);
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

/// Where frames come from.
pub trait Source: Send + 'static {
    /// The next frame, or `None` at the end.
    fn next(&mut self) -> impl Future<Output = Option<Bytes>> + Send;
}

/// What surrounds a source.
pub struct Setting {
    pub drain: Drain,
    /// Held for as long as the stream is open.
    pub permit: Permit,
    /// Whose session must be alive for the stream to continue.
    pub session: Option<LiveSession>,
}

/// The id that a viewer says it has seen last.
pub fn last_event_id(headers: &HeaderMap) -> Option<&str> {
    headers.get("last-event-id")?.to_str().ok().filter(|id| !id.is_empty())
}

/// Answers with the source's frames for as long as they come.
pub fn respond(source: impl Source, Setting { drain, permit, session }: Setting) -> Response {
    // A stream keeps the future of its next frame, whatever else happens meanwhile.
    let frames = stream::unfold((source, permit), |(mut source, permit)| async {
        Some((source.next().await?, (source, permit)))
    });
    let frames = Box::pin(frames.take_until(ended(session)).take_until(drain.cancelled_owned()));
    let body = stream::unfold(frames, |mut frames| async {
        let frame = timeout(HEARTBEAT, frames.next()).await.unwrap_or(Some(COMMENT));
        Some((frame?, frames))
    });
    let body = Body::from_stream(stream::iter([retry()]).chain(body).map(Ok::<_, Infallible>));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, body).into_response()
}

/// Waits until the session has ended; without one for ever.
async fn ended(session: Option<LiveSession>) {
    let Some(session) = session else { return pending().await };
    while session.is_alive().await {
        sleep(SESSION_CHECK).await;
    }
}

/// The client's reconnection delay: one to three seconds, with jitter so that not all reconnect at
/// once.
fn retry() -> Bytes {
    let jitter = u64::from(Uuid::new_v4().as_bytes()[0]);
    format!("retry: {}\n\n", 1_000 + jitter * 2_000 / 255).into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use accounts::Token;
    use futures::future::BoxFuture;
    use kernel::{Fault, Principal, Role, UserId};

    use super::*;
    use crate::{
        gate::{SessionGate, Sessions},
        live::streams::{Streams, Viewer},
    };

    /// A source whose first frame takes three seconds.
    struct Slow;

    impl Source for Slow {
        async fn next(&mut self) -> Option<Bytes> {
            sleep(Duration::from_secs(3)).await;
            Some(Bytes::from_static(b"data: 1\n\n"))
        }
    }

    /// A living session; from the second look on it is as `later` says.
    struct Session {
        later: Later,
        looked: std::sync::atomic::AtomicBool,
    }

    #[derive(Debug, Clone, Copy)]
    enum Later {
        Alive,
        Ended,
        NoAnswer,
    }

    impl Sessions for Session {
        fn principal<'a>(&'a self, _: &'a Token) -> BoxFuture<'a, Result<Option<Principal>, Fault>> {
            let first = !self.looked.swap(true, std::sync::atomic::Ordering::Relaxed);
            let principal = Principal { user_id: UserId::new(Uuid::from_u128(7)), role: Role::Buyer };
            Box::pin(async move {
                match self.later {
                    Later::NoAnswer if !first => pending().await,
                    Later::Ended if !first => Ok(None),
                    _ => Ok(Some(principal)),
                }
            })
        }
    }

    /// The body of a stream whose session is `later` so.
    async fn body_of(source: impl Source, later: Later) -> axum::body::BodyDataStream {
        let gate = SessionGate(Arc::new(Session { later, looked: false.into() }));
        let (_, session) = gate.enter("b".repeat(64).parse().unwrap()).await.unwrap().unwrap();
        let permit = Streams::default().open(Viewer::User(UserId::new(Uuid::from_u128(7))), "seats").unwrap();
        let setting = Setting { drain: Drain::default(), permit, session: Some(session) };
        let mut body = respond(source, setting).into_body().into_data_stream();
        assert!(body.next().await.unwrap().unwrap().starts_with(b"retry: "));
        body
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_at_the_session_neither_restarts_a_frame_nor_holds_it_up() {
        for later in [Later::Alive, Later::NoAnswer] {
            let mut body = body_of(Slow, later).await;
            let frame = timeout(Duration::from_secs(5), body.next()).await;
            assert!(frame.is_ok(), "{later:?}: no frame within five seconds");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_quiet_stream_has_a_heartbeat_and_ends_with_its_session() {
        struct Quiet;
        impl Source for Quiet {
            async fn next(&mut self) -> Option<Bytes> {
                pending().await
            }
        }
        let mut body = body_of(Quiet, Later::Alive).await;
        assert_eq!(body.next().await.unwrap().unwrap(), COMMENT);
        let mut body = body_of(Quiet, Later::Ended).await;
        let end = timeout(Duration::from_secs(5), body.next()).await;
        assert!(matches!(end, Ok(None)), "the stream outlives its session: {end:?}");
    }
}
