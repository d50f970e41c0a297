//! The server of the `ticketing` program: HTTP, live streams and wiring. The one crate that sees
//! all services.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

pub mod clock;
pub mod config;
pub mod demo;
pub mod drain;
pub mod gate;
pub mod health;
pub mod http;
pub mod listen;
pub mod live;
pub mod secret;
pub mod serve;
mod shutdown;
pub mod telemetry;
pub mod wiring;
