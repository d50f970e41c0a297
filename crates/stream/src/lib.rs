//! The exactly-once engine: read, decide, commit state + positions + outgoing messages together,
//! publish.
//!
//! Why nothing is lost or done twice after a crash:
//! * **Seats** ([`exactly_once`]): one partition's records are decided one after another. What a
//!   batch changed, the positions behind it and the messages it sends become durable in one commit,
//!   or not at all. After a failed or unknown commit the in-memory state is discarded and read back
//!   from the store, so an uncertain batch leaves no trace.
//! * **Projections** ([`projection`]): the SQL services store the position of what they read in the
//!   same transaction as the rows it changed, and resume from the stored position, so a record that
//!   is delivered twice is applied once.
//! * **Publishing** ([`relay`]): a service that must notify others first stores the message beside
//!   its rows (the outbox), then publishes until it is acknowledged. A message may thus be
//!   published twice (at least once); every reader accepts that.
//!
//! Knows no broker, no database, no async runtime: those are behind [`port`].

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

pub mod exactly_once;
pub mod port;
pub mod projection;
pub mod relay;
pub mod testing;

pub use port::{Batch, DeadLetter, Outgoing, Position, Put, Record, Row};
