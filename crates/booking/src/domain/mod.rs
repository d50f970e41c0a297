//! A booking: its states and transitions. Knows nothing of use cases, ports or messages.

pub mod booking;
pub mod payment;
pub mod request;
