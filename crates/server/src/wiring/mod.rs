//! The only place that knows which technology is behind which port, and so the mode.
//!
//! How to add a role:
//!
//! 1. `wiring/<role>.rs`: a struct with its open stores that implements `Role`: its routes, its
//!    background tasks, its close.
//! 2. `config::Role` gains its name; the settings that it alone needs are rows of the table in
//!    `config.rs`.
//! 3. `mode.rs` says which of these settings it cannot do without in a cluster.
//! 4. `embedded.rs` and `cluster.rs` open its stores and add it to the roles of their node.
//! 5. `deploy/` and `rig/src/cluster.rs` start a process of it; a feature in `tests/` shows what it
//!    does.

mod accounts;
mod booking;
mod cluster;
mod embedded;
mod event_ticketing;
pub mod folder;
mod measured;
mod mode;
mod node;
mod role;
mod seat_reservation;
pub mod supervise;

use std::{net::SocketAddr, path::PathBuf};

use adapters::log::{kafka::KafkaLog, local::LocalLog};
use audit::places::Places;
pub use node::Node;

use crate::{config::Config, drain::Drain};
use mode::Mode;

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
    match Mode::of(config).map_err(StartError::Usage)? {
        Mode::Embedded => embedded::open(config, drain).await.map(Opened::Alone),
        Mode::Cluster(cluster) => cluster::open(config, &cluster, drain).await.map(Opened::Member),
    }
}

/// Where everything is that an audit reads.
///
/// # Errors
/// When a setting is missing.
pub fn places(config: &Config) -> Result<Places, StartError> {
    match Mode::of(config).map_err(StartError::Usage)? {
        Mode::Embedded => Ok(embedded::places(&config.data.value)),
        Mode::Cluster(cluster) => cluster::places(&cluster, &config.data.value),
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
    #[error("the data folder {} is corrupted: {what}", folder.display())]
    Corrupted { folder: PathBuf, what: String },
    #[error("{0:#}")]
    Fault(#[from] anyhow::Error),
}
