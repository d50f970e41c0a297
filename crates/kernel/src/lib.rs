//! The words that all services share: ids, seats, money, time, who is asking, limits, topics and
//! the messages between services.
//!
//! Promises: every value that exists is valid (private fields, one constructor that says what is
//! wrong).
//! Never: I/O, a clock, random numbers, a business rule of one service.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

pub mod fault;
pub mod id;
pub mod limits;
pub mod message;
pub mod money;
pub mod names;
pub mod plan;
pub mod principal;
pub mod revision;
pub mod sabotage;
pub mod seat;
pub mod testing;
pub mod time;
pub mod topic;
pub mod violation;

pub use fault::Fault;
pub use id::{BookingId, EventId, TicketId, UserId};
pub use money::{Currency, Money};
pub use principal::{Principal, Role};
pub use revision::Revision;
pub use sabotage::planted;
pub use seat::{SeatNo, SeatPlace, SectionName};
pub use time::{Clock, Timestamp};
pub use violation::{Pointer, Violation};
