//! What the simulation catches of the planted faults: each in a process of its own, from seed 0 on
//! until one breaks a promise.
//!
//! `planted` plants each fault of `tests/sabotage/simulation.txt`, and none; `planted first A..B`
//! runs seeds with what the variable chooses. Promises: fails when a fault of the list is not
//! caught, and when the code without a fault is. Never: runs without a bound.

use std::{
    path::Path,
    process::{Command, ExitCode, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

/// Chooses the fault of a process.
const VARIABLE: &str = "TICKETING_SABOTAGE";
/// Seeds that a fault of the list may need, and that pass without a fault.
const SEEDS: &str = "0..120";
/// A run that takes so long hangs, which counts as caught.
const PATIENCE: Duration = Duration::from_mins(1);
/// Without a fault all seeds run, which takes its time on a busy machine.
const PATIENCE_WITHOUT: Duration = Duration::from_mins(10);
const LOOK_AGAIN: Duration = Duration::from_millis(5);

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => all(),
        ["first", seeds] => first(seeds),
        _ => bail!("planted, or planted first A..B"),
    }
}

/// Prints the first seed that breaks a promise, and what it breaks.
fn first(seeds: &str) -> anyhow::Result<ExitCode> {
    let (from, to) = seeds.split_once("..").context("a range of seeds, like 0..100")?;
    for seed in from.parse::<u64>()?..to.parse()? {
        if let Some(broken) = sim::run_seed(seed).violations.first() {
            println!("seed {seed}: {broken}");
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn all() -> anyhow::Result<ExitCode> {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sabotage/simulation.txt");
    let list = std::fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let faults = list.lines().filter(|line| !line.starts_with('#')).map(Some);
    let waiting = Mutex::new(std::iter::once(None).chain(faults));
    let failed = AtomicBool::new(false);
    let work = || {
        while let Some(fault) = { waiting.lock().unwrap_or_else(PoisonError::into_inner).next() } {
            let caught = caught(fault);
            let expected = caught.as_ref().is_ok_and(|caught| caught.is_some() == fault.is_some());
            println!("{}: {}", fault.unwrap_or("no fault"), shown(&caught));
            failed.fetch_or(!expected, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    Ok(if failed.into_inner() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn shown(caught: &anyhow::Result<Option<String>>) -> String {
    match caught {
        Ok(Some(by)) => by.trim().chars().take(160).collect(),
        Ok(None) => format!("not caught by seeds {SEEDS}"),
        Err(error) => format!("{error:#}"),
    }
}

/// What caught the fault; none when every seed passes.
fn caught(fault: Option<&str>) -> anyhow::Result<Option<String>> {
    let mut seeds = Command::new(std::env::current_exe()?);
    seeds.args(["first", SEEDS]).env_remove(VARIABLE).envs(fault.map(|fault| (VARIABLE, fault)));
    // What it panics about is among the violations.
    let mut seeds = seeds.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let began = Instant::now();
    let patience = if fault.is_some() { PATIENCE } else { PATIENCE_WITHOUT };
    while seeds.try_wait()?.is_none() {
        if began.elapsed() > patience {
            seeds.kill()?;
            seeds.wait()?;
            return Ok(Some("it hangs".to_owned()));
        }
        thread::sleep(LOOK_AGAIN);
    }
    let ended = seeds.wait_with_output()?;
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    match ended.status.code() {
        Some(0) => Ok(None),
        // The fault has a name that is in no catalogue.
        Some(70) => bail!("it is in no catalogue"),
        _ if said.is_empty() => Ok(Some(format!("it ends with {}", ended.status))),
        _ => Ok(Some(said)),
    }
}
