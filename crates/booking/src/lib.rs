//! The booking service: bookings, their payments and the time that buyers have to pay.
//!
//! `domain` holds the states and what may follow what; `app` has one file per use case, each with the pure decision and the steps around it;
//! `ports` says what is needed of the world.
//!
//! Promises: of pay, cancel and expiry exactly one wins; money that was taken for a booking that is closed goes back.
//! Never: I/O, a clock, chance. Never decides which seat a booking gets; the seat engine does.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

pub mod app;
pub mod domain;
pub mod ports;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use app::Bookings;
pub use domain::{
    booking::{Asked, Booking, CancelReason, State, Status, WrongState},
    payment::{AttemptId, AttemptStatus, ChargeAnswer, PaymentAttempt, PaymentStatus, Refund},
    request::{BookingRequest, Mode},
};
