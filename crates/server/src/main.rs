//! `ticketing`: the one program. Reads the command line, starts what was asked for, and ends with the exit code of the outcome.
//!
//! Exit codes: 0 done, 1 fault, 2 usage, 3 data folder in use by another process, 4 port in use, 5 data folder corrupted.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::main()
}
