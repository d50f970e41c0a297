//! `ticketing`: the one program. Reads the command line, starts what was asked for, and ends with
//! the exit code of the outcome.
//!
//! Exit codes: 0 done, 1 fault, 2 usage, 3 data folder in use by another process, 4 port in use, 5
//! data folder corrupted.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may stop at once"))]

mod cli;
mod doctor;

use std::process::ExitCode;

/// Gives memory back after a rush and costs less per request than the system's; see `docs/adr/007`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
