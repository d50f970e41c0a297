//! The seat engine: a deterministic state machine that decides who gets which seats of one
//! partition's sections.
//!
//! Promises: one record at a time, [`SeatEngine`] decides and says what to store and send; the same
//! records give the same bytes, always. The promises about seats have names: see
//! [`domain::invariants`]. What is stored is described by [`row`].
//! Never: a clock, random numbers, I/O. Time is the log's: the latest time of any record so far.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

mod app;
pub mod domain;
mod engine;
pub mod row;
mod stored;
pub mod testing;

pub use engine::{Counters, SeatEngine};
