//! A role: one service of the system, as a process runs it. The mode decides which roles a process
//! has.
//!
//! Promises: every role is reached through [`Role`] alone. Never: knows another role.

use std::sync::Arc;

use accounts::Accounts;
use adapters::{
    passwords::Passwords,
    sql::{Database, accounts::SqlAccounts},
};
use anyhow::Context;
use futures::future::BoxFuture;
use kernel::Clock;
use utoipa_axum::router::OpenApiRouter;

use super::{StartError, supervise::Supervisor};
use crate::{
    drain::Drain,
    http::live::Outlet,
    live::{SeatMaps, streams::Streams},
};

/// What a process needs of a role. `L` is the log that it reads and writes.
pub(super) trait Role<L>: Send + Sync + 'static {
    /// Its routes, with what they call.
    fn routes(&self, shared: &Shared) -> Vec<OpenApiRouter>;

    /// Starts its background tasks. Called once.
    fn start(&self, shared: &Shared, log: &L, supervisor: &mut Supervisor);

    /// Creates the demo's users and event, and returns the logins to print; `None` in a role
    /// that has no events.
    fn demo<'a>(&'a self, _shared: &'a Shared) -> Option<BoxFuture<'a, anyhow::Result<String>>> {
        None
    }

    /// Closes its stores. Its tasks have ended.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// A role whose settings are there, about to be opened.
pub(super) type Opening<L> = BoxFuture<'static, Result<Box<dyn Role<L>>, StartError>>;

/// What the roles of a process share.
pub(super) struct Shared {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) accounts: Arc<Accounts>,
    pub(super) maps: Arc<SeatMaps>,
    pub(super) outlet: Outlet,
}

impl Shared {
    /// What is the same in every process, with its accounts in this database.
    ///
    /// # Errors
    /// When passwords cannot be hashed here.
    pub(super) async fn new(
        clock: Arc<dyn Clock>,
        accounts: &Database,
        drain: Drain,
    ) -> anyhow::Result<Self> {
        let store = Arc::new(SqlAccounts::new(accounts.clone()));
        let accounts = Accounts::new(store, Arc::<Passwords>::default(), Arc::clone(&clock));
        Ok(Self {
            clock,
            accounts: Arc::new(accounts.await.context("cannot hash passwords")?),
            maps: Arc::default(),
            outlet: Outlet { streams: Streams::default(), drain },
        })
    }
}
