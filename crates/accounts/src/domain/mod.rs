//! Accounts, passwords and sessions. Pure values; nothing here waits.

pub mod account;
pub mod email;
pub mod known_sessions;
pub mod password;
pub mod session;
pub mod throttle;
pub mod token;
