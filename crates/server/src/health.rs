//! The health of each part, for `/readyz`.
//!
//! Promises: ready only when no part has reported a problem. Never: forgets a problem.

use std::collections::BTreeMap;

use parking_lot::Mutex;

/// The troubles of this process.
#[derive(Debug, Default)]
pub struct Health {
    troubles: Mutex<BTreeMap<String, String>>,
}

impl Health {
    /// `part` cannot do its work: `reason` in a sentence.
    pub fn trouble(&self, part: impl Into<String>, reason: impl Into<String>) {
        self.troubles.lock().insert(part.into(), reason.into());
    }

    /// Each part in trouble, and why.
    pub fn troubles(&self) -> BTreeMap<String, String> {
        self.troubles.lock().clone()
    }
}
