//! Timers behind booking's port. They only wake the sweep; the deadline in booking's store decides.

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
    /// Waits until a deadline passes that was not reported yet, at most for `longest`.
    fn due<'a>(&'a self, clock: &'a dyn Clock, longest: Duration) -> BoxFuture<'a, ()>;
}
