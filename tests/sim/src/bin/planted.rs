//! What the simulation catches of the planted faults: each in a process of its own, from seed 0 on
//! until one breaks a promise.
//!
//! `planted` plants each fault of `tests/sabotage/simulation.txt`, and none; `planted first A..B`
//! runs seeds with what the variable chooses. Promises: fails when a fault of the list is not
//! caught, and when the code without a fault is. What hangs is one seed, however many there are: a
//! busy machine catches nothing. Never: runs without a bound.

use std::{
    ops::Range,
    path::Path,
    process::{Command, ExitCode, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

/// Chooses the fault of a process.
const VARIABLE: &str = "TICKETING_SABOTAGE";
/// Seeds that a fault of the list may need, and that pass without a fault.
const SEEDS: &str = "0..240";
/// A seed that takes so long hangs, which counts as caught.
const LONGEST_SEED: Duration = Duration::from_mins(1);
/// A process that takes so long shows nothing.
const PATIENCE: Duration = Duration::from_mins(30);
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
    let seeds = from.parse()?..to.parse()?;
    let (ended, outcomes) = mpsc::channel();
    let each = seeds.clone();
    thread::spawn(move || {
        // Nobody waits for seeds behind the first that breaks.
        each.map(|seed| sim::run_seed(seed).violations).try_for_each(|broken| ended.send(broken))
    });
    let Some(broken) = first_broken(seeds, |longest| outcomes.recv_timeout(longest)) else {
        return Ok(ExitCode::SUCCESS);
    };
    println!("{broken}");
    Ok(ExitCode::FAILURE)
}

/// The first seed that breaks a promise or hangs. `next` waits so long for what the next one broke.
fn first_broken(
    mut seeds: Range<u64>,
    mut next: impl FnMut(Duration) -> Result<Vec<String>, RecvTimeoutError>,
) -> Option<String> {
    seeds.find_map(|seed| {
        let broken = match next(LONGEST_SEED) {
            Ok(violations) => violations.into_iter().next()?,
            Err(RecvTimeoutError::Timeout) => "it hangs".to_owned(),
            Err(RecvTimeoutError::Disconnected) => "it panics".to_owned(),
        };
        Some(format!("seed {seed}: {broken}"))
    })
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
    judged(&mut seeds, PATIENCE)
}

/// Runs a process of [`first`].
fn judged(seeds: &mut Command, patience: Duration) -> anyhow::Result<Option<String>> {
    // What it panics about is among the violations.
    let mut seeds = seeds.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let began = Instant::now();
    while seeds.try_wait()?.is_none() {
        if began.elapsed() > patience {
            seeds.kill()?;
            seeds.wait()?;
            bail!("its seeds took longer than {patience:?}, which shows nothing");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_takes_too_long_is_not_a_catch() {
        let mut endless = Command::new("tail");
        let judged = judged(endless.args(["-f", "/dev/null"]), Duration::ZERO);
        assert!(judged.is_err(), "{judged:?}");
    }

    #[test]
    fn seeds_that_each_end_in_time_hang_never() {
        let each = LONGEST_SEED / 2;
        let slow = |longest| if each < longest { Ok(Vec::new()) } else { Err(RecvTimeoutError::Timeout) };
        assert_eq!(first_broken(0..120, slow), None);
    }

    #[test]
    fn the_first_seed_that_breaks_or_hangs_is_named() {
        let mut outcomes = [Ok(vec![]), Ok(vec!["I1".to_owned(), "I2".to_owned()])].into_iter();
        let end = |longest| {
            assert_eq!(longest, LONGEST_SEED);
            Err(RecvTimeoutError::Timeout)
        };
        let broken = first_broken(7..9, |longest| outcomes.next().unwrap_or_else(|| end(longest)));
        assert_eq!(broken.as_deref(), Some("seed 8: I1"));
        let mut outcomes = [Ok(vec![]), Err(RecvTimeoutError::Timeout)].into_iter();
        let broken = first_broken(7..9, |_| outcomes.next().unwrap_or(Ok(vec![])));
        assert_eq!(broken.as_deref(), Some("seed 8: it hangs"));
    }
}
