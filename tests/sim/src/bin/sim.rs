//! Runs ranges of seeds from the command line, and sums them up.
//!
//! `sim run A..B [FILE]` runs seeds, with a file in chunks that a later call passes over;
//! `sim sum FILE…` adds up what files hold.
//!
//! Promises: the exit code says whether a promise was broken; each broken seed is printed with the
//! command that runs it again, and a single seed with everything that it broke.

use std::{ops::Range, path::PathBuf, process::ExitCode, thread};

use anyhow::{Context as _, bail};
use sim::runs;

/// Seeds of one chunk.
const CHUNK: u64 = 1_000;

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let sum = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["run", seeds] => {
            let seeds = range(seeds)?;
            if seeds.end - seeds.start == 1 {
                sim::run_seed(seeds.start).violations.iter().for_each(|what| println!("{what}"));
            }
            runs::run(seeds, threads)
        }
        ["run", seeds, file] => {
            let file = PathBuf::from(file);
            runs::run_to_file(range(seeds)?, CHUNK, threads, &file)?;
            runs::sum(&[file])?
        }
        ["sum", ref files @ ..] if !files.is_empty() => runs::sum(files)?,
        _ => bail!("sim run A..B [FILE], or sim sum FILE…"),
    };
    print!("{}", sum.lines());
    Ok(if sum.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn range(text: &str) -> anyhow::Result<Range<u64>> {
    let (from, to) = text.split_once("..").context("a range of seeds, like 0..1000")?;
    Ok(from.parse()?..to.parse()?)
}
