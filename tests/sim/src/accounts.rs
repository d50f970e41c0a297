//! The database of accounts: the store in memory that passes the service's contract suite, behind
//! steps at which the seed strikes; and the service of one process on it.
//!
//! Promises: a change is done in one go between its first and its last step. Never: decides.

use std::sync::Arc;

use ::accounts::{
    Account, Accounts, Email, EndId, Session, TokenHash,
    ports::{AccountStore, AddOutcome, Outdated},
    testing::{MemoryHasher, MemoryStore},
};
use async_trait::async_trait;
use kernel::{Fault, Timestamp, UserId};
use stream::testing::Director;

use crate::{
    sql::locked,
    town::Town,
    world::{ProcessId, World},
};

/// The longest time between two polls of the ends; the program polls more often.
const POLL_MS: u64 = 4_000;
/// A poll in so many is followed by a cleaning.
const POLLS_PER_CLEANING: u64 = 10;

/// The database. It outlives every process.
#[derive(Debug)]
pub(crate) struct AccountDb {
    world: World,
    pub(crate) memory: MemoryStore,
}

impl AccountDb {
    pub(crate) fn new(world: World) -> Self {
        Self { world, memory: MemoryStore::default() }
    }
}

/// A process's way to the database.
#[derive(Debug, Clone)]
struct SimAccounts(Arc<AccountDb>);

impl SimAccounts {
    async fn read<T>(&self, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        self.0.world.reach("accounts.read").await?;
        work.await
    }

    async fn write<T>(&self, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        self.0.world.reach("accounts.begun").await?;
        let answer = work.await?;
        self.0.world.reach("accounts.committed").await?;
        Ok(answer)
    }
}

#[async_trait]
impl AccountStore for SimAccounts {
    async fn add(&self, account: Account, password_hash: String) -> Result<AddOutcome, Fault> {
        self.write(self.0.memory.add(account, password_hash)).await
    }

    async fn by_email(&self, email: &Email) -> Result<Option<(Account, String)>, Fault> {
        self.read(self.0.memory.by_email(email)).await
    }

    async fn by_id(&self, id: UserId) -> Result<Option<Account>, Fault> {
        self.read(self.0.memory.by_id(id)).await
    }

    async fn add_session(&self, token: TokenHash, session: Session) -> Result<(), Fault> {
        self.write(self.0.memory.add_session(token, session)).await
    }

    async fn session(&self, token: TokenHash) -> Result<Option<Session>, Fault> {
        self.read(self.0.memory.session(token)).await
    }

    async fn seen(&self, token: TokenHash, now: Timestamp) -> Result<(), Fault> {
        self.write(self.0.memory.seen(token, now)).await
    }

    async fn end_session(&self, token: TokenHash, now: Timestamp) -> Result<(), Fault> {
        self.write(self.0.memory.end_session(token, now)).await
    }

    async fn latest_end(&self) -> Result<EndId, Fault> {
        self.read(self.0.memory.latest_end()).await
    }

    async fn ends_after(&self, last: EndId) -> Result<Vec<(EndId, TokenHash)>, Fault> {
        self.read(self.0.memory.ends_after(last)).await
    }

    async fn remove(&self, outdated: Outdated) -> Result<(), Fault> {
        self.write(self.0.memory.remove(outdated)).await
    }
}

/// A process that knows sessions.
#[derive(Clone)]
pub(crate) struct SessionDoor {
    pub(crate) process: ProcessId,
    pub(crate) accounts: Arc<Accounts>,
    /// The true time at which its latest whole poll of the ends began.
    pub(crate) polled: Option<i64>,
}

/// Runs the service of a process behind this door: it polls the ends, and cleans up.
pub(crate) fn start(town: &Arc<Town>, process: ProcessId, door: usize) {
    let (town, clock) = (Arc::clone(town), town.world.clock(process));
    let world = town.world.clone();
    world.clone().spawn(process, async move {
        let store = Arc::new(SimAccounts(Arc::clone(&town.accounts)));
        // Hashing in memory never fails.
        let Ok(accounts) = Accounts::new(store, Arc::<MemoryHasher>::default(), Arc::new(clock)).await else {
            return;
        };
        let accounts = Arc::new(accounts);
        let opened = SessionDoor { process, accounts: Arc::clone(&accounts), polled: None };
        locked(&town.doors).sessions[door] = Some(opened);
        for poll in 1_u64.. {
            world.pause(POLL_MS).await;
            let began = world.now();
            // A fault is tried again at the next poll.
            if accounts.follow_ends().await.is_ok()
                && let Some(door) = &mut locked(&town.doors).sessions[door]
                && door.process == process
            {
                door.polled = Some(began);
            }
            if poll.is_multiple_of(POLLS_PER_CLEANING) {
                let _ = accounts.forget_ended().await;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use ::accounts::testing::contract;

    use super::*;

    #[test]
    fn the_store_keeps_the_contract_of_accounts() {
        let world = World::new(1);
        let of = world.clone();
        let fresh = move || {
            let store = SimAccounts(Arc::new(AccountDb::new(of.clone())));
            async { store }
        };
        assert!(crate::world::run(&world, contract::store(fresh), || {}));
    }
}
