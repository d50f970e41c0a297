//! Deadlines in this process: the earliest one is kept, and the sweep is woken at it.
//!
//! Promises: wakes at the earliest noted deadline, or after the longest wait.
//! Never: forgets an earlier one for a later one.

use std::time::Duration;

use booking::ports::Deadlines;
use futures::future::BoxFuture;
use kernel::{BookingId, Clock, Timestamp};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

use super::Alarm;

/// The next deadline, as far as this process knows.
pub struct LocalDeadlines {
    next: watch::Sender<Option<Timestamp>>,
}

impl Default for LocalDeadlines {
    fn default() -> Self {
        Self { next: watch::Sender::new(None) }
    }
}

impl Deadlines for LocalDeadlines {
    fn remind(&self, at: Timestamp) {
        self.next.send_if_modified(|next| {
            let earlier = next.is_none_or(|known| at < known);
            if earlier {
                *next = Some(at);
            }
            earlier
        });
    }

    fn pending(&self, bookings: &[(BookingId, Timestamp)]) {
        if let Some(earliest) = bookings.iter().map(|(_, until)| *until).min() {
            self.remind(earliest);
        }
    }

    /// Waking for nothing costs less than knowing every booking.
    fn closed(&self, _: &[BookingId]) {}
}

impl Alarm for LocalDeadlines {
    fn due<'a>(&'a self, clock: &'a dyn Clock, longest: Duration) -> BoxFuture<'a, ()> {
        Box::pin(self.wait(clock, longest))
    }
}

impl LocalDeadlines {
    async fn wait(&self, clock: &dyn Clock, longest: Duration) {
        let mut heard = self.next.subscribe();
        let end = Instant::now() + longest;
        loop {
            let next = *heard.borrow_and_update();
            let wait = next.map_or(longest, |at| at.since(clock.now()));
            if next.is_some() && wait.is_zero() {
                self.next.send_if_modified(|known| {
                    if *known == next {
                        *known = None;
                    }
                    false
                });
                return;
            }
            tokio::select! {
                () = sleep_until(end) => return,
                () = sleep(wait) => {}
                _ = heard.changed() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use booking::testing::at;
    use kernel::testing::HandClock;

    use super::*;
    use crate::deadlines::contract;

    fn clock_at(millis: i64) -> HandClock {
        let clock = HandClock::default();
        clock.set(at(millis));
        clock
    }

    #[tokio::test(start_paused = true)]
    async fn it_keeps_the_contract() {
        contract::wakes_for_the_earliest_and_never_before(&LocalDeadlines::default()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn it_wakes_at_the_earliest_deadline_or_after_the_longest_wait() {
        let (deadlines, clock) = (LocalDeadlines::default(), clock_at(0));
        let longest = Duration::from_secs(5);
        let begun = Instant::now();
        deadlines.due(&clock, longest).await;
        assert_eq!(begun.elapsed(), longest);

        deadlines.remind(at(900));
        deadlines.remind(at(300));
        deadlines.remind(at(600));
        clock.set(at(300));
        let begun = Instant::now();
        deadlines.due(&clock, longest).await;
        assert_eq!(begun.elapsed(), Duration::ZERO, "the earliest has come");
    }
}
