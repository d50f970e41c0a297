//! Events, plans, holds, tickets and sales. Pure values; nothing here waits.

pub mod event;
pub mod holds;
pub mod plan;
pub mod sales;
pub mod ticket;
pub mod zone;
