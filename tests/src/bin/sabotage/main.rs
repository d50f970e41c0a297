//! Mutation testing: plants each fault of `tests/sabotage/catalogue.txt` in turn, and writes to
//! `tests/sabotage/RESULTS.md` which ring of tests catches it, and whether an operator sees it.
//!
//! Promises: the build with faults passes every ring, and an operator's run, when none is chosen;
//! this is checked first. What hangs is caught. Rows that are in the table stay, unless `--again`.
//! Fails when a fault of the run is not caught. Never: builds into `bin/` or `dist/`.
//!
//! `sabotage [--only PART]… [--again] [--jobs N] [--rings NAME,…] [--tests PART,…]
//! [--column caught|seen]` takes the faults whose names hold a part. With `--tests`, units and
//! contracts run only the tests whose names hold one.

mod operator;
mod programs;
mod rings;
mod table;

use std::{
    process::ExitCode,
    sync::{Mutex, PoisonError},
    thread,
};

use anyhow::{Context as _, bail, ensure};
use tests::sabotage::{Fault, catalogue};

use crate::{
    programs::Programs,
    rings::{RINGS, Ring},
    table::Table,
};

/// What was asked for.
struct Asked {
    only: Vec<String>,
    again: bool,
    jobs: usize,
    rings: Vec<Ring>,
    /// Parts of the names of tests; none: all tests.
    tests: Vec<String>,
    caught: bool,
    seen: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let asked = asked()?;
    let named =
        |fault: &Fault| asked.only.is_empty() || asked.only.iter().any(|part| fault.name.contains(part));
    let faults: Vec<Fault> = catalogue().into_iter().filter(named).collect();
    ensure!(!faults.is_empty(), "no fault of the catalogue has such a name");
    let programs = Programs::build(if asked.caught { &asked.rings } else { &[] }, asked.seen)?;
    let table = Table::open()?;
    if let Some(by) = none_is_caught(&asked, &programs)? {
        bail!("without a fault this fails: {by}");
    }
    let waiting = Mutex::new(faults.iter());
    let worker = || -> anyhow::Result<()> {
        while let Some(fault) = { waiting.lock().unwrap_or_else(PoisonError::into_inner).next() } {
            plant(&asked, &programs, &table, fault)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..asked.jobs).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(outcome) => outcome,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    let uncaught: Vec<_> =
        faults.iter().filter(|fault| asked.caught && !table.is_caught(&fault.name)).collect();
    for fault in &uncaught {
        println!("not caught: {}", fault.name);
    }
    Ok(if uncaught.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn asked() -> anyhow::Result<Asked> {
    let mut asked = Asked {
        only: Vec::new(),
        again: false,
        jobs: 2,
        rings: RINGS.to_vec(),
        tests: Vec::new(),
        caught: true,
        seen: true,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--only" => asked.only.push(value()?),
            "--again" => asked.again = true,
            "--jobs" => asked.jobs = value()?.parse()?,
            "--rings" => {
                let names = value()?;
                asked.rings.retain(|ring| names.split(',').any(|name| name == ring.name));
            }
            "--tests" => asked.tests = value()?.split(',').map(str::to_owned).collect(),
            "--column" => {
                let column = value()?;
                ensure!(column == "caught" || column == "seen", "the columns are caught and seen");
                (asked.caught, asked.seen) = (column == "caught", column == "seen");
            }
            _ => bail!("unknown argument {argument}"),
        }
    }
    ensure!(!asked.rings.is_empty(), "no ring has such a name");
    Ok(asked)
}

/// What fails although nothing is planted.
fn none_is_caught(asked: &Asked, programs: &Programs) -> anyhow::Result<Option<String>> {
    for ring in asked.rings.iter().filter(|_| asked.caught) {
        if let Some(by) = ring.catches(programs, None, &asked.tests)? {
            return Ok(Some(format!("{}: {by}", ring.name)));
        }
        println!("no fault: {} pass", ring.name);
    }
    if asked.seen
        && let Some(seen) = operator::sees(&programs.ticketing, None)?
    {
        return Ok(Some(format!("the operator's run: {seen}")));
    }
    Ok(None)
}

/// Plants one fault and writes down what came of it.
fn plant(asked: &Asked, programs: &Programs, table: &Table, fault: &Fault) -> anyhow::Result<()> {
    let of_cluster = rings::only_of_a_cluster(&fault.name);
    if asked.caught && (asked.again || !table.is_caught(&fault.name)) {
        let mut caught = None;
        for ring in asked.rings.iter().filter(|ring| of_cluster || !ring.only_for_a_cluster) {
            caught = ring.catches(programs, Some(&fault.name), &asked.tests)?.map(|by| (ring.name, by));
            if caught.is_some() {
                break;
            }
        }
        println!("{}: caught by {caught:?}", fault.name);
        // What some rings leave, others may catch.
        if caught.is_some() || asked.rings.len() == RINGS.len() && asked.tests.is_empty() {
            table.caught(&fault.name, caught)?;
        }
    }
    if asked.seen && !of_cluster && (asked.again || !table.is_seen(&fault.name)) {
        let seen = operator::sees(&programs.ticketing, Some(&fault.name))?;
        println!("{}: seen: {seen:?}", fault.name);
        table.seen(&fault.name, seen)?;
    }
    Ok(())
}
