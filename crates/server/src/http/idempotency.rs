//! The `Idempotency-Key` header: a caller's own name for one attempt, so that a repeat has no
//! second effect.
//!
//! Never: remembers anything; the booking service keeps keys with their effects.

use api::problem::{Code, Problem};
use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
};
use kernel::{Violation, limits, violation::code};

const HEADER: &str = "idempotency-key";

/// 1 to [`limits::IDEMPOTENCY_KEY_CHARS`] visible ASCII characters. As `Option` it may be absent;
/// otherwise its absence is refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(pub String);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?.ok_or_else(|| {
            Problem::new(
                Code::IdempotencyKeyMissing,
                "Send an `Idempotency-Key` header with a value of your own for this attempt.",
            )
        })
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        let Some(value) = parts.headers.get(HEADER) else { return Ok(None) };
        let key = value.to_str().unwrap_or_default();
        let fits = (1..=limits::IDEMPOTENCY_KEY_CHARS).contains(&key.len());
        if fits && key.bytes().all(|b| b.is_ascii_graphic()) {
            return Ok(Some(Self(key.to_owned())));
        }
        Err(Problem::invalid(vec![Violation::new(
            "/Idempotency-Key",
            code::INVALID_FORMAT,
            format!("Must be 1 to {} visible ASCII characters.", limits::IDEMPOTENCY_KEY_CHARS),
        )]))
    }
}
