//! What an event, its plan, a hold, a ticket and a sale are. Pure values; nothing here waits.

pub mod event;
pub mod holds;
pub mod plan;
pub mod sales;
pub mod ticket;
