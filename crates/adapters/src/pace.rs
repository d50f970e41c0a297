//! Paces the commits of one writer, so that under load more work shares each of them (group
//! commit).
//!
//! Promises: work that comes alone waits for nothing; a writer spends at most half of its time on
//! commits, unless they are long or there is more to do than one commit holds. Never: delays a
//! commit longer than [`LONGEST`].

use std::time::Duration;

use tokio::time::Instant;

/// From the beginning of one commit to that of the next, at least so many times as long as the
/// commit took. What a commit costs hardly depends on how much it holds: where the machine is busy,
/// commits take longer, become larger, and leave it to others.
const SPACING: u32 = 2;
/// However long commits take: a buyer waits for several of them, one after another.
const LONGEST: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(crate) struct Pace {
    shortest: Duration,
    began: Instant,
    next: Instant,
}

impl Pace {
    /// Commits begin at least so far from each other.
    pub(crate) fn new(shortest: Duration) -> Self {
        let now = Instant::now();
        Self { shortest, began: now, next: now }
    }

    /// When the next commit may begin.
    pub(crate) fn next(&self) -> Instant {
        self.next
    }

    pub(crate) fn begins(&mut self) {
        self.began = Instant::now();
        self.next = self.began + self.shortest;
    }

    /// `full`: it may have left work that waits, so the next one shall not wait.
    pub(crate) fn ended(&mut self, full: bool) {
        let space = if full {
            Duration::ZERO
        } else {
            (self.began.elapsed() * SPACING).clamp(self.shortest, LONGEST)
        };
        self.next = self.began + space;
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const SHORTEST: Duration = Duration::from_millis(10);

    async fn commit(pace: &mut Pace, took: Duration, full: bool) -> Duration {
        let began = Instant::now();
        pace.begins();
        advance(took).await;
        pace.ended(full);
        pace.next() - began
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_waits_for_nothing() {
        assert_eq!(Pace::new(SHORTEST).next(), Instant::now());
    }

    #[tokio::test(start_paused = true)]
    async fn the_longer_a_commit_takes_the_later_is_the_next() {
        let mut pace = Pace::new(SHORTEST);
        let millis = Duration::from_millis;
        assert_eq!(commit(&mut pace, millis(1), false).await, SHORTEST);
        assert_eq!(commit(&mut pace, millis(20), false).await, millis(40));
        assert_eq!(commit(&mut pace, millis(500), false).await, LONGEST);
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_one_does_not_delay_the_next() {
        let mut pace = Pace::new(SHORTEST);
        assert_eq!(commit(&mut pace, Duration::from_millis(20), true).await, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_was_broken_off_counts_as_a_short_one() {
        let mut pace = Pace::new(SHORTEST);
        pace.begins();
        assert_eq!(pace.next() - Instant::now(), SHORTEST);
    }
}
