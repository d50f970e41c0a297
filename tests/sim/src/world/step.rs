//! What happens at a step of a port: the seed decides whether the process continues, dies, freezes,
//! waits, or gets a fault.
//!
//! Promises: every step gives way, so that tasks meet in every order; faults come only in the fault
//! phase, and never to the world outside.

use super::{Core, Director, Fault, Future, Life, Pin, ProcessId, World, poll_fn};
use std::task::Poll;

/// What the seed decided.
enum Event {
    Nothing,
    GiveWay,
    Crash,
    Freeze,
    Fault,
    Delay(u64),
}

/// The longest that a process stands still; most are longer than a session.
const FREEZE_MS: [u64; 4] = [500, 8_000, 20_000, 60_000];
/// In a slow world: longer than the seat engine remembers an outcome.
const SLOW_FREEZE_MS: u64 = 2_400_000;
const DELAY_MS: u64 = 1_500;
const JUMP_MS: u64 = 14_000;

impl Director for World {
    fn reach(&self, step: &'static str) -> Pin<Box<dyn Future<Output = Result<(), Fault>> + Send>> {
        let world = self.clone();
        Box::pin(async move { world.step(step).await })
    }

    fn pick(&self, most: usize) -> usize {
        // Half of the time all there is, so that backlogs shrink.
        let mut core = self.core();
        if most <= 1 || core.rng.below(2) == 0 {
            return most;
        }
        usize::try_from(core.rng.below(most as u64)).unwrap_or(0) + 1
    }
}

impl World {
    async fn step(&self, step: &'static str) -> Result<(), Fault> {
        let event = {
            let mut core = self.core();
            let process = core.current;
            core.draw_event(process, step)
        };
        match event {
            Event::GiveWay => stream::testing::give_way().await,
            Event::Nothing => {}
            Event::Crash => std::future::pending().await,
            Event::Delay(millis) => self.sleep(millis).await,
            Event::Fault => {
                stream::testing::give_way().await;
                return Err(Fault::new(step, "the seed says so"));
            }
            Event::Freeze => {
                // The executor polls nothing of this process until it thaws.
                let mut given = false;
                poll_fn(|cx| {
                    cx.waker().wake_by_ref();
                    if std::mem::replace(&mut given, true) { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
            }
        }
        Ok(())
    }
}

impl Core {
    fn draw_event(&mut self, process: ProcessId, step: &'static str) -> Event {
        let rates = self.profile.rates;
        if !self.faults || process == 0 || rates.sum() == 0 {
            return self.go_on(process);
        }
        let mut drawn = self.rng.below(1_000_000);
        let mut is = |rate: u64| {
            let hit = drawn < rate;
            drawn = drawn.wrapping_sub(rate);
            hit
        };
        if is(rates.crash) {
            self.coverage.add_step("crash", step);
            self.doomed.insert(process);
            return Event::Crash;
        }
        if is(rates.freeze) {
            self.coverage.add_step("freeze", step);
            let longest = if self.profile.slow {
                SLOW_FREEZE_MS
            } else {
                FREEZE_MS[usize::try_from(self.rng.below(4)).unwrap_or(0)]
            };
            let until = self.now + i64::try_from(self.rng.below(longest)).unwrap_or(0);
            self.of(process).life = Life::Frozen(until);
            self.frozen.push(process);
            return Event::Freeze;
        }
        if is(rates.fault) {
            self.coverage.add_step("fault", step);
            return Event::Fault;
        }
        if is(rates.delay) {
            return Event::Delay(self.rng.below(DELAY_MS));
        }
        if is(rates.jump) {
            self.coverage.add("clock jumps", 1);
            let off =
                i64::try_from(self.rng.below(2 * JUMP_MS)).unwrap_or(0) - i64::try_from(JUMP_MS).unwrap_or(0);
            let clock = self.of(process);
            (clock.clock_off_ms, clock.fastest_ms) = (off, clock.fastest_ms.max(off));
        }
        self.go_on(process)
    }

    /// At every other step of a process others come in between.
    fn go_on(&mut self, process: ProcessId) -> Event {
        if process != 0 && self.rng.below(2) == 0 { Event::Nothing } else { Event::GiveWay }
    }
}
