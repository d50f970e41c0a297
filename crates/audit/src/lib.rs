//! `ticketing audit`: reads log and stores itself and checks that the promises hold. Shares no rule
//! with the services, only the record schema, so that a mistake there cannot hide here.
//!
//! [`audit`] checks an [`evidence::Evidence`], wherever that comes from; [`gather()`] collects one
//! from a deployment (feature `stores`).
//!
//! Never: changes anything, or says clean of what it could not check.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

mod checks;
pub mod evidence;
#[cfg(feature = "stores")]
mod gather;
mod history;
mod invariants;
#[cfg(feature = "stores")]
pub mod places;
mod report;

pub use checks::audit;
#[cfg(feature = "stores")]
pub use gather::gather;
pub use report::Report;

#[cfg(test)]
mod tests;
