//! Who is asking: the signed-in user and what they may be.

use crate::{UserId, names};

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Buyer,
    Seller,
}

names!(Role { Buyer = "buyer", Seller = "seller" });

/// A signed-in user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Principal {
    pub user_id: UserId,
    pub role: Role,
}
