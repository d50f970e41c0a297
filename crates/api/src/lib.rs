//! The API's answers: their shapes, and the codes of those that are problems. What the routes answer and the live streams send has the same form.
//!
//! Promises: a shape is data that goes out; a field that was there stays. Never: reads a request, or decides what is answered.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

pub mod booking;
pub mod event;
pub mod problem;
pub mod seats;
pub mod shapes;
