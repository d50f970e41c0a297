//! The `ticketing` program: everything that sees all services at once.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

pub mod health;
pub mod http;
pub mod rush;
pub mod telemetry;
