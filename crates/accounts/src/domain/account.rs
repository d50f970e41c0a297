//! An account: a seller or a buyer, without the password.
//!
//! Promises: its address and name keep the rules of registration. Never: a password or its hash.

use kernel::{Role, Timestamp, UserId};

use super::email::Email;

/// An account without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: UserId,
    pub email: Email,
    pub name: String,
    pub role: Role,
    pub created_at: Timestamp,
}
