//! The use cases, one file each: what a seller does, and what a message changes.

pub mod change_price;
pub mod create_event;
pub mod edit_event;
pub mod follow_holds;
pub mod publish;
