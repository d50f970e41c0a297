//! Error answers: RFC 9457 problem details with a stable `code`.
//!
//! Promises: every refusal and every fault leaves the server in this one shape, with the id of its
//! request. A fault's cause is written to the log once and never to the caller.
//! Never: decides what is refused; services do, and their routes choose the code.

use std::{borrow::Cow, collections::BTreeMap, error::Error, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::{Fault, Violation, fault::chain};
use serde::Serialize;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, Response as Described, ResponseBuilder},
};

/// Where problem types are named; the last part is the code.
const TYPE_PREFIX: &str = "https://ticketing.example/problems/";
/// How long a caller should wait after a fault of ours.
const RETRY_AFTER_FAULT: Duration = Duration::from_secs(1);

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:ident, $code:literal, $title:literal;)*) => {
        /// The stable code of a problem, with its status and title.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $name),* }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),* }
            }

            /// The same words for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }
        }
    };
}

codes! {
    InvalidJson = BAD_REQUEST, "invalid-json", "The request body is not valid JSON";
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Unsupported media type";
    BodyTooLarge = PAYLOAD_TOO_LARGE, "body-too-large", "The request body is too large";
    InvalidRequest = UNPROCESSABLE_ENTITY, "invalid-request", "The request is invalid";
    IdempotencyKeyMissing = BAD_REQUEST, "idempotency-key-missing", "The Idempotency-Key header is required";
    IdempotencyKeyInUse = CONFLICT, "idempotency-key-in-use", "A request with this idempotency key is in progress";
    IdempotencyKeyReused = UNPROCESSABLE_ENTITY, "idempotency-key-reused", "The idempotency key was used for a different request";
    NotSignedIn = UNAUTHORIZED, "not-signed-in", "Authentication required";
    WrongCredentials = UNAUTHORIZED, "wrong-credentials", "Invalid e-mail address or password";
    WrongRole = FORBIDDEN, "wrong-role", "Permission denied";
    CrossSite = FORBIDDEN, "cross-site", "Cross-site request refused";
    NotFound = NOT_FOUND, "not-found", "Not found";
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed";
    NotAcceptable = NOT_ACCEPTABLE, "not-acceptable", "Not acceptable";
    EmailTaken = CONFLICT, "email-taken", "The e-mail address is already registered";
    EventNotOnSale = CONFLICT, "event-not-on-sale", "The event is not on sale";
    WrongState = CONFLICT, "wrong-state", "Not possible in the current state";
    PaymentDeclined = PAYMENT_REQUIRED, "payment-declined", "The payment was declined";
    HoldExpired = GONE, "hold-expired", "The payment deadline has passed";
    TooManyRequests = TOO_MANY_REQUESTS, "too-many-requests", "Too many requests";
    RequestTimeout = REQUEST_TIMEOUT, "request-timeout", "The request was not received in time";
    Unavailable = SERVICE_UNAVAILABLE, "unavailable", "Service temporarily unavailable";
    Internal = INTERNAL_SERVER_ERROR, "internal", "Internal server error";
}

/// An error answer. Build it with [`Problem::new`], return it as the error of a handler.
#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    errors: Vec<Violation>,
    retry_after: Option<Duration>,
    /// For the log only.
    cause: Option<String>,
}

impl Problem {
    /// `detail` is a sentence for a person about this occurrence.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after: None, cause: None }
    }

    /// An invalid request, with every place that is wrong.
    pub fn invalid(errors: Vec<Violation>) -> Self {
        let detail: Cow<'static, str> = match errors.as_slice() {
            [only] => only.detail.clone().into(),
            _ => "Several fields are invalid; see `errors`.".into(),
        };
        Self { errors, ..Self::new(Code::InvalidRequest, detail) }
    }

    /// Absent, or another person's: both look the same.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("No {what} with this id exists, or it is not visible to you."))
    }

    /// Sets when the caller should retry (`Retry-After`).
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    /// Keeps a cause for the log.
    #[must_use]
    pub fn because(self, cause: &dyn Error) -> Self {
        Self { cause: Some(chain(cause)), ..self }
    }

    pub const fn code(&self) -> Code {
        self.code
    }

    pub fn errors(&self) -> &[Violation] {
        &self.errors
    }

    /// What failed inside, for the log.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The body and headers, once the request is known. Called by the outermost layer only.
    pub fn render(&self, instance: &str, request_id: &str, headers: &mut HeaderMap) -> Body {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.code.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        let body = ProblemBody {
            r#type: format!("{TYPE_PREFIX}{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            detail: &self.detail,
            instance,
            code: self.code.as_str(),
            errors: self
                .errors
                .iter()
                .map(|e| ProblemEntry { pointer: &e.pointer, code: e.code, detail: &e.detail })
                .collect(),
            request_id,
        };
        serde_json::to_vec(&body).map_or_else(|_| Body::empty(), Body::from)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::new(
            Code::Unavailable,
            "A data store is temporarily unavailable. Acknowledged requests are not lost; try again.",
        )
        .retry_after(RETRY_AFTER_FAULT)
        .because(&fault)
    }
}

impl IntoResponse for Problem {
    /// Status and the problem itself as an extension: the outermost layer writes the body, since it
    /// knows the request.
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Problem details (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// Names the kind of problem; ends with `code`.
    r#type: String,
    title: &'a str,
    status: u16,
    /// A sentence about this occurrence.
    detail: &'a str,
    /// The path of the request.
    instance: &'a str,
    /// Stable; programs decide by it.
    code: &'a str,
    /// Each broken rule of the request, with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemEntry<'a>>,
    /// The id of this request in the server's log: the caller's `X-Request-Id` where it brought
    /// one.
    request_id: &'a str,
}

/// One broken rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemEntry<'a> {
    /// RFC 6901 pointer into the body, or the name of a query parameter or header after a slash.
    pointer: &'a str,
    code: &'a str,
    detail: &'a str,
}
/// For a route's description: the statuses with which it may refuse, each with a problem.
pub struct Refused<
    const A: u16,
    const B: u16 = 0,
    const C: u16 = 0,
    const D: u16 = 0,
    const E: u16 = 0,
    const F: u16 = 0,
>;

impl<const A: u16, const B: u16, const C: u16, const D: u16, const E: u16, const F: u16> IntoResponses
    for Refused<A, B, C, D, E, F>
{
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let refusal = ResponseBuilder::new().content("application/problem+json", body).build();
        let given = [A, B, C, D, E, F].into_iter().filter(|status| *status != 0);
        given.map(|status| (status.to_string(), refusal.clone().into())).collect()
    }
}
