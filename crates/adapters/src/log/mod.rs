//! The log behind `stream`'s ports: durable, ordered records and the seat state that follows from them.
//!
//! One folder or file per technology; `contract` holds what every one of them must keep.

#[cfg(test)]
mod contract;
mod inspection;
pub mod kafka;
pub mod local;

use std::{error::Error, time::Duration};

use kernel::Fault;

pub use self::inspection::{StoredPosition, StoredRecord, StoredRow};

/// Reports the fault once and waits: 50 ms, doubled with each attempt up to 5 s, less a random part so that not all come back at once.
async fn back_off(fault: &Fault, attempt: u32) {
    let cause = fault.source().map(ToString::to_string).unwrap_or_default();
    tracing::warn!(%fault, cause, attempt, "reading the log failed; trying again");
    let full = Duration::from_millis(50).saturating_mul(1 << attempt.min(7)).min(Duration::from_secs(5));
    let part = f64::from(getrandom::u32().unwrap_or(u32::MAX)) / f64::from(u32::MAX);
    tokio::time::sleep(full.mul_f64(0.5 + part / 2.0)).await;
}
