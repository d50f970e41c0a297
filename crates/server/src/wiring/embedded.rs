//! Everything in one process: the log and the seat state in one RocksDB, the services' databases
//! beside it.
//!
//! In the data folder: `in-use` (the lock), `log/` (records and seat state), a database for each
//! service.

use std::{path::Path, sync::Arc};

use adapters::{
    deadlines::local::LocalDeadlines,
    log::local::{self, LocalLog},
    sql::{
        self, Database, DatabaseUrl, Migration, SHARED_MIGRATIONS, accounts::ACCOUNTS_MIGRATIONS,
        booking::SqlBookingStore, event_ticketing::EVENT_TICKETING_MIGRATIONS,
    },
};
use anyhow::Context;
use audit::places::{LogPlace, Places};
use kernel::Clock;
use tokio::task::spawn_blocking;

use super::{
    StartError,
    booking::{BookingRole, BookingStores, Payments},
    event_ticketing::EventTicketingRole,
    node::Node,
    role::Shared,
    seat_reservation::SeatReservationRole,
};
use crate::{clock::SteadyClock, config::Config, drain::Drain};

const LOG: &str = "log";
const BOOKING: &str = "booking.sqlite";
const EVENT_TICKETING: &str = "event_ticketing.sqlite";
const PAYMENT_SANDBOX: &str = "payment_sandbox.sqlite";

/// Opens the stores in the data folder, or creates them.
///
/// # Errors
/// When one is damaged or cannot be used.
pub(super) async fn open(config: &Config, drain: Drain) -> Result<Node<LocalLog>, StartError> {
    let data = &config.data.value;
    let clock: Arc<dyn Clock> = Arc::<SteadyClock>::default();
    let log = open_log(data, Arc::clone(&clock)).await?;
    let accounts = open_database(data, "accounts.sqlite", &[ACCOUNTS_MIGRATIONS]).await?;
    let migrations = [SHARED_MIGRATIONS, EVENT_TICKETING_MIGRATIONS];
    let event_ticketing = EventTicketingRole {
        database: open_database(data, EVENT_TICKETING, &migrations).await?,
        secure_cookies: config.secure_cookies.value,
    };
    let stores = open_booking(data, &clock).await?;
    let booking = BookingRole::new(stores, &clock, config.payment_window.value.0);
    let shared = Shared::new(clock, &accounts, drain).await?;
    Ok(Node {
        log,
        shared,
        accounts,
        roles: vec![Box::new(SeatReservationRole), Box::new(event_ticketing), Box::new(booking)],
    })
}

/// Where everything is in the data folder.
pub(super) fn places(data: &Path) -> Places {
    Places {
        log: LogPlace::Folder(data.join(LOG)),
        booking: DatabaseUrl::File(data.join(BOOKING)),
        event_ticketing: DatabaseUrl::File(data.join(EVENT_TICKETING)),
        payment_sandbox: DatabaseUrl::File(data.join(PAYMENT_SANDBOX)),
        checkpoints: Vec::new(),
    }
}

async fn open_log(data: &Path, clock: Arc<dyn Clock>) -> Result<LocalLog, StartError> {
    let folder = data.join(LOG);
    let opened = spawn_blocking(move || LocalLog::open(&folder, clock)).await;
    match opened.context("opening the log was interrupted")? {
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
    let store = SqlBookingStore::open(&data.join(BOOKING)).await;
    let store = store.map_err(|error| database_error(data, error))?;
    let payments = Payments::open(&data.join(PAYMENT_SANDBOX), clock).await;
    let payments = payments.map_err(|error| database_error(data, error))?;
    Ok(BookingStores { store, payments, deadlines: Arc::<LocalDeadlines>::default() })
}

fn database_error(data: &Path, error: sql::OpenError) -> StartError {
    match error {
        sql::OpenError::Corrupted { place, detail } => {
            StartError::Corrupted { folder: data.to_owned(), what: format!("{place}: {detail}") }
        }
        error => StartError::Fault(error.into()),
    }
}
