//! Reminders of deadlines behind booking's port. Never the truth about a deadline, which is in booking's store.

pub mod local;
