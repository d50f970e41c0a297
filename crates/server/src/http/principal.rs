//! Authorization: extractors that a route names to say who may call it.
//!
//! Promises: `SignedIn`, `Buyer` and `Seller` hold only when the session is alive at this moment;
//! the same session works as the cookie `session` and as `Authorization: Bearer`, and the header
//! wins. A route without one of them is open to everyone.
//! Never: asks a database per request (the session service keeps living sessions in memory), or
//! writes a token to the log.

use api::problem::{Code, Problem};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use kernel::{Principal, Role, UserId};

use crate::gate::{LiveSession, SessionGate};

/// The name of the session's cookie.
pub const SESSION_COOKIE: &str = "session";

/// A living session of whatever role.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub principal: Principal,
    pub session: LiveSession,
}

/// A buyer's living session.
#[derive(Debug, Clone)]
pub struct Buyer {
    pub user_id: UserId,
    pub session: LiveSession,
}

/// A seller's living session.
#[derive(Debug, Clone)]
pub struct Seller {
    pub user_id: UserId,
    pub session: LiveSession,
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let nobody = || Problem::new(Code::NotSignedIn, "There is no valid session; sign in to get a token.");
        let token = token_of(&parts.headers).and_then(|token| token.parse().ok()).ok_or_else(nobody)?;
        let gate = parts.extensions.get::<SessionGate>().cloned().ok_or_else(nobody)?;
        let (principal, session) = gate.enter(token).await?.ok_or_else(nobody)?;
        Ok(Self { principal, session })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Buyer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let who = with_role(parts, state, Role::Buyer).await?;
        Ok(Self { user_id: who.principal.user_id, session: who.session })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Seller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let who = with_role(parts, state, Role::Seller).await?;
        Ok(Self { user_id: who.principal.user_id, session: who.session })
    }
}

async fn with_role<S: Send + Sync>(parts: &mut Parts, state: &S, role: Role) -> Result<SignedIn, Problem> {
    let who = SignedIn::from_request_parts(parts, state).await?;
    if who.principal.role == role {
        return Ok(who);
    }
    Err(Problem::new(Code::WrongRole, format!("The role `{role}` is required.")))
}

/// True when the request brings its session in a header that no browser adds by itself.
pub(super) fn has_bearer(headers: &HeaderMap) -> bool {
    bearer(headers).is_some()
}

fn token_of(headers: &HeaderMap) -> Option<&str> {
    bearer(headers).or_else(|| cookie(headers, SESSION_COOKIE))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut cookies =
        lines.flat_map(|line| line.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    cookies.find(|(found, _)| *found == name).map(|(_, value)| value)
}
