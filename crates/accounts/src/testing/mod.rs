//! For tests: builders, in-memory ports, and the contract suites that every adapter must pass.
//!
//! Never: part of the program.

#![allow(clippy::unwrap_used, reason = "tests may stop at once")]

pub mod contract;
mod memory;

use std::sync::Arc;

use kernel::{Role, Timestamp, UserId, testing::HandClock};

pub use memory::{MemoryHasher, MemoryStore};

use crate::{Account, Accounts, Registration, Token};

/// A password that keeps the policy.
pub const PASSWORD: &str = "correct horse battery";

pub fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub fn user_id(n: u8) -> UserId {
    UserId::from_slice(&[n; 16]).unwrap()
}

pub fn token(n: u8) -> Token {
    Token::new([n; 32])
}

/// Account `n`, a seller's.
pub fn account(n: u8, email: &str) -> Account {
    Account {
        id: user_id(n),
        email: email.parse().unwrap(),
        name: "Robin".to_owned(),
        role: Role::Seller,
        created_at: at(7),
    }
}

/// What a buyer writes to register.
pub fn registration(email: &str) -> Registration {
    let (password, name) = (PASSWORD.to_owned(), "Robin".to_owned());
    Registration { email: email.to_owned(), password, name, role: Role::Buyer }
}

/// One process of the service on this store, and its clock.
pub async fn process(store: &Arc<MemoryStore>) -> (Arc<Accounts>, Arc<HandClock>) {
    let clock = Arc::<HandClock>::default();
    let store = Arc::<MemoryStore>::clone(store);
    let hasher = Arc::<MemoryHasher>::default();
    let accounts = Accounts::new(store, hasher, Arc::<HandClock>::clone(&clock)).await;
    (Arc::new(accounts.unwrap()), clock)
}
