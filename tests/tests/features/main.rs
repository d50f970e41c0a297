//! Runs every feature over HTTP against a real system and ends with one line `N passed, N failed`.
//!
//! By default it starts the program itself, on an empty data folder. With `TICKETING_URL` it starts
//! nothing and drives the system found there; scenarios that need a short time to pay then run
//! against `TICKETING_SHORT_URL`, or are left out and counted. An undefined or skipped step fails
//! the run.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::needless_pass_by_value, reason = "steps take what the step macro hands over")]

mod house;
mod steps;
mod world;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cucumber::writer::{self, Stats as _};
use cucumber::{World as _, WriterExt as _};

use crate::world::Shop;

/// Scenarios that run at once. Each waits for the system most of its time.
const AT_ONCE: usize = 16;

#[tokio::main]
async fn main() -> ExitCode {
    let left_out = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&left_out);
    let features = concat!(env!("CARGO_MANIFEST_DIR"), "/features");

    let report = Shop::cucumber()
        .max_concurrent_scenarios(AT_ONCE)
        .with_writer(writer::Basic::stdout().summarized().fail_on_skipped())
        .filter_run(features, move |feature, _, scenario| {
            let runs = house::offers(feature.tags.iter().chain(&scenario.tags));
            counter.fetch_add(usize::from(!runs), Ordering::Relaxed);
            runs
        })
        .await;

    let closed = house::close().await;
    if let Err(complaint) = &closed {
        println!("after the last scenario: {complaint}");
    }
    let left_out = left_out.load(Ordering::Relaxed);
    if left_out > 0 {
        println!(
            "{left_out} scenarios left out: no TICKETING_SHORT_URL names a system with a short time to pay"
        );
    }
    let scenarios = report.inner_writer().scenarios_stats();
    let failed = scenarios.failed
        + scenarios.skipped
        + report.parsing_errors()
        + report.hook_errors()
        + usize::from(closed.is_err());
    println!("{} passed, {failed} failed", scenarios.passed);
    if failed > 0 || scenarios.passed == 0 || report.execution_has_failed() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
