//! One process of the system: the log, what every process has, and this process's roles.
//!
//! Promises: a start restores what was acknowledged; the shutdown stores what was begun. Never:
//! knows a technology by more than its type.

use std::sync::Arc;

use ::accounts::Accounts;
use adapters::{log::Log, sql::Database};
use utoipa_axum::router::OpenApiRouter;

use super::{
    accounts,
    role::{Role, Shared},
    supervise::Supervisor,
};
use crate::{
    gate::Sessions,
    http::seats::{self, SeatsApi},
};

/// The open stores, what runs on them and what listens to them.
pub struct Node<L> {
    pub(super) log: L,
    pub(super) shared: Shared,
    /// Where the accounts are.
    pub(super) accounts: Database,
    pub(super) roles: Vec<Box<dyn Role<L>>>,
}

impl<L: Log> Node<L> {
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

    /// Waits until the log failed for good, and answers why.
    pub async fn failed(&self) -> Arc<str> {
        self.log.failed().await
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
