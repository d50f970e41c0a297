//! `ticketing audit`: reads log and stores itself and checks that the promises hold. Shares no rule with the services, only
//! the record schema, so that a mistake there cannot hide here.
//!
//! Never: changes anything, or says clean of what it could not check.

mod checks;
pub mod evidence;
mod gather;
mod history;
pub mod places;
mod report;

pub use checks::audit;
pub use gather::gather;
pub use report::Report;

#[cfg(test)]
mod tests;
