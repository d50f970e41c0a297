//! The log behind `stream`'s ports: durable, ordered records and the seat state that follows from
//! them.
//!
//! One folder or file per technology; `contract` brings the suite of `stream::testing` to tokio.

#[cfg(test)]
mod contract;
mod inspection;
pub mod kafka;
pub mod local;
mod rocks;

use std::time::Duration;

use kernel::{Fault, fault::chain};
use stream::DeadLetter;
pub use stream::port::Log;

pub use self::inspection::{StoredPosition, StoredRecord, StoredRow};

/// Logs that a record became a dead letter: an operator should look at it.
pub fn log_dead_letter(letter: &DeadLetter) {
    let source = letter.record.source;
    tracing::error!(
        topic = %source.topic, partition = source.partition, offset = source.offset, reason = letter.reason,
        "record could not be decoded; stored as a dead letter"
    );
}

/// Logs the fault once, then waits with exponential back-off and jitter: 50 ms, doubled with each
/// attempt up to 5 s.
async fn back_off(fault: &Fault, attempt: u32) {
    tracing::warn!(cause = chain(fault), attempt, "reading the log failed; trying again");
    let full = Duration::from_millis(50).saturating_mul(1 << attempt.min(7)).min(Duration::from_secs(5));
    let part = f64::from(getrandom::u32().unwrap_or(u32::MAX)) / f64::from(u32::MAX);
    tokio::time::sleep(full.mul_f64(0.5 + part / 2.0)).await;
}
