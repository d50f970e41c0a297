//! The ports of the services and of `stream`, kept by real technology: one folder per port, one
//! file per technology.
//!
//! Never decides a business rule, and never picks a mode: that is the server's wiring.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

pub mod deadlines;
pub mod failpoint;
pub mod log;
mod pace;
pub mod passwords;
pub mod payment;
pub mod sql;
