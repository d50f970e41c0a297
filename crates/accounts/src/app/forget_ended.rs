//! Cleaning up: sessions that ended by idleness or age, and ends that every process has seen.

use std::time::Duration;

use kernel::{Fault, limits};

use super::service::Accounts;
use crate::ports::Outdated;

/// How long an end is kept. A process that has not polled for so long trusts none of its cached
/// sessions.
const ENDS_KEPT: Duration = Duration::from_hours(1);

impl Accounts {
    /// Deletes sessions that expired. Call it every few minutes.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_ended(&self) -> Result<(), Fault> {
        let now = self.clock.now();
        self.known().forget_ended(now);
        let outdated = Outdated {
            seen_at: now - limits::SESSION_IDLE,
            created_at: now - limits::SESSION_LIFETIME,
            ended_at: now - ENDS_KEPT,
        };
        kernel::sabotaged!("sessions.never-cleaned", self.store.remove(outdated).await, Ok(()))
    }
}
