//! The system's clock, without its jumps.
//!
//! Promises: it follows the wall clock while that agrees with the monotonic clock (time since the
//! machine started, sleep included) to within [`limits::CLOCK_JUMP_MS`]. When the wall clock jumps
//! further, it falls back to the monotonic clock and logs an error: no hold ends early and none
//! becomes immortal because a clock was set. A start takes the wall clock as it is. Never: follows
//! a jump by itself.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use kernel::{Clock, Timestamp, limits};
use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::telemetry::CLOCK_JUMPED;

/// The clock of this process.
#[derive(Debug)]
pub struct SteadyClock {
    /// Wall clock less time since the machine started, in milliseconds, when last they agreed.
    offset_ms: AtomicI64,
    jumped: AtomicBool,
}

impl Default for SteadyClock {
    fn default() -> Self {
        metrics::gauge!(CLOCK_JUMPED).set(0.0);
        Self {
            offset_ms: AtomicI64::new(millis(ClockId::Realtime) - millis(ClockId::Boottime)),
            jumped: AtomicBool::new(false),
        }
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.read(millis(ClockId::Realtime), millis(ClockId::Boottime)))
    }
}

impl SteadyClock {
    fn read(&self, wall_ms: i64, passed_ms: i64) -> i64 {
        let steady_ms = passed_ms + self.offset_ms.load(Ordering::Relaxed);
        let jumped =
            (wall_ms - steady_ms).abs() > limits::CLOCK_JUMP_MS && !kernel::planted("clock.follows-jumps");
        if self.jumped.swap(jumped, Ordering::Relaxed) != jumped {
            notify(jumped, wall_ms - steady_ms);
        }
        if jumped {
            return steady_ms;
        }
        self.offset_ms.store(wall_ms - passed_ms, Ordering::Relaxed);
        wall_ms
    }
}

fn notify(jumped: bool, off_ms: i64) {
    metrics::gauge!(CLOCK_JUMPED).set(if jumped { 1.0 } else { 0.0 });
    if jumped {
        tracing::error!(
            off_ms,
            "wall clock jumped; falling back to the monotonic clock. Correct the clock, or restart to accept it"
        );
    } else {
        tracing::info!("wall clock agrees with the monotonic clock again");
    }
}

fn millis(clock: ClockId) -> i64 {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(clock);
    tv_sec * 1_000 + tv_nsec / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corrections_are_followed_and_jumps_are_not() {
        let clock = SteadyClock { offset_ms: AtomicI64::new(1_000_000), jumped: AtomicBool::new(false) };
        let hour = 3_600_000;
        for (wall, passed, expected) in [
            (1_000_100, 100, 1_000_100),
            // A time server's correction, forth and back.
            (1_020_200, 200, 1_020_200),
            (1_000_300, 300, 1_000_300),
            // Somebody sets the clock an hour ahead; an hour later it is still so.
            (1_000_400 + hour, 400, 1_000_400),
            (1_000_400 + 2 * hour, 400 + hour, 1_000_400 + hour),
            // And right again.
            (1_000_500 + hour, 500 + hour, 1_000_500 + hour),
            // An hour back.
            (1_000_600, 600 + hour, 1_000_600 + hour),
        ] {
            assert_eq!(clock.read(wall, passed), expected, "at {passed}");
        }
        assert!(clock.jumped.load(Ordering::Relaxed));
    }

    #[test]
    fn it_tells_the_wall_clocks_time() {
        let clock = SteadyClock::default();
        let wall = jiff::Timestamp::now().as_millisecond();
        assert!((clock.now().as_millis() - wall).abs() < 1_000);
    }
}
