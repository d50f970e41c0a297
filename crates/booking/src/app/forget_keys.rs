//! Deletes idempotency keys that are older than any retry.

use std::time::Duration;

use kernel::{Fault, Timestamp, limits};

use super::service::Bookings;
use crate::{
    decision::{Decision, Needs, WorkingSet},
    ports::BookingStore,
};

/// Forgets the keys that were first seen before this moment.
#[derive(Debug, Clone, Copy)]
pub struct ForgetKeys {
    pub before: Timestamp,
}

impl Decision for ForgetKeys {
    type Answer = ();
    const DOING: &'static str = "delete old idempotency keys";

    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn decide(&self, set: &mut WorkingSet) {
        set.forget_keys(kernel::sabotaged!("keys.never-forgotten", self.before, Timestamp::from_millis(0)));
    }
}

impl<S: BookingStore> Bookings<S> {
    /// Forgets idempotency keys that are older than they need to be.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_old_keys(&self) -> Result<(), Fault> {
        let lifetime =
            kernel::sabotaged!("keys.forgotten-at-once", limits::IDEMPOTENCY_KEY_LIFETIME, Duration::ZERO);
        self.store.decide(ForgetKeys { before: self.clock.now() - lifetime }).await
    }
}
