//! The rest of a body that no handler read: drained, or the connection is said to close.
//!
//! Promises: a client that keeps its connection can send the next request on it unless the answer
//! says `Connection: close`. Never: reads more than [`limits::REQUEST_REST_BYTES`], waits longer
//! than [`limits::REQUEST_REST_WAIT`], or asks for a body that its client would rather not send.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};
use futures::StreamExt as _;
use http_body::{Body as HttpBody, Frame, SizeHint};
use kernel::limits;
use parking_lot::Mutex;

/// Lends the body to whatever is inside, and looks after what comes back before the answer leaves.
pub(super) async fn settled(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let asked = request.headers().get(header::EXPECT);
    let waits = asked.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    let back = Arc::<Mutex<Option<Left>>>::default();
    let lend = |body| {
        let left = Left { body, read: false, ended: false, broken: false };
        Body::new(Lent { left: Some(left), back: Arc::clone(&back) })
    };
    let mut response = next.run(request.map(lend)).await;
    let left = back.lock().take();
    let drained = match left {
        Some(left) => left.drain(waits).await,
        // Something holds the body still.
        None => false,
    };
    if !drained {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// A body, and how far it was read.
struct Left {
    body: Body,
    read: bool,
    ended: bool,
    broken: bool,
}

impl Left {
    /// Whether nothing of it is left on the connection.
    async fn drain(self, waits: bool) -> bool {
        let Self { body, read, ended, broken } = self;
        if ended || body.is_end_stream() {
            return true;
        }
        // Reading would ask for it with `100 Continue`.
        let unasked = waits && !read;
        if broken || unasked || body.size_hint().lower() > limits::REQUEST_REST_BYTES {
            return false;
        }
        let to_the_end = async {
            let (mut rest, mut bytes) = (body.into_data_stream(), 0_u64);
            while let Some(data) = rest.next().await {
                let Ok(data) = data else { return false };
                bytes += data.len() as u64;
                if bytes > limits::REQUEST_REST_BYTES {
                    return false;
                }
            }
            true
        };
        tokio::time::timeout(limits::REQUEST_REST_WAIT, to_the_end).await.unwrap_or(false)
    }
}

/// A body on loan: it goes back when it is dropped.
struct Lent {
    left: Option<Left>,
    back: Arc<Mutex<Option<Left>>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(left) = &mut self.left else { return Poll::Ready(None) };
        left.read = true;
        let polled = Pin::new(&mut left.body).poll_frame(context);
        match &polled {
            Poll::Ready(None) => left.ended = true,
            Poll::Ready(Some(Err(_))) => left.broken = true,
            Poll::Ready(Some(Ok(_))) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.left.as_ref().is_none_or(|left| left.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.left.as_ref().map_or_else(SizeHint::default, |left| left.body.size_hint())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        *self.back.lock() = self.left.take();
    }
}

#[cfg(test)]
mod tests;
