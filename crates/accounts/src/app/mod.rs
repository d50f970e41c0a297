//! The use cases, one file each, on the service object [`Accounts`].

pub mod find_principal;
pub mod follow_ends;
pub mod forget_ended;
pub mod register;
mod service;
pub mod sign_in;
pub mod sign_out;
#[cfg(test)]
mod tests;

pub use service::Accounts;
