//! Waiting for a condition, with a deadline. Never waits for a time to pass, and never longer than
//! the deadline.

use std::future::Future;
use std::time::{Duration, Instant};

/// How long anything that must happen may take. Generous: a busy two-core machine runs many
/// scenarios at once, and a wait ends as soon as its condition holds.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Looks again and again until `look` answers `Ok`, and panics with the last thing seen when
/// [`DEADLINE`] has passed.
pub async fn eventually<T, F, Looking>(what: &str, look: F) -> T
where
    F: FnMut() -> Looking,
    Looking: Future<Output = Result<T, String>>,
{
    within(DEADLINE, what, look).await
}

/// As [`eventually`], with a deadline of its own.
pub async fn within<T, F, Looking>(deadline: Duration, what: &str, mut look: F) -> T
where
    F: FnMut() -> Looking,
    Looking: Future<Output = Result<T, String>>,
{
    let started = Instant::now();
    loop {
        let seen = match look().await {
            Ok(found) => return found,
            Err(seen) => seen,
        };
        assert!(started.elapsed() < deadline, "waited {deadline:?} for {what}; last seen: {seen}");
        tokio::time::sleep(PAUSE).await;
    }
}
