//! The booking service: bookings, their payments and the time that buyers have to pay.
//!
//! `domain` holds the states and what may follow what. A use case is a value, a
//! [`Decision`](decision::Decision): it names the facts that it needs and decides on them without
//! waiting. `app` has one file per use case: the decision, and the steps around it. `ports` has
//! what the service needs from outside. A store loads the facts of all decisions that wait, lets
//! each decide in turn on one working set (a unit of work), and carries out the changes in one
//! transaction (group commit).
//!
//! Promises: of pay, cancel and expiry exactly one wins; money that pays for no booking is
//! refunded.
//! Never: I/O, a clock, random numbers. Never decides which seat a booking gets; the seat engine
//! does.
//!
//! # To add a use case
//! 1. `app/<use_case>.rs`: a struct with what the caller brings (time and new ids are arguments),
//!    its outcome, `impl Decision`, and a method of [`Bookings`] that calls `store.decide` and then
//!    `notify`. Declare it in `app/mod.rs`. No store changes.
//! 2. A check in `testing/contract.rs`, if it relies on facts that no other use case needs.
//! 3. Its route in the server.
//!
//! # To add a payment provider
//! 1. `adapters/src/payment/<provider>.rs`: `impl PaymentProvider`. Its methods are listed there
//!    and nowhere else.
//! 2. Run [`testing::provider_contract`] on it in its tests.
//! 3. Its addresses in `ProviderUrl`, beside it: the setting `payment_provider` names one.
//! 4. The pages' words for the codes of its methods.
//!
//! # To add a state
//! 1. `domain/booking.rs`: a variant of [`State`] with exactly its data, its name in [`Status`],
//!    the transition that leads to it. The compiler then asks for it in rows, shapes and messages.
//! 2. `adapters/migrations/booking`: a migration with its columns, and the state in the drawing. No
//!    word is listed in SQL. The columns are also in `UPDATE_BOOKINGS`
//!    (`adapters/src/sql/booking/rows.rs`), and the state is one of the changes that the contract
//!    suite stores and reads back (`each_field_that_may_change_is_stored`).
//! 3. The pages' words for its name.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

pub mod app;
pub mod decision;
pub mod domain;
pub mod ports;
pub mod testing;

pub use app::service::Bookings;
pub use domain::{
    booking::{Asked, Booking, CancelReason, Overdue, State, Status, WrongState},
    payment::{AttemptId, AttemptStatus, ChargeAnswer, PaymentAttempt, PaymentMethod, PaymentStatus, Refund},
    request::{BookingRequest, Mode},
};
