//! The only place that knows which technology stands behind which port, and so the mode.

mod booking;
mod embedded;
mod event_ticketing;
pub mod folder;
mod mode;
mod node;
pub mod supervise;

use std::{net::SocketAddr, path::PathBuf};

pub use node::Node;

use crate::{config::Config, live::drain::Drain};
use mode::Mode;

/// Opens what the settings ask for.
///
/// # Errors
/// When a setting is missing, or a store is damaged or cannot be used.
pub async fn open(config: &Config, drain: Drain) -> Result<Node, StartError> {
    match Mode::of(config).map_err(StartError::Usage)? {
        Mode::Embedded => embedded::open(config, drain).await,
        Mode::Cluster(_) => Err(StartError::Usage(anyhow::anyhow!(
            "kafka is set, but this program cannot yet be a part of a cluster: leave it out"
        ))),
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
