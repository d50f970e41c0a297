//! The use cases, one file each, on the service object [`Events`].

pub mod browse_events;
pub mod change_price;
pub mod create_event;
pub mod edit_event;
pub mod follow_holds;
pub mod publish;
pub mod see_sales;
mod service;
#[cfg(test)]
mod tests;

pub use service::Events;
