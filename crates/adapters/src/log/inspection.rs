//! What an inspection of a log returns, on Kafka and embedded alike.

use bytes::Bytes;
use kernel::{message::Source, topic::Topic};

/// One record with all that is stored of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    pub source: Source,
    /// UTC milliseconds.
    pub appended_at: i64,
    pub key: Bytes,
    pub payload: Bytes,
}

/// Where a reader group resumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPosition {
    /// The group's name, without prefix and deployment.
    pub group: String,
    pub topic: Topic,
    pub partition: u16,
    pub next: u64,
}

/// One row of a partition's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRow {
    pub partition: u16,
    pub key: Bytes,
    pub value: Bytes,
}
