//! The adapters: the ports of the services and of `stream` on real technology. One folder per port,
//! one file per technology.
//!
//! Never decides a business rule, and never picks a mode: that is the server's wiring.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

pub mod deadlines;
pub mod failpoint;
mod failure;
pub mod log;
mod pace;
pub mod passwords;
pub mod payment;
pub mod sql;
