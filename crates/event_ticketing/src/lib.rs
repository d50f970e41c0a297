//! The event_ticketing service: events, seating plans, prices, tickets and sales figures.
//!
//! `domain` holds the rules; `app` has one file per use case, on the service object [`Events`];
//! `decision` is how a use case changes an event; `ports` says what is needed of the world;
//! `testing` has in-memory ports and the contract suite.
//!
//! Promises: a plan that exists keeps all limits; only its seller changes an event or sees its
//! figures; for one hold a ticket's status only goes forward, in whatever order its messages come;
//! sales figures follow from the same changes as the tickets.
//! Never: I/O, a clock of its own, a random number.
//!
//! # To add a use case
//! 1. One that changes an event: a file in `app` with a [`Decision`] and a method of [`Events`]
//!    that hands it to the store. Ports and adapters stay as they are, as long as an [`Event`] can
//!    hold what it decides; a new field also goes into the migration and, in
//!    `adapters/src/sql/event_ticketing/rows.rs`, into the row and into `UPDATE_EVENT`.
//! 2. One that reads: a method of [`ports::EventStore`] that states its duty, in `testing::memory`
//!    and in `adapters/src/sql/event_ticketing/reads.rs`, and a check in `testing::contract`.
//! 3. A test in `app/tests.rs` on the in-memory ports, then the route in `server/src/http`.
//!
//! # To add a state of an event or of a ticket
//! Its word in [`EventStatus`] or [`TicketStatus`], where it may come from in `domain`, and the
//! drawing in the migration's comment. Rows with a word that is not listed there are refused.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

pub mod app;
pub mod decision;
pub mod domain;
pub mod ports;
pub mod testing;

pub use app::{Events, follow_holds::TicketProjection};
pub use decision::{Changes, Decision, Refusal, WorkingSet};
pub use domain::{
    event::{Details, Event, EventStatus},
    ticket::{HoldStatus, TicketStatus},
};
