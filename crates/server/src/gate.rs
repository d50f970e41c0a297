//! Authentication: the user of a session token, for routes and live streams.
//!
//! Promises: a session's token never prints. Never: keeps a session, or asks a database.

use std::{fmt, sync::Arc};

use accounts::{Accounts, Token};
use futures::future::BoxFuture;
use kernel::{Fault, Principal};

/// Looks up the user of a token. A cached session costs no database call.
pub trait Sessions: Send + Sync + 'static {
    /// `None`: no such session, or it has ended.
    fn principal<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<Option<Principal>, Fault>>;
}

impl Sessions for Accounts {
    fn principal<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<Option<Principal>, Fault>> {
        Box::pin(self.principal(token))
    }
}

/// The sessions, as the extractors find them among a request's extensions.
#[derive(Clone)]
pub struct SessionGate(pub Arc<dyn Sessions>);

impl SessionGate {
    /// The user of this token's session, and the session to be asked again later.
    ///
    /// # Errors
    /// When the session cannot be looked up.
    pub async fn enter(self, token: Token) -> Result<Option<(Principal, LiveSession)>, Fault> {
        let principal = self.0.principal(&token).await?;
        Ok(principal.map(|principal| (principal, LiveSession { token, gate: self })))
    }
}

/// A session that can be checked again: streams outlast their request.
#[derive(Clone)]
pub struct LiveSession {
    pub token: Token,
    gate: SessionGate,
}

impl fmt::Debug for LiveSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LiveSession")
    }
}

impl LiveSession {
    /// False once the session has ended. A fault leaves it alive: it is checked again soon.
    pub async fn is_alive(&self) -> bool {
        !matches!(self.gate.0.principal(&self.token).await, Ok(None))
    }
}
