//! The only place that knows which technology is behind which port, and so the mode.
//!
//! How to add a role:
//!
//! 1. `wiring/<role>.rs`: a struct with its open stores that implements `Role`: how it is opened,
//!    its routes, its background tasks, its close.
//! 2. Below, `Role` gains its name and `roles` its row. The settings that it alone needs are rows
//!    of the table in `config.rs`.
//! 3. `deploy/` and the list in `rig/src/cluster.rs` start a process of it.

mod accounts;
mod booking;
mod event_ticketing;
pub mod folder;
mod measured;
mod node;
mod provider;
mod role;
mod seat_reservation;
mod stores;
pub mod supervise;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use adapters::log::{Log, kafka::KafkaLog, local::LocalLog};
use audit::places::{LogPlace, Places};
use clap::ValueEnum;
pub use node::Node;
use serde::{Deserialize, Serialize};

use self::{
    booking::BookingRole, event_ticketing::EventTicketingRole, role::Opening,
    seat_reservation::SeatReservationRole, stores::Stores,
};
use crate::{config::Config, drain::Drain};

/// What a process of a cluster does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Bookings and payments.
    Booking,
    /// Decides seats: its share of the partitions.
    SeatReservation,
    /// Events, tickets, sales and accounts.
    EventTicketing,
}

/// A process of either mode, opened.
pub enum Opened {
    /// It is the whole system.
    Alone(Node<LocalLog>),
    /// It is one of several.
    Member(Node<KafkaLog>),
}

/// Opens what the settings ask for.
///
/// # Errors
/// When a setting is missing, or a store is damaged or cannot be used.
pub async fn open(config: &Config, drain: Drain) -> Result<Opened, StartError> {
    let stores = Stores::of(config)?;
    Ok(match stores.log() {
        LogPlace::Folder(folder) => {
            Opened::Alone(Node::open(&stores, stores.local_log(&folder), drain).await?)
        }
        LogPlace::Brokers(brokers) => {
            Opened::Member(Box::pin(Node::open(&stores, stores.kafka_log(*brokers), drain)).await?)
        }
    })
}

/// The roles of this process, about to be opened.
fn roles<L: Log>(stores: &Stores<'_>) -> Result<Vec<Opening<L>>, StartError> {
    let open = |role| match role {
        Role::Booking => BookingRole::open(stores),
        Role::SeatReservation => Ok(SeatReservationRole::open()),
        Role::EventTicketing => EventTicketingRole::open(stores),
    };
    Role::value_variants().iter().copied().filter(|role| stores.has(*role)).map(open).collect()
}

/// Where everything is that an audit reads.
///
/// # Errors
/// When a setting is missing.
pub fn places(config: &Config) -> Result<Places, StartError> {
    let stores = Stores::of(config)?;
    if !stores.has_all() {
        return Err(stores::usage("an audit covers every role: do not set role"));
    }
    let log = stores.log();
    let checkpoints = match &log {
        LogPlace::Brokers(brokers) => brokers.checkpoints.clone().filter(|folder| folder.exists()),
        LogPlace::Folder(folder) => {
            written_before(stores.data(), folder)?;
            None
        }
    };
    Ok(Places {
        log,
        booking: booking::database(&stores)?,
        event_ticketing: event_ticketing::database(&stores)?,
        ledger: booking::provider(&stores)?.ledger(),
        checkpoints: checkpoints.into_iter().collect(),
    })
}

/// A folder that no server has written is a mistake in its name. Opening its log would make it.
fn written_before(data: &Path, log: &Path) -> Result<(), StartError> {
    let data_shown = data.display();
    match (data.is_dir(), log.is_dir()) {
        (false, _) => Err(stores::usage(format!("there is no data folder {data_shown}"))),
        (true, false) => {
            Err(stores::usage(format!("{data_shown} is no data folder of ticketing: it has no log")))
        }
        (true, true) => Ok(()),
    }
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{0:#}")]
    Usage(anyhow::Error),
    #[error("the data folder {} is in use by another process", .0.display())]
    FolderInUse(PathBuf),
    #[error("the address {0} is in use by another process")]
    PortInUse(SocketAddr),
    #[error("{0:#}")]
    Corrupted(anyhow::Error),
    #[error("{0:#}")]
    Fault(anyhow::Error),
}

// Not its source: its text has all causes already.
impl From<anyhow::Error> for StartError {
    fn from(error: anyhow::Error) -> Self {
        Self::Fault(error)
    }
}
