//! One process of the system: the log, what every process has, and this process's roles.
//!
//! Promises: a start restores what was acknowledged; the shutdown stores what was begun. Never:
//! knows a technology by more than its type.

use std::sync::Arc;

use ::accounts::Accounts;
use adapters::{
    log::Log,
    sql::{Database, accounts::ACCOUNTS_MIGRATIONS},
};
use utoipa_axum::router::OpenApiRouter;

use super::{
    StartError, accounts,
    role::{Role, Shared},
    roles,
    stores::Stores,
    supervise::Supervisor,
};
use crate::{
    drain::Drain,
    gate::Sessions,
    http::seats::{self, SeatsApi},
};

/// The open stores, what runs on them and what listens to them.
pub struct Node<L> {
    log: L,
    shared: Shared,
    /// Where the accounts are.
    accounts: Database,
    roles: Vec<Box<dyn Role<L>>>,
}

impl<L: Log> Node<L> {
    /// Opens the stores of this process and its log.
    pub(super) async fn open(
        stores: &Stores<'_>,
        log: impl Future<Output = Result<L, StartError>>,
        drain: Drain,
    ) -> Result<Self, StartError> {
        let place = &stores.config.database_accounts;
        let place = stores.database("accounts", place, "every process of a cluster")?;
        let opening = roles(stores)?;
        let log = log.await?;
        let accounts = Database::open(place, &[ACCOUNTS_MIGRATIONS]).await?;
        let mut roles = Vec::new();
        for role in opening {
            roles.push(role.await?);
        }
        let shared = Shared::new(Arc::clone(&stores.clock), &accounts, drain).await?;
        Ok(Self { log, shared, accounts, roles })
    }

    /// The routes of the roles, and those of the seat maps, which every process has.
    pub fn services(&self) -> Vec<OpenApiRouter> {
        let maps = Arc::clone(&self.shared.maps);
        let mut routes = vec![seats::routes(SeatsApi { maps, outlet: self.shared.outlet.clone() })];
        routes.extend(self.roles.iter().flat_map(|role| role.routes(&self.shared)));
        routes
    }

    /// Whose session a token is.
    pub fn sessions(&self) -> Arc<dyn Sessions> {
        Arc::<Accounts>::clone(&self.shared.accounts)
    }

    /// Starts every background task.
    pub fn start(&self, supervisor: &mut Supervisor) {
        for role in &self.roles {
            role.start(&self.shared, &self.log, supervisor);
        }
        let log = self.log.clone();
        supervisor.end_with(async move { log.failed().await });
        supervisor.end_with(self.accounts.clone().failed());
        supervisor.run_until_drain("session-ends", accounts::follow_ends(Arc::clone(&self.shared.accounts)));
        let maps = &self.shared.maps;
        supervisor.run_infallible("seat-maps", Arc::clone(maps).follow(self.log.clone()));
        supervisor.run_until_drain("seat-frames", Arc::clone(maps).make_frames());
    }

    /// Waits until requests can be answered.
    pub async fn ready(&self) {
        self.shared.maps.loaded().await;
    }

    /// Creates the demo's users and event, and returns the logins to print.
    ///
    /// # Errors
    /// When a store fails, or this process has no events to sell.
    pub async fn demo(&self) -> anyhow::Result<String> {
        match self.roles.iter().find_map(|role| role.demo(&self.shared)) {
            Some(demo) => demo.await,
            None => anyhow::bail!("the demo's event needs the role event-ticketing"),
        }
    }

    /// Ends every task that reads the log behind what it has begun.
    pub fn stop_reading(&self) {
        self.log.stop_reading();
    }

    /// Stores everything and closes the stores. The background tasks must have ended.
    pub async fn close(self) {
        for role in &self.roles {
            role.close().await;
        }
        self.accounts.close().await;
        self.log.shutdown().await;
    }
}

#[cfg(test)]
impl<L> Node<L> {
    pub(crate) fn log(&self) -> &L {
        &self.log
    }
}
