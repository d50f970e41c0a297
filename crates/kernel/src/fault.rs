//! A fault: something outside failed (a store is unavailable, a disk is full). Opaque to rules; it
//! is retried or reported, never an answer.
//!
//! Never a refusal (seat taken), which is an outcome, nor a bug, which is an `assert!`.

use std::{
    error::Error,
    fmt::{self, Write as _},
};

/// What failed, with its cause kept for the log.
#[derive(Debug)]
pub struct Fault {
    doing: &'static str,
    cause: Box<dyn Error + Send + Sync>,
}

impl Fault {
    /// `doing` says what was tried: "insert bookings".
    pub fn new(doing: &'static str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { doing, cause: cause.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not {}", self.doing)
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.cause)
    }
}

/// An error and all that caused it, in one line.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        // Writing to a text cannot fail.
        let _ = write!(text, ": {cause}");
        next = cause.source();
    }
    text
}
