//! The accounts service: sellers and buyers, their passwords, and their sessions.
//!
//! `domain` holds the rules; `app` has one file per use case, on the service object [`Accounts`];
//! `ports` says what is needed of the world; `testing` has in-memory ports and the contract suites.
//!
//! Promises: an account that exists keeps all rules; an ended session stays ended; an address
//! without an account takes as long to refuse as a wrong password.
//! Never: I/O, a clock of its own, a random number. Never keeps or prints a password or a token.
//!
//! # To add a use case
//! 1. A file in `app` with its outcome type and one method of [`Accounts`]. Time comes from the
//!    service's clock; new ids and tokens are arguments.
//! 2. What it needs of the database: a method of [`ports::AccountStore`] that states its duty, in
//!    `testing::MemoryStore` and in `adapters/src/sql/accounts.rs`, and a check in
//!    `testing::contract`, which both must pass.
//! 3. A test in `app/tests.rs` on the in-memory ports, then the route in
//!    `server/src/http/users.rs`.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

pub mod app;
pub mod domain;
pub mod ports;
pub mod testing;

pub use app::{
    Accounts,
    register::{RegisterOutcome, Registration},
    sign_in::SignInOutcome,
};
pub use domain::{
    account::Account,
    email::{Email, InvalidEmail},
    password::{InvalidPassword, Password},
    session::{EndId, Session, SessionState},
    throttle::Wait,
    token::{InvalidToken, Token, TokenHash},
};
