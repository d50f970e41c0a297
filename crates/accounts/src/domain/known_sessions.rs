//! A cache of sessions, so that checking a known one costs no call of the store.
//!
//! Promises: a session that is cached as alive was not ended anywhere before the last poll of the
//! ends, and no poll is trusted for longer than `limits::SESSION_CACHE_TRUSTED`. Never: grows
//! beyond its limits; a full half is cleared and filled again from the store.

use std::collections::{HashMap, HashSet};

use kernel::{Timestamp, limits};

use super::{
    session::{EndId, Session, SessionState},
    token::TokenHash,
};

/// What is known of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    Alive(Session),
    /// It has no session.
    Absent,
    /// The store must be asked.
    Unknown,
}

/// The sessions that this process knows.
#[derive(Debug, Default)]
pub struct KnownSessions {
    alive: HashMap<TokenHash, Session>,
    absent: HashSet<TokenHash>,
    /// The latest poll: when it began, and the last end that it saw.
    looked: Option<(Timestamp, EndId)>,
}

impl KnownSessions {
    pub fn get(&self, token: TokenHash, now: Timestamp) -> Known {
        if self.absent.contains(&token) {
            return Known::Absent;
        }
        match self.alive.get(&token) {
            Some(session) if self.last_end(now).is_some() => Known::Alive(*session),
            _ => Known::Unknown,
        }
    }

    pub fn put(&mut self, token: TokenHash, session: Session) {
        if self.alive.len() >= limits::SESSIONS_CACHED {
            self.alive.clear();
        }
        self.alive.insert(token, session);
    }

    pub fn remove(&mut self, token: TokenHash) {
        self.alive.remove(&token);
    }

    pub fn put_absent(&mut self, token: TokenHash) {
        if self.absent.len() >= limits::ABSENT_TOKENS_CACHED {
            self.absent.clear();
        }
        self.alive.remove(&token);
        self.absent.insert(token);
    }

    /// Forgets sessions that have ended by idleness or age.
    pub fn forget_ended(&mut self, now: Timestamp) {
        self.alive.retain(|_, session| session.state(now) != SessionState::Ended);
    }

    /// The end after which the next poll continues; none when the last poll is no longer trusted.
    pub fn last_end(&self, now: Timestamp) -> Option<EndId> {
        self.looked.filter(|(at, _)| now.since(*at) < limits::SESSION_CACHE_TRUSTED).map(|(_, end)| end)
    }

    /// Starts over after this end: cached sessions may have ended before it.
    pub fn restart(&mut self, at: Timestamp, latest: EndId) {
        self.alive.clear();
        self.looked = Some((at, latest));
    }

    /// Applies a poll that began at `at` and saw these sessions end, the last one as `last`.
    pub fn looked(&mut self, at: Timestamp, last: EndId, ended: &[TokenHash]) {
        for token in ended {
            self.alive.remove(token);
        }
        self.looked = Some((at, last));
    }
}
