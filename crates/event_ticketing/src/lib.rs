//! The event_ticketing service: events, seating plans, prices, tickets and sales figures.
//!
//! Promises: a plan that exists keeps all limits; for one hold a ticket's status only goes forward, and the result is the same in
//! whatever order its messages come; sales figures follow from the same changes as the tickets.
//! Never: I/O, a clock, chance. It decides; `adapters` and `server` do.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

pub mod app;
pub mod domain;

pub use domain::{
    event::{Details, Event, EventStatus},
    ticket::{HoldStatus, TicketStatus},
};
