//! Starting, stopping and killing the real program: what it says when it cannot start, and what a
//! kill may not cost.
//!
//! Each test has a data folder and a process of its own, and ends no other process.

#![allow(clippy::unwrap_used, reason = "tests")]

mod corruption;
mod kill;
mod start_stop;
mod synced;
