//! The `ticketing` program: everything that sees all services at once.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

pub mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod health;
pub mod http;
pub mod live;
pub mod rush;
pub mod serve;
pub mod sessions;
pub mod telemetry;
pub mod wiring;
