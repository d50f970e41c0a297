//! What the `ticketing` program serves: the one place that sees all services at once.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

pub mod clock;
pub mod config;
pub mod demo;
pub mod drain;
pub mod gate;
pub mod health;
pub mod http;
pub mod live;
pub mod serve;
mod shutdown;
pub mod telemetry;
pub mod wiring;
