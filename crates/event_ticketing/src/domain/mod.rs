//! What an event, its plan, a ticket and a sale are.

pub mod event;
pub mod plan;
pub mod sales;
pub mod ticket;
