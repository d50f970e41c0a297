//! The only place that knows which technology stands behind which port, and so the mode.

mod booking;
mod embedded;
mod event_ticketing;
pub mod folder;
mod node;
pub mod supervise;

use std::{net::SocketAddr, path::PathBuf};

pub use embedded::open;
pub use node::Node;

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
