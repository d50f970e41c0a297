//! Ports in memory. They pass the same contract suites as the real ones.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use kernel::{Fault, Timestamp, UserId};

use crate::{
    Account, Email, EndId, Password, Session, TokenHash,
    ports::{AccountStore, AddOutcome, Hasher, Outdated},
};

/// Accounts and sessions in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    memory: Mutex<Memory>,
    away: AtomicBool,
}

#[derive(Debug, Default)]
struct Memory {
    accounts: BTreeMap<UserId, (Account, String)>,
    sessions: BTreeMap<TokenHash, Session>,
    ends: BTreeMap<EndId, (TokenHash, Timestamp)>,
    last_end: i64,
}

impl MemoryStore {
    /// While it is away, every call is a fault.
    pub fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    fn memory(&self) -> Result<MutexGuard<'_, Memory>, Fault> {
        if self.away.load(Ordering::SeqCst) {
            return Err(Fault::new("reach the accounts", "the store is away"));
        }
        Ok(self.memory.lock().unwrap())
    }
}

#[async_trait]
impl AccountStore for MemoryStore {
    async fn add(&self, account: Account, password_hash: String) -> Result<AddOutcome, Fault> {
        let mut memory = self.memory()?;
        if memory.accounts.values().any(|(other, _)| other.email == account.email) {
            return Ok(AddOutcome::EmailTaken);
        }
        memory.accounts.insert(account.id, (account, password_hash));
        Ok(AddOutcome::Added)
    }

    async fn by_email(&self, email: &Email) -> Result<Option<(Account, String)>, Fault> {
        Ok(self.memory()?.accounts.values().find(|(account, _)| account.email == *email).cloned())
    }

    async fn by_id(&self, id: UserId) -> Result<Option<Account>, Fault> {
        Ok(self.memory()?.accounts.get(&id).map(|(account, _)| account.clone()))
    }

    async fn add_session(&self, token: TokenHash, session: Session) -> Result<(), Fault> {
        let before = self.memory()?.sessions.insert(token, session);
        assert!(before.is_none(), "a token is new");
        Ok(())
    }

    async fn session(&self, token: TokenHash) -> Result<Option<Session>, Fault> {
        Ok(self.memory()?.sessions.get(&token).copied())
    }

    async fn seen(&self, token: TokenHash, now: Timestamp) -> Result<(), Fault> {
        if let Some(session) = self.memory()?.sessions.get_mut(&token) {
            session.seen_at = now;
        }
        Ok(())
    }

    async fn end_session(&self, token: TokenHash, now: Timestamp) -> Result<(), Fault> {
        let mut memory = self.memory()?;
        if memory.sessions.remove(&token).is_some() {
            memory.last_end += 1;
            let end = EndId(memory.last_end);
            memory.ends.insert(end, (token, now));
        }
        Ok(())
    }

    async fn latest_end(&self) -> Result<EndId, Fault> {
        let memory = self.memory()?;
        Ok(memory.ends.keys().next_back().copied().unwrap_or(EndId(0)))
    }

    async fn ends_after(&self, last: EndId) -> Result<Vec<(EndId, TokenHash)>, Fault> {
        let memory = self.memory()?;
        let ends = memory.ends.iter().filter(|(end, _)| **end > last);
        // One at a time, so that callers must ask again.
        Ok(ends.map(|(end, (token, _))| (*end, *token)).take(1).collect())
    }

    async fn remove(&self, outdated: Outdated) -> Result<(), Fault> {
        let mut memory = self.memory()?;
        memory.ends.retain(|_, (_, ended_at)| *ended_at > outdated.ended_at);
        memory.sessions.retain(|_, s| s.seen_at > outdated.seen_at && s.created_at > outdated.created_at);
        Ok(())
    }
}

/// Hashes that hide nothing, made and checked at once; it counts the checks.
#[derive(Debug, Default)]
pub struct MemoryHasher {
    salts: AtomicU64,
    checks: AtomicU64,
}

impl MemoryHasher {
    /// How many passwords were checked.
    pub fn checks(&self) -> u64 {
        self.checks.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Hasher for MemoryHasher {
    async fn hash(&self, password: Password) -> Result<String, Fault> {
        let salt = self.salts.fetch_add(1, Ordering::SeqCst);
        Ok(format!("{salt}:{}", password.expose()))
    }

    async fn verify(&self, password: String, stored: String) -> Result<bool, Fault> {
        self.checks.fetch_add(1, Ordering::SeqCst);
        let (_, hashed) = stored.split_once(':').ok_or_else(|| Fault::new("read a hash", "no salt"))?;
        Ok(hashed == password)
    }
}
