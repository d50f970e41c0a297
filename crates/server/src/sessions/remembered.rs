//! The sessions that this process knows, and for how long it may believe what it knows.
//!
//! Promises: a session that is known alive was not ended anywhere until [`BELIEVED`] before now, nor until the last look before now, whichever is
//! later. Never: grows beyond its limits; then it forgets all and everything is read again as it comes.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use accounts::{Session, SessionState};
use adapters::sql::accounts::EndId;
use kernel::Timestamp;
use tokio::time::Instant;

/// Living sessions that are kept.
const ALIVE: usize = 200_000;
/// Tokens of no session that are kept. A token is never given out later, so they stay of no use.
const ABSENT: usize = 20_000;
/// How long what is known is believed without a look. While nobody reaches the accounts' database, nobody can sign out either; only a process that is
/// cut off alone is behind the others, and not for longer than this.
pub(super) const BELIEVED: Duration = Duration::from_secs(30);

pub(super) type TokenHash = [u8; 32];

/// What is known of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Alive(Session),
    Absent,
    /// The store must be asked.
    Nothing,
}

#[derive(Default)]
pub(super) struct Remembered(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    alive: HashMap<TokenHash, Session>,
    absent: HashSet<TokenHash>,
    /// The latest look: when it began, and the last end that it told.
    looked: Option<(Instant, EndId)>,
}

impl Memory {
    fn is_believed(&self) -> bool {
        self.looked.is_some_and(|(at, _)| at.elapsed() < BELIEVED)
    }
}

impl Remembered {
    fn locked(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, token: &TokenHash) -> Known {
        let memory = self.locked();
        if memory.absent.contains(token) {
            return Known::Absent;
        }
        match memory.alive.get(token) {
            Some(session) if memory.is_believed() => Known::Alive(*session),
            _ => Known::Nothing,
        }
    }

    pub(super) fn put(&self, token: TokenHash, session: Session) {
        let mut memory = self.locked();
        if memory.alive.len() >= ALIVE {
            memory.alive.clear();
        }
        memory.alive.insert(token, session);
    }

    pub(super) fn remove(&self, token: &TokenHash) {
        self.locked().alive.remove(token);
    }

    pub(super) fn put_absent(&self, token: TokenHash) {
        let mut memory = self.locked();
        if memory.absent.len() >= ABSENT {
            memory.absent.clear();
        }
        memory.alive.remove(&token);
        memory.absent.insert(token);
    }

    /// Forgets sessions that have ended by themselves.
    pub(super) fn forget_ended(&self, now: Timestamp) {
        self.locked().alive.retain(|_, session| session.state(now) != SessionState::Ended);
    }

    /// From where the next look has to go on; none when what is known is too old to go on from.
    pub(super) fn last_end(&self) -> Option<EndId> {
        let memory = self.locked();
        memory.looked.filter(|_| memory.is_believed()).map(|(_, end)| end)
    }

    /// Begins anew behind this end: what was known may have ended before it.
    pub(super) fn begin(&self, at: Instant, latest: EndId) {
        let mut memory = self.locked();
        memory.alive.clear();
        memory.looked = Some((at, latest));
    }

    /// Takes a look that began then and told these ends.
    pub(super) fn looked(&self, at: Instant, last: EndId, ended: &[TokenHash]) {
        let mut memory = self.locked();
        for token in ended {
            memory.alive.remove(token);
        }
        memory.looked = Some((at, last));
    }
}
