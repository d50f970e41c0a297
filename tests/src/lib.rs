//! The black-box proof of the system: what stands at the far end of HTTP, to drive it and to watch
//! it.
//!
//! Nothing here shares code with the product, so that a mistake of the product cannot excuse
//! itself.

#![allow(clippy::unwrap_used, reason = "tests")]

pub mod api;
pub mod patience;
pub mod program;
pub mod rush;
pub mod sabotage;
pub mod shop;
pub mod sse;
