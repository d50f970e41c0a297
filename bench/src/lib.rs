//! Benchmarks of the parts whose speed the product promises. Results and how they were had:
//! `RESULTS.md`.
//!
//! Promises: the same seed gives the same work; what is timed is only the work that is named.
//! Never: a store, a network, a service that is not the one under test.

pub mod measure;
pub mod rng;
pub mod scene;
