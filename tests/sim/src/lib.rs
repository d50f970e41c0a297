//! The whole protocol under one seed: the shipped loops, use cases and decisions on ports in
//! memory, in virtual time.
//!
//! A seed decides everything: the deployment (one process, or several with two owners of seats),
//! the house, what buyers, sellers and the provider do, the order in which tasks meet, and every
//! fault. [`run_seed`] runs one and answers what was broken and what was met.
//!
//! Promises: the same seed gives the same run, step by step; [`Outcome::trace`] is its hash. A port
//! in memory passes the contract suite of that port. The fault phase is followed by a heal phase,
//! after which everything must come to rest and agree.
//! Never: a real clock, a thread within a seed, or code of the product that is compiled another
//! way.
//!
//! To add a fault: give it a rate in `profile.rs`, an event in `world/step.rs` and a count in
//! [`coverage`]. To add an actor: a file beside `buyers.rs`, started in `whole`. To add a
//! check: `oracle.rs` for what always holds, `oracle/rest.rs` for what holds at rest.

mod accounts;
mod answers;
mod buyers;
mod client;
pub mod coverage;
mod doubles;
mod oracle;
mod process;
mod profile;
mod provider;
mod queue;
mod relay;
mod rng;
pub mod runs;
mod sellers;
mod sql;
mod store;
mod tickets;
mod town;
mod visitors;
mod world;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use coverage::Coverage;
use kernel::limits;

use crate::{
    process::Role,
    town::Town,
    world::{World, millis},
};

/// Half of a seed's work is small pieces of memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What one seed came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub seed: u64,
    /// The hash of every step.
    pub trace: u64,
    pub bookings: u64,
    pub contended: u64,
    pub violations: Vec<String>,
    pub coverage: Coverage,
}

/// Runs a seed to its end.
pub fn run_seed(seed: u64) -> Outcome {
    let world = World::new(seed);
    let town = Town::new(world.clone());
    let ended = catch_unwind(AssertUnwindSafe(|| {
        world::run(&world, whole(Arc::clone(&town)), || drop(oracle::always(&town)))
    }));
    match &ended {
        Ok(true) => {}
        Ok(false) => world.violated("I5 nothing can happen any more, and it is not over".to_owned()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("something");
            world.violated(format!("I18 an assertion broke: {text}"));
        }
    }
    let seen = oracle::finder(&town);
    world.cover_by("requests that were repeated", seen.repeated);
    world.cover_by("releases and finalizes of a hold that is over", seen.stale);
    world.cover_by("prices that came again or behind later ones", seen.outdated);
    world.cover_by("last seats of a section", seen.filled);
    world.cover_by("grants of fewer seats than asked for", seen.short);
    // A store whose assertion broke cannot be read any more.
    if matches!(ended, Ok(true)) {
        oracle::count_orphans(&town);
    }
    let counts = town.log.counts();
    world.cover_by("commits of an owner that was replaced", counts.fenced);
    world.cover_by("takeovers that ended a commit on its way", counts.ended);
    world.cover_by("takeovers that found a commit on its way stored", counts.found_stored);
    world.cover_by("writes that died with their process", counts.lost);
    world.cover_by("writes that outlived their process", counts.outlived);
    let (trace, coverage) = world.end();
    Outcome {
        seed,
        trace,
        bookings: seen.decided,
        contended: seen.contended.len() as u64,
        violations: world.violations(),
        coverage,
    }
}

/// The two phases, and what must hold after each.
async fn whole(town: Arc<Town>) {
    let world = town.world.clone();
    if world.profile().cluster {
        world.spawn(0, process::supervise(Arc::clone(&town), Role::Booking));
        world.spawn(0, process::supervise(Arc::clone(&town), Role::Ticketing));
        world.spawn(0, process::supervise_seats(Arc::clone(&town)));
    } else {
        world.spawn(0, process::supervise(Arc::clone(&town), Role::Embedded));
    }
    // Processes start.
    world.sleep(100).await;
    sellers::open(&town).await;
    world.sleep(1_000).await;
    world.switch_faults(!world.profile().calm());
    world.spawn(0, sellers::change_prices(Arc::clone(&town)));
    world.spawn(0, doubles::haunt(Arc::clone(&town)));
    (0..visitors::COUNT).for_each(|n| world.spawn(0, visitors::visit(Arc::clone(&town), n)));
    buyers::rush(&town).await;
    world.switch_faults(false);
    world.thaw_all();
    rest(&town).await;
    if world.profile().night {
        process::night(&town).await;
        visitors::next_day(&town).await;
        buyers::next_day(&town).await;
        rest(&town).await;
    }
}

/// Nothing fails any more: within the bound everything has come to its end, and agrees.
async fn rest(town: &Arc<Town>) {
    let world = &town.world;
    let bound = millis(town.payment_window + limits::PAYMENT_UNKNOWN_GRACE) + 180_000;
    let until = world.now() + i64::try_from(bound).unwrap_or(0);
    while !oracle::settled(town) {
        if world.now() > until {
            world.violated("I5 it does not come to rest".to_owned());
            return;
        }
        world.sleep(1_000).await;
    }
    // Viewers are notified after the last commit. A delay that was drawn before the faults ended
    // lasts up to `DELAY_MS`.
    world.sleep(2_000).await;
    world.cover("runs that came to rest");
    let report = oracle::always(town);
    oracle::at_rest(town, &report);
}
