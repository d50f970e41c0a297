//! The API's answers: their shapes, and the codes of problems. Routes and live streams share these
//! shapes.
//!
//! Promises: a shape is output only; a field is never removed. Never: reads a request, or decides
//! what is answered.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

pub mod booking;
pub mod event;
pub mod problem;
pub mod seats;
pub mod shapes;
