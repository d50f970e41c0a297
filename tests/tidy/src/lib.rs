//! The walls of the workspace: `tests/tidy` tests them.
//!
//! Promises: compiles in seconds. Never: depends on a crate of ours.
