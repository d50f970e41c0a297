//! Looks up the user of a session token.
//!
//! Promises: a known living session costs no call of the store; an ended one is refused.

use kernel::{Fault, Principal};

use super::service::Accounts;
use crate::domain::{
    known_sessions::Known,
    session::{Session, SessionState},
    token::{Token, TokenHash},
};

impl Accounts {
    /// The user of a living session; none when there is no such session, or it has ended.
    ///
    /// # Errors
    /// When the store must be asked and fails.
    pub async fn principal(&self, token: &Token) -> Result<Option<Principal>, Fault> {
        let (hash, now) = (token.hash(), self.clock.now());
        let known = self.known().get(hash, now);
        match known {
            Known::Absent => return Ok(None),
            Known::Alive(session) if session.state(now) == (SessionState::Alive { note: false }) => {
                return Ok(Some(session.principal));
            }
            // Another process may have kept it alive, so one that seems idle is looked up in the
            // store, too.
            Known::Alive(_) | Known::Unknown => {}
        }
        let Some(mut session) = self.store.session(hash).await? else {
            self.known().put_absent(hash);
            return Ok(None);
        };
        let SessionState::Alive { note } = session.state(now) else {
            self.known().remove(hash);
            return Ok(None);
        };
        if note {
            session.seen_at = now;
            self.store.seen(hash, now).await?;
        }
        self.remember(hash, session).await?;
        Ok(Some(session.principal))
    }

    /// A session may have ended since it was read. It is read again after it was cached: an earlier
    /// end is seen here, a later one by [polling the ends](super::follow_ends).
    async fn remember(&self, hash: TokenHash, session: Session) -> Result<(), Fault> {
        self.known().put(hash, session);
        let stored = self.store.session(hash).await;
        if !matches!(stored, Ok(Some(_))) {
            self.known().remove(hash);
        }
        stored.map(drop)
    }
}
