//! The seat engine from outside: records in, rows and messages out, beside a slow reference that is
//! written separately and is obviously right.

#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

mod finder;
mod reference;
mod restoring;
mod sequences;
mod stories;
mod world;
