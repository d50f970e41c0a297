//! What booking does by itself: end what nobody pays, ask about payments, take the provider's reports, forget old keys.
//!
//! Promises: a fault is told and tried again; each loop runs until it is dropped. Never: decides; booking's use cases do.

use std::{sync::Arc, time::Duration};

use adapters::{deadlines::local::LocalDeadlines, payment::sandbox::Reported};
use kernel::{Clock, Fault};
use tokio::{
    sync::mpsc,
    time::{Interval, MissedTickBehavior, interval},
};

use crate::http::{bookings::BookingService, problem::chain};

/// Between two sweeps for bookings whose time is over, when no deadline wakes it earlier.
const SWEEP: Duration = Duration::from_secs(1);
/// Between two looks for payments to ask about.
const POLL: Duration = Duration::from_millis(200);
const FORGET_KEYS: Duration = Duration::from_mins(10);

/// Ends bookings whose time is over, punctually.
pub(super) async fn expire(bookings: BookingService, deadlines: Arc<LocalDeadlines>, clock: Arc<dyn Clock>) {
    let since = clock.now();
    loop {
        report("end bookings whose time is over", sweep(&bookings, since).await);
        deadlines.due(&*clock, SWEEP).await;
    }
}

async fn sweep(bookings: &BookingService, since: kernel::Timestamp) -> Result<(), Fault> {
    while bookings.expire().await? > 0 {}
    while bookings.cancel_stuck(since).await? > 0 {}
    bookings.remind_of_next_deadline().await
}

/// Asks the provider about payments that are not decided, and returns money that came too late.
pub(super) async fn poll_payments(bookings: BookingService) {
    let mut tick = ticks(POLL);
    loop {
        tick.tick().await;
        report("ask about payments", bookings.poll_payments().await.map(drop));
    }
}

pub(super) async fn forget_keys(bookings: BookingService) {
    let mut tick = ticks(FORGET_KEYS);
    loop {
        tick.tick().await;
        report("forget old keys", bookings.forget_old_keys().await);
    }
}

fn ticks(pause: Duration) -> Interval {
    let mut tick = interval(pause);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tick
}

/// Takes what the provider reports by itself. A report that is lost to a fault is found by asking.
pub(super) async fn take_reports(bookings: BookingService, mut reports: mpsc::Receiver<Reported>) {
    while let Some((attempt, answer)) = reports.recv().await {
        report("take a report of the payment provider", bookings.payment_reported(attempt, answer).await);
    }
    // The provider is gone, so the server is about to end.
    std::future::pending::<()>().await;
}

fn report(doing: &'static str, outcome: Result<(), Fault>) {
    if let Err(fault) = outcome {
        tracing::warn!(cause = chain(&fault), "could not {doing}; trying again");
    }
}
