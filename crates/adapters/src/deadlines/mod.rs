//! Reminders of deadlines behind booking's port. Never the truth about a deadline, which is in
//! booking's store.

#[cfg(test)]
mod contract;
pub mod local;
pub mod redis;

use std::time::Duration;

use booking::ports::Deadlines;
use futures::future::BoxFuture;
use kernel::Clock;

/// What wakes the sweep.
pub trait Alarm: Deadlines {
    /// Waits until a deadline has come that was not reported yet, or for `longest`.
    fn due<'a>(&'a self, clock: &'a dyn Clock, longest: Duration) -> BoxFuture<'a, ()>;
}
