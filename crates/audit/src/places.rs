//! Where the data of a deployment is, and how its log is read there.
//!
//! Never: decides where; the wiring, which knows the mode, does.

use std::path::PathBuf;

use adapters::{
    log::{
        StoredPosition, StoredRecord, StoredRow,
        kafka::{self, KafkaConfig},
        local,
    },
    sql::DatabaseUrl,
};
use anyhow::Context as _;
use stream::DeadLetter;

/// Everything that the audit reads.
#[derive(Debug)]
pub struct Places {
    pub log: LogPlace,
    pub booking: DatabaseUrl,
    pub event_ticketing: DatabaseUrl,
    /// None of a payment provider that keeps its ledger elsewhere.
    pub ledger: Option<DatabaseUrl>,
    /// Folders with checkpoints of seat state to compare with the log.
    pub checkpoints: Vec<PathBuf>,
}

/// A log's place.
#[derive(Debug)]
pub enum LogPlace {
    Folder(PathBuf),
    Brokers(Box<KafkaConfig>),
}

/// A log, for reading only.
pub(super) enum Log {
    Folder(local::Inspection),
    Brokers(kafka::Inspection),
}

impl Log {
    pub(super) async fn open(place: &LogPlace) -> anyhow::Result<Self> {
        let opened = match place {
            LogPlace::Folder(folder) => local::Inspection::open(folder).map(Self::Folder)?,
            LogPlace::Brokers(config) => kafka::Inspection::open(config).await.map(Self::Brokers)?,
        };
        Ok(opened)
    }

    pub(super) async fn records(&self, each: impl FnMut(StoredRecord)) -> anyhow::Result<()> {
        match self {
            Self::Folder(log) => log.records(each)?,
            Self::Brokers(log) => log.records(each).await?,
        }
        Ok(())
    }

    pub(super) async fn state(&self, each: impl FnMut(StoredRow)) -> anyhow::Result<()> {
        match self {
            Self::Folder(log) => log.state(each)?,
            Self::Brokers(log) => log.state(each).await?,
        }
        Ok(())
    }

    /// How far the seat loops have read.
    pub(super) async fn positions(&self) -> anyhow::Result<Vec<StoredPosition>> {
        Ok(match self {
            Self::Folder(log) => log.positions()?,
            Self::Brokers(log) => log.positions().await?,
        })
    }

    pub(super) async fn dead_letters(&self) -> anyhow::Result<Vec<DeadLetter>> {
        Ok(match self {
            Self::Folder(log) => log.dead_letters()?,
            Self::Brokers(log) => log.dead_letters().await?,
        })
    }

    /// What of the checkpoints is not what the log says.
    pub(super) async fn unlike(&self, checkpoints: &[PathBuf]) -> anyhow::Result<Vec<String>> {
        let mut unlike = Vec::new();
        if let Self::Brokers(log) = self {
            for folder in checkpoints {
                let found = log.unlike_changelog(folder).await;
                unlike.extend(found.with_context(|| format!("cannot check {}", folder.display()))?);
            }
        }
        Ok(unlike)
    }
}
