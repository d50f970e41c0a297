//! What a booking is and what may become of it. Knows nothing of use cases, ports or messages'
//! ways.

pub mod booking;
pub mod payment;
pub mod request;
