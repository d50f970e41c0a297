//! Whose session a token is: the port that the accounts service fills, and what routes and live streams hold of a session.
//!
//! Promises: a token never prints. Never: keeps a session, or asks a database.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;
use kernel::{Fault, Principal};

/// Tells whose session a token is. The accounts service keeps this; checking costs no database call once a session is known.
pub trait Sessions: Send + Sync + 'static {
    /// `None`: no such session, or it has ended.
    fn principal<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Option<Principal>, Fault>>;
}

/// The sessions, as the extractors find them among a request's extensions.
#[derive(Clone)]
pub struct SessionGate(pub Arc<dyn Sessions>);

impl SessionGate {
    /// # Errors
    /// When the session cannot be looked up.
    pub async fn principal(&self, token: &str) -> Result<Option<Principal>, Fault> {
        self.0.principal(token).await
    }

    /// The session with this token, to be asked again later.
    pub fn session(self, token: &str) -> LiveSession {
        LiveSession { token: SessionToken(token.into()), gate: self }
    }
}

/// A session's secret. It never prints.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(Arc<str>);

impl SessionToken {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken")
    }
}

/// A session that can be asked again whether it still lives: what lasts longer than a request must.
#[derive(Clone)]
pub struct LiveSession {
    pub token: SessionToken,
    gate: SessionGate,
}

impl fmt::Debug for LiveSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LiveSession")
    }
}

impl LiveSession {
    /// False once the session has ended. A fault leaves it alive: it is asked again soon.
    pub async fn is_alive(&self) -> bool {
        !matches!(self.gate.principal(self.token.as_str()).await, Ok(None))
    }
}
