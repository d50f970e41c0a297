//! Everything in one process: the log and the seat state in one RocksDB, the services' databases beside it.
//!
//! In the data folder: `in-use` (the lock), `log/` (records and seat state), a database for each service.

use std::{path::Path, sync::Arc};

use adapters::{
    log::local::{self, LocalLog},
    passwords::Passwords,
    payment::sandbox::SandboxProvider,
    sql::{
        self, Database, Migration, SHARED_MIGRATIONS,
        accounts::{ACCOUNTS_MIGRATIONS, SqlAccounts},
        booking::SqlBookingStore,
        event_ticketing::EVENT_TICKETING_MIGRATIONS,
    },
};
use anyhow::Context;
use kernel::Clock;
use tokio::task::spawn_blocking;

use super::{
    StartError,
    booking::{BookingRole, BookingStores},
    event_ticketing::EventTicketingRole,
    node::{Node, Shared},
};
use crate::{
    clock::SteadyClock,
    config::Config,
    http::live::Outlet,
    live::{drain::Drain, streams::Streams},
    sessions::AccountsService,
};

/// Opens the stores in the data folder, or makes them.
///
/// # Errors
/// When one is damaged or cannot be used.
pub(super) async fn open(config: &Config, drain: Drain) -> Result<Node, StartError> {
    let data = &config.data.value;
    let clock: Arc<dyn Clock> = Arc::<SteadyClock>::default();
    let log = open_log(data, Arc::clone(&clock)).await?;
    let accounts = open_database(data, "accounts.sqlite", &[ACCOUNTS_MIGRATIONS]).await?;
    let migrations = [SHARED_MIGRATIONS, EVENT_TICKETING_MIGRATIONS];
    let event_ticketing = EventTicketingRole {
        database: open_database(data, "event_ticketing.sqlite", &migrations).await?,
        secure_cookies: config.secure_cookies.value,
    };
    let stores = open_booking(data, &clock).await?;
    let booking = BookingRole::new(stores, &clock, config.payment_window.value.0);
    let passwords = Passwords::new().await.context("cannot hash passwords")?;
    let service = AccountsService::new(SqlAccounts::new(accounts.clone()), passwords, Arc::clone(&clock));
    let shared = Shared {
        clock,
        accounts: Arc::new(service),
        maps: Arc::default(),
        outlet: Outlet { streams: Streams::default(), drain },
    };
    Ok(Node {
        log,
        shared,
        accounts,
        decides_seats: true,
        booking: Some(booking),
        event_ticketing: Some(event_ticketing),
    })
}

async fn open_log(data: &Path, clock: Arc<dyn Clock>) -> Result<LocalLog, StartError> {
    let folder = data.join("log");
    let opened = spawn_blocking(move || LocalLog::open(&folder, clock)).await;
    match opened.context("the opening of the log broke off")? {
        Ok(log) => Ok(log),
        Err(local::OpenError::InUse) => Err(StartError::FolderInUse(data.to_owned())),
        Err(local::OpenError::Corrupted { what }) => {
            Err(StartError::Corrupted { folder: data.to_owned(), what })
        }
        Err(local::OpenError::Fault(fault)) => {
            Err(StartError::Fault(anyhow::Error::from(fault).context("cannot open the log")))
        }
    }
}

async fn open_database(data: &Path, name: &str, migrations: &[&[Migration]]) -> Result<Database, StartError> {
    Database::open(&data.join(name), migrations).await.map_err(|error| database_error(data, error))
}

async fn open_booking(data: &Path, clock: &Arc<dyn Clock>) -> Result<BookingStores, StartError> {
    let store = SqlBookingStore::open(&data.join("booking.sqlite")).await;
    let store = store.map_err(|error| database_error(data, error))?;
    let ledger = data.join("payment_sandbox.sqlite");
    let opened = SandboxProvider::open(&ledger, Arc::clone(clock)).await;
    let (provider, reports) = opened.map_err(|error| database_error(data, error))?;
    Ok(BookingStores { store, provider, reports })
}

fn database_error(data: &Path, error: sql::OpenError) -> StartError {
    match error {
        sql::OpenError::Corrupted { path, detail } => {
            StartError::Corrupted { folder: data.to_owned(), what: format!("{}: {detail}", path.display()) }
        }
        error => StartError::Fault(error.into()),
    }
}
