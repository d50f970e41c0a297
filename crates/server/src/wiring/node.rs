//! One process of the system: the log, what every process has, and the roles that this one was given.
//!
//! Promises: what was acknowledged is read back at a start; the end stores what was begun. Never: knows a technology by more than its type.

use std::sync::Arc;

use adapters::{
    log::Log,
    passwords::Passwords,
    sql::{Database, accounts::SqlAccounts},
};
use anyhow::Context;
use kernel::{Clock, topic};
use seat_reservation::SeatEngine;
use stream::exactly_once;
use utoipa_axum::router::OpenApiRouter;

use super::{
    booking::BookingRole, event_ticketing::EventTicketingRole, measured::Measured, supervise::Supervisor,
};
use crate::{
    gate::Sessions,
    http::{
        live::Outlet,
        seats::{self, SeatsApi},
    },
    live::{SeatMaps, drain::Drain, streams::Streams},
    sessions::AccountsService,
};

/// The open stores, what runs on them and what listens to them.
pub struct Node<L> {
    pub(super) log: L,
    pub(super) shared: Shared,
    /// Where the accounts are.
    pub(super) accounts: Database,
    /// Whether this process decides seats.
    pub(super) decides_seats: bool,
    pub(super) booking: Option<BookingRole>,
    pub(super) event_ticketing: Option<EventTicketingRole>,
}

/// What the roles of a process share.
pub(super) struct Shared {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) accounts: Arc<AccountsService>,
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
        let passwords = Passwords::new().await.context("cannot hash passwords")?;
        let accounts = SqlAccounts::new(accounts.clone());
        let service = AccountsService::new(accounts, passwords, Arc::clone(&clock));
        Ok(Self {
            clock,
            accounts: Arc::new(service),
            maps: Arc::default(),
            outlet: Outlet { streams: Streams::default(), drain },
        })
    }
}

impl<L: Log> Node<L> {
    /// The routes of the roles, and those of the seat maps, which every process has.
    pub fn services(&self) -> Vec<OpenApiRouter> {
        let maps = Arc::clone(&self.shared.maps);
        let mut routes = vec![seats::routes(SeatsApi { maps, outlet: self.shared.outlet.clone() })];
        routes.extend(self.booking.iter().flat_map(|role| role.routes(&self.shared)));
        routes.extend(self.event_ticketing.iter().flat_map(|role| role.routes(&self.shared)));
        routes
    }

    /// Whose session a token is.
    pub fn sessions(&self) -> Arc<dyn Sessions> {
        Arc::<AccountsService>::clone(&self.shared.accounts)
    }

    /// Starts every loop.
    pub fn start(&self, supervisor: &mut Supervisor) {
        if self.decides_seats {
            for partition in 0..topic::PARTITIONS {
                let mut seats = Measured::new(self.log.partition(partition));
                supervisor.run(format!("seats-{partition}"), async move {
                    exactly_once::run::<_, SeatEngine>(&mut seats).await
                });
            }
        }
        if let Some(role) = &self.event_ticketing {
            role.start(&self.shared, &self.log, supervisor);
        }
        if let Some(role) = &self.booking {
            role.start(&self.shared, &self.log, supervisor);
        }
        supervisor.run_until_drain("session-ends", Arc::clone(&self.shared.accounts).follow_ends());
        let maps = &self.shared.maps;
        supervisor.run_sure("seat-maps", Arc::clone(maps).follow(self.log.clone()));
        supervisor.run_until_drain("seat-frames", Arc::clone(maps).make_frames());
    }

    /// Waits until requests can be answered.
    pub async fn ready(&self) {
        self.shared.maps.loaded().await;
    }

    /// Makes the demo's users and event, and answers with the logins to print.
    ///
    /// # Errors
    /// When a store fails, or this process has no events to sell.
    pub async fn demo(&self) -> anyhow::Result<String> {
        match &self.event_ticketing {
            Some(role) => role.demo(&self.shared).await,
            None => anyhow::bail!("the demo's event is made by the role event-ticketing"),
        }
    }

    /// Waits until the log failed for good, and answers why.
    pub async fn failed(&self) -> Arc<str> {
        self.log.failed().await
    }

    /// Tells every loop that reads the log to end behind what it has begun.
    pub fn stop_reading(&self) {
        self.log.stop_reading();
    }

    /// Stores everything and closes the stores. The loops must have ended.
    pub async fn close(self) {
        if let Some(role) = &self.event_ticketing {
            role.close().await;
        }
        if let Some(role) = &self.booking {
            role.close().await;
        }
        self.accounts.close().await;
        self.log.shutdown().await;
    }
}
