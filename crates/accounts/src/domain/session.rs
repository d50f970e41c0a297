//! A session and its lifetime. It expires by idleness or by age, whichever comes first.
//!
//! Never: the token; see [`super::token`].

use kernel::{Principal, Timestamp, limits};

/// A session, without its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    pub principal: Principal,
    pub created_at: Timestamp,
    /// As far as it is stored; see [`SessionState::Alive`].
    pub seen_at: Timestamp,
}

/// What a session is at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// `note`: the store should record that it was used; writing that at every request would cost
    /// too much.
    Alive {
        note: bool,
    },
    Ended,
}

/// The position of an ended session among all that were ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndId(pub i64);

impl Session {
    pub fn new(principal: Principal, now: Timestamp) -> Self {
        Self { principal, created_at: now, seen_at: now }
    }

    /// When it ends by age.
    pub fn ends_at(&self) -> Timestamp {
        self.created_at + limits::SESSION_LIFETIME
    }

    pub fn state(&self, now: Timestamp) -> SessionState {
        let idle = now.since(self.seen_at);
        if now >= self.ends_at() || idle >= limits::SESSION_IDLE {
            return SessionState::Ended;
        }
        SessionState::Alive { note: idle >= limits::SESSION_IDLE / 24 }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kernel::{Role, UserId};

    use super::*;

    #[test]
    fn a_session_ends_by_idleness_and_by_age() {
        let user = Principal { user_id: UserId::from_slice(&[1; 16]).unwrap(), role: Role::Buyer };
        let begun = Timestamp::from_millis(1_000);
        let session = Session::new(user, begun);
        let at = |after: Duration| session.state(begun + after);
        assert_eq!(at(Duration::ZERO), SessionState::Alive { note: false });
        assert_eq!(at(Duration::from_hours(2)), SessionState::Alive { note: true });
        assert_eq!(at(limits::SESSION_IDLE), SessionState::Ended);
        let mut used = session;
        used.seen_at = begun + limits::SESSION_LIFETIME;
        assert_eq!(used.state(begun + limits::SESSION_LIFETIME), SessionState::Ended);
    }
}
