//! The use cases, one file each: the pure [`Decision`](crate::decision::Decision), and the steps
//! around it.

pub mod cancel;
pub mod create_booking;
pub mod event_on_sale;
pub mod expire;
pub mod forget_keys;
pub mod incoming;
mod messages;
pub mod pay;
pub mod poll_payments;
pub mod refund;
pub mod seat_answer;
pub mod service;
pub mod settle_payment;
#[cfg(test)]
mod tests;
pub mod watch_processing;
