//! A stream of server-sent events: its headers, its heartbeat, and its end.
//!
//! Promises: a comment at least every 15 s; the stream ends when the server drains, and within
//! seconds when its session has ended. Frames are pulled only as fast as the viewer reads, so a
//! slow viewer costs its source nothing.

use std::{convert::Infallible, future::Future, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use uuid::Uuid;

use super::streams::Permit;
use crate::{drain::Drain, gate::LiveSession};

const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a stream may outlive its session.
const SESSION_CHECK: Duration = Duration::from_secs(2);
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

/// Where frames come from.
pub trait Source: Send + 'static {
    /// The next frame, or `None` at the end. May be dropped while it waits without losing a frame.
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
pub fn respond(source: impl Source, setting: Setting) -> Response {
    let state = Running { source, setting, heartbeat: every(HEARTBEAT), session_check: every(SESSION_CHECK) };
    let first = stream::iter([Ok::<_, Infallible>(retry())]);
    let rest = stream::unfold(state, |mut state| async move { Some((Ok(state.next().await?), state)) });
    let body = Body::from_stream(stream::StreamExt::chain(first, rest));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, body).into_response()
}

struct Running<S> {
    source: S,
    setting: Setting,
    heartbeat: Interval,
    session_check: Interval,
}

impl<S: Source> Running<S> {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            tokio::select! {
                biased;
                () = self.setting.drain.cancelled() => return None,
                _ = self.session_check.tick(), if self.setting.session.is_some() => {
                    if let Some(session) = &self.setting.session && !session.is_alive().await {
                        return None;
                    }
                }
                frame = self.source.next() => {
                    self.heartbeat.reset();
                    return frame;
                }
                _ = self.heartbeat.tick() => return Some(COMMENT),
            }
        }
    }
}

fn every(period: Duration) -> Interval {
    let mut interval = interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// The client's reconnection delay: one to three seconds, with jitter so that not all reconnect at
/// once.
fn retry() -> Bytes {
    let jitter = u64::from(Uuid::new_v4().as_bytes()[0]);
    format!("retry: {}\n\n", 1_000 + jitter * 2_000 / 255).into()
}
