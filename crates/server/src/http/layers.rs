//! The middleware of every request, from the outside in: a task of its own (`carry`), request id,
//! problem bodies, one log line, metrics, security headers, caught panics, the body's time,
//! cross-site checks, encoded bodies, the body's size.
//!
//! Promises: every answer has `x-request-id` and the security headers; a panic of a handler is a
//! 500 and the process keeps running.
//! Never: reads a body, or knows a route's meaning.

use std::{
    any::Any,
    time::{Duration, Instant},
};

use api::problem::{Code, Problem};
use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use kernel::limits;
use tower::{Layer, Service};
use tower_http::csrf::{CsrfLayer, ProtectionError};
use uuid::Uuid;

use super::principal::has_bearer;
use crate::telemetry::{HTTP_REQUEST_SECONDS, HTTP_REQUESTS, panic_message};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// For pages, scripts and answers alike: nothing from elsewhere, nothing inline, in nobody's frame.
const POLICY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Our own id of a request, which no caller can make two requests share, and the one that is shown.
struct Ids {
    own: String,
    /// The caller's, where it brought one that is safe in a log.
    callers: Option<String>,
}

impl Ids {
    fn of(headers: &HeaderMap) -> Self {
        let harmless = |id: &&str| {
            (1..=limits::REQUEST_ID_CHARS).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(harmless);
        Self { own: Uuid::now_v7().simple().to_string(), callers: given.map(str::to_owned) }
    }

    fn shown(&self) -> &str {
        self.callers.as_ref().unwrap_or(&self.own)
    }
}

/// Gives the request its ids, writes problems out, logs and measures.
pub(super) async fn observe(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let ids = Ids::of(request.headers());
    let method = request.method().clone();
    let uri = request.uri().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();

    let mut response = next.run(request).await;

    let problem = response.extensions_mut().remove::<Problem>();
    if let Some(problem) = &problem {
        *response.body_mut() = problem.render(uri.path(), ids.shown(), response.headers_mut());
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    if let Ok(value) = HeaderValue::from_str(ids.shown()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let line = RequestLine { method: &method, path: uri.path(), ids: &ids, status: response.status(), begun };
    line.measure(route);
    line.log(problem.as_ref());
    response
}

struct RequestLine<'a> {
    method: &'a Method,
    path: &'a str,
    ids: &'a Ids,
    status: StatusCode,
    begun: Instant,
}

impl RequestLine<'_> {
    fn measure(&self, route: &str) {
        let class = match self.status.as_u16() / 100 {
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        let method = match *self.method {
            Method::GET => "GET",
            Method::POST => "POST",
            Method::PATCH => "PATCH",
            Method::DELETE => "DELETE",
            _ => "other",
        };
        metrics::counter!(HTTP_REQUESTS, "method" => method, "route" => route.to_owned(), "status" => class)
            .increment(1);
        metrics::histogram!(HTTP_REQUEST_SECONDS, "route" => route.to_owned())
            .record(self.begun.elapsed().as_secs_f64());
    }

    /// One line per request. A fault is logged here, once, with its causes.
    fn log(&self, problem: Option<&Problem>) {
        let Self { method, path, ids: Ids { own, callers }, .. } = self;
        let caller_id = callers.as_deref();
        let status = self.status.as_u16();
        let ms = milliseconds(self.begun.elapsed());
        let code = problem.map_or("", |problem| problem.code().as_str());
        match problem.and_then(Problem::cause) {
            Some(cause) => {
                tracing::error!(target: "request", %method, path, status, ms, request_id = own, caller_id, code, cause, "request failed");
            }
            None if status >= 500 => {
                tracing::error!(target: "request", %method, path, status, ms, request_id = own, caller_id, code, "request failed");
            }
            None if status >= 400 => {
                tracing::info!(target: "request", %method, path, status, ms, request_id = own, caller_id, code, "request refused");
            }
            None => {
                tracing::debug!(target: "request", %method, path, status, ms, request_id = own, caller_id, "request");
            }
        }
    }
}

/// With two decimals: a hundredth of a millisecond is as fine as a reader of the log can use.
fn milliseconds(elapsed: Duration) -> f64 {
    (elapsed.as_secs_f64() * 1e5).round() / 100.0
}

/// Security headers on every answer; a page that needs another policy has set it already.
pub(super) async fn protect(request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/v1/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut default = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::X_FRAME_OPTIONS, "DENY");
    default(header::REFERRER_POLICY, "same-origin");
    default(header::CONTENT_SECURITY_POLICY, POLICY);
    default(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    default(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if api {
        default(header::CACHE_CONTROL, "no-store");
    }
    response
}

/// Refuses cross-site requests of browsers (CSRF). A browser never sends a bearer token by itself,
/// so such requests pass.
pub(super) async fn refuse_other_sites(request: Request, next: Next) -> Response {
    if has_bearer(request.headers()) {
        return next.run(request).await;
    }
    let refuse = |_: ProtectionError| {
        Problem::new(Code::CrossSite, "A page of another site sent this request, so it was refused.")
            .into_response()
    };
    let mut guarded = CsrfLayer::new().with_rejection_response(refuse).layer(next);
    match guarded.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Refuses a body in a form of its own: none is decoded here.
pub(super) async fn refuse_encoded(request: Request, next: Next) -> Response {
    let plain = |value: &HeaderValue| value.is_empty() || value.as_bytes().eq_ignore_ascii_case(b"identity");
    if request.headers().get_all(header::CONTENT_ENCODING).into_iter().all(plain) {
        return next.run(request).await;
    }
    let detail = "Send the body as it is: no `Content-Encoding` is understood.";
    let mut response = Problem::new(Code::UnsupportedMediaType, detail).into_response();
    response.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    response
}

/// What is left of a handler that panicked.
#[expect(clippy::needless_pass_by_value, reason = "the catching layer hands the panic over")]
pub(super) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let message = format!("a handler panicked: {}", panic_message(&*panic));
    Problem::new(Code::Internal, "Unexpected error. The server log has the cause under this `request_id`.")
        .because(&*Box::<dyn std::error::Error>::from(message))
        .into_response()
}

/// Nothing has this address.
pub(super) fn not_found() -> Problem {
    Problem::new(Code::NotFound, "No resource has this path.")
}

/// The address exists, the method does not.
pub(super) async fn method_not_allowed() -> Problem {
    Problem::new(Code::MethodNotAllowed, "The `Allow` header lists the methods of this path.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_has_hundredths_of_milliseconds() {
        let shown = |nanos| milliseconds(Duration::from_nanos(nanos)).to_string();
        assert_eq!(shown(1_234_567), "1.23");
        assert_eq!(shown(0), "0");
        assert_eq!(shown(30_005_000_000), "30005");
    }
}
