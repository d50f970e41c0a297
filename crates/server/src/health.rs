//! The health of each part, for `/readyz`.
//!
//! Promises: ready only when no part has reported a problem. Never: hides a problem that its part
//! has not withdrawn.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The troubles of this process.
#[derive(Debug, Default)]
pub struct Health {
    troubles: Mutex<BTreeMap<String, String>>,
}

impl Health {
    /// `part` cannot do its work: `reason` in a sentence.
    pub fn trouble(&self, part: impl Into<String>, reason: impl Into<String>) {
        self.lock().insert(part.into(), reason.into());
    }

    /// `part` works (again).
    pub fn well(&self, part: &str) {
        self.lock().remove(part);
    }

    /// Each part in trouble, and why.
    pub fn troubles(&self) -> BTreeMap<String, String> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
