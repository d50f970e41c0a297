//! Cleaning up: sessions that ended by idleness or age, and ends that every process has seen.

use kernel::{Fault, limits};

use super::service::Accounts;
use crate::ports::Outdated;

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
            ended_at: now - limits::SESSION_ENDS_KEPT,
        };
        kernel::sabotaged!("sessions.never-cleaned", self.store.remove(outdated).await, Ok(()))
    }
}
