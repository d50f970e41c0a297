//! For tests: the contract suite that every log must pass, and a log in memory that passes it.
//!
//! Never part of the program.

#![allow(clippy::unwrap_used, reason = "tests may stop at once")]

pub mod contract;
mod memory;

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};

use kernel::Fault;

pub use memory::{Consumed, Counts, MemoryFeed, MemoryLog, MemoryPartition, MemoryReader, Terms};

/// What a port in memory does at a step: nothing, or whatever a simulation decides by its seed.
///
/// A fault before the durable step of a call means that nothing was done; a fault after it, that
/// the outcome is unknown to the caller.
pub trait Director: Send + Sync + fmt::Debug {
    /// The caller reaches the step. The future gives way to other tasks; it may last, end in a
    /// fault, or never end.
    fn reach(&self, step: &'static str) -> Pin<Box<dyn Future<Output = Result<(), Fault>> + Send>>;

    /// A number from 1 to `most`: how much is read, how much of a broken write arrived.
    fn pick(&self, most: usize) -> usize;
}

/// Lets everything happen, and reads as much as there is.
#[derive(Debug, Default, Clone, Copy)]
pub struct Calm;

impl Director for Calm {
    fn reach(&self, _: &'static str) -> Pin<Box<dyn Future<Output = Result<(), Fault>> + Send>> {
        Box::pin(async {
            give_way().await;
            Ok(())
        })
    }

    fn pick(&self, most: usize) -> usize {
        most
    }
}

/// Lets other tasks run once.
pub async fn give_way() {
    let mut given = false;
    poll_fn(|cx| {
        if given {
            return Poll::Ready(());
        }
        given = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
