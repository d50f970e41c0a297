//! The log behind `stream`'s ports: durable, ordered records and the seat state that follows from them.
//!
//! One folder or file per technology; `contract` holds what every one of them must keep.

#[cfg(test)]
mod contract;
pub mod local;
