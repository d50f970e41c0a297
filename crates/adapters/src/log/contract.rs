//! The log's contract suite (`stream::testing::contract`) on tokio, and the waits that the tests of
//! each technology share.
//!
//! Never: a case of its own.

use std::{future::Future, time::Duration};

pub(crate) use stream::testing::contract::{PATIENCE, Rig, lane, lines, message};
use stream::{Record, port::Reader};

/// Runs one case to its end.
pub(crate) fn run(case: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(case);
}

pub(crate) async fn within<T>(longest: Duration, wait: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(longest, wait).await.ok()
}

/// On the heap: the waits of a real client are large.
pub(crate) fn soon<T>(wait: impl Future<Output = T>) -> impl Future<Output = T> {
    let wait = Box::pin(wait);
    async { within(PATIENCE, wait).await.expect("an answer in time") }
}

/// Reads until there are `count` records.
pub(crate) async fn read<R: Reader>(reader: &mut R, count: usize) -> Vec<Record> {
    let mut records = Vec::new();
    while records.len() < count {
        records.extend(soon(reader.next_batch()).await.unwrap().expect("more records"));
    }
    records
}
