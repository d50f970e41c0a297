//! The world of one seed: tasks, virtual time, processes that die and freeze, and chance.
//!
//! Promises: one thread, one order. The next task is drawn by the seed among those that are ready;
//! time moves on only when none is.
//! Never: a real clock, a thread, or an address or hash that differs from run to run.

mod executor;
mod step;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use kernel::{Clock, Fault, Timestamp};
use stream::testing::Director;

use crate::{
    coverage::Coverage,
    profile::Profile,
    rng::{Rng, mix},
};

pub(crate) use executor::run;

/// A process; 0 is the world outside, which never dies.
pub(crate) type ProcessId = u32;

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How long it may take until those who wait see that processes may start.
pub(crate) const OPENED_MS: u64 = 60_000;

/// A handle on the world. Clones share it.
#[derive(Clone)]
pub(crate) struct World(Arc<Mutex<Core>>);

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    Up,
    /// It stands still until then.
    Frozen(i64),
    Dead,
}

#[derive(Debug)]
struct Process {
    life: Life,
    /// How far its clock is off, and the furthest that it was ahead.
    clock_off_ms: i64,
    fastest_ms: i64,
}

struct Core {
    rng: Rng,
    profile: Profile,
    now: i64,
    trace: u64,
    /// Whether faults come.
    faults: bool,
    /// Whether processes may not start.
    closed: bool,
    current: ProcessId,
    processes: Vec<Process>,
    /// Those that stand still.
    frozen: Vec<ProcessId>,
    /// Whether one of them went on since the last step.
    thawed: bool,
    doomed: BTreeSet<ProcessId>,
    tasks: usize,
    spawned: Vec<(usize, ProcessId, Job)>,
    ready: Vec<usize>,
    /// Tasks to wake, by moment and number.
    timers: BTreeMap<(i64, u64), Waker>,
    timer_number: u64,
    coverage: Coverage,
    violations: Vec<String>,
}

impl World {
    /// The world of a seed, before anything happens.
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::new(mix(seed ^ 0x5eed));
        let profile = Profile::of(&mut rng);
        Self(Arc::new(Mutex::new(Core {
            rng,
            profile,
            now: 1_000_000_000,
            trace: seed,
            faults: false,
            closed: false,
            current: 0,
            processes: vec![Process { life: Life::Up, clock_off_ms: 0, fastest_ms: 0 }],
            frozen: Vec::new(),
            thawed: false,
            doomed: BTreeSet::new(),
            tasks: 0,
            spawned: Vec::new(),
            ready: Vec::new(),
            timers: BTreeMap::new(),
            timer_number: 0,
            coverage: Coverage::default(),
            violations: Vec::new(),
        })))
    }

    fn core(&self) -> MutexGuard<'_, Core> {
        // A panic is caught at the end of the seed, and what was seen until then still counts.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn profile(&self) -> Profile {
        self.core().profile.clone()
    }

    pub(crate) fn below(&self, end: u64) -> u64 {
        self.core().rng.below(end)
    }

    /// Whether something with this chance happens.
    pub(crate) fn chance(&self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn now(&self) -> i64 {
        self.core().now
    }

    pub(crate) fn cover(&self, what: &'static str) {
        self.core().coverage.add(what, 1);
    }

    pub(crate) fn cover_by(&self, what: &'static str, count: u64) {
        self.core().coverage.add(what, count);
    }

    pub(crate) fn covered(&self, what: &str) -> u64 {
        self.core().coverage.get(what)
    }

    /// A promise is broken.
    pub(crate) fn violated(&self, what: String) {
        let mut core = self.core();
        let at = core.now - 1_000_000_000;
        core.violations.push(format!("at {at} ms: {what}"));
    }

    /// The hash of everything that happened, and what was met.
    pub(crate) fn end(&self) -> (u64, Coverage) {
        let core = self.core();
        (core.trace, core.coverage.clone())
    }

    pub(crate) fn violations(&self) -> Vec<String> {
        self.core().violations.clone()
    }

    pub(crate) fn switch_faults(&self, on: bool) {
        self.core().faults = on;
    }

    pub(crate) fn faulty(&self) -> bool {
        self.core().faults
    }

    /// A new process, up.
    pub(crate) fn process(&self) -> ProcessId {
        let mut core = self.core();
        let id = u32::try_from(core.processes.len()).unwrap_or(u32::MAX);
        let off = if core.faults && core.profile.rates.jump > 0 { core.rng.below(20_000) } else { 0 };
        let clock_off_ms = i64::try_from(off).unwrap_or(0) - if off == 0 { 0 } else { 10_000 };
        core.processes.push(Process { life: Life::Up, clock_off_ms, fastest_ms: clock_off_ms });
        id
    }

    /// The most by which the clock of a process was ahead of the true time so far.
    pub(crate) fn fastest_ms(&self, process: ProcessId) -> i64 {
        self.core().of(process).fastest_ms
    }

    /// The latest time that the clock of any process can have shown.
    pub(crate) fn latest_clock(&self) -> Timestamp {
        let core = self.core();
        let ahead = core.processes.iter().map(|process| process.fastest_ms).max().unwrap_or(0);
        Timestamp::from_millis(core.now + ahead)
    }

    pub(crate) fn life(&self, process: ProcessId) -> Life {
        self.core().of(process).life
    }

    /// Ends a process as a power cut would: its tasks are dropped where they stand.
    pub(crate) fn kill(&self, process: ProcessId) {
        self.core().doomed.insert(process);
    }

    pub(crate) fn kill_all(&self) {
        let mut core = self.core();
        let all = 1..u32::try_from(core.processes.len()).unwrap_or(u32::MAX);
        core.doomed.extend(all);
    }

    /// Whether new processes shall wait.
    pub(crate) fn close(&self, closed: bool) {
        self.core().closed = closed;
    }

    /// Waits until processes may start.
    pub(crate) async fn opened(&self) {
        while self.core().closed {
            self.sleep(OPENED_MS).await;
        }
    }

    pub(crate) fn thaw_all(&self) {
        let mut core = self.core();
        core.thaw(i64::MAX);
    }

    /// The clock of a process.
    pub(crate) fn clock(&self, process: ProcessId) -> ProcessClock {
        ProcessClock { world: self.clone(), process }
    }

    pub(crate) fn spawn(&self, process: ProcessId, job: impl Future<Output = ()> + Send + 'static) {
        let mut core = self.core();
        if core.of(process).life == Life::Dead || core.doomed.contains(&process) {
            drop(core);
            return;
        }
        let id = core.tasks;
        core.tasks += 1;
        core.spawned.push((id, process, Box::pin(job)));
        core.ready.push(id);
    }

    pub(crate) fn sleep(&self, millis: u64) -> Sleep {
        self.sleep_until(self.now() + i64::try_from(millis).unwrap_or(i64::MAX / 4))
    }

    pub(crate) fn sleep_until(&self, until: i64) -> Sleep {
        Sleep { world: self.clone(), until, number: None }
    }

    /// Sleeps for a time drawn from 0 to `most` milliseconds.
    pub(crate) async fn pause(&self, most: u64) {
        let millis = self.below(most + 1);
        self.sleep(millis).await;
    }

    /// Waits at most so long.
    pub(crate) async fn within<T>(&self, millis: u64, wait: impl Future<Output = T>) -> Option<T> {
        let mut wait = std::pin::pin!(wait);
        let mut sleep = std::pin::pin!(self.sleep(millis));
        poll_fn(|cx| {
            if let Poll::Ready(answer) = wait.as_mut().poll(cx) {
                return Poll::Ready(Some(answer));
            }
            sleep.as_mut().poll(cx).map(|()| None)
        })
        .await
    }
}

impl Core {
    fn note(&mut self, what: u64) {
        self.trace = mix(self.trace.rotate_left(5) ^ what);
    }

    fn of(&mut self, process: ProcessId) -> &mut Process {
        &mut self.processes[process as usize]
    }

    /// Those that stood still until this moment continue.
    fn thaw(&mut self, now: i64) {
        let Self { processes, frozen, thawed, .. } = self;
        frozen.retain(|process| {
            let process = &mut processes[*process as usize];
            match process.life {
                Life::Frozen(until) if until > now => return true,
                Life::Frozen(_) => (process.life, *thawed) = (Life::Up, true),
                Life::Up | Life::Dead => {}
            }
            false
        });
    }
}

/// A wait for a moment. Dropped before, it wakes nobody.
pub(crate) struct Sleep {
    world: World,
    until: i64,
    /// Of its timer, once it has one.
    number: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { world, until, number } = &mut *self;
        let mut core = world.core();
        if core.now >= *until {
            return Poll::Ready(());
        }
        if number.is_none() {
            core.timer_number += 1;
            *number = Some(core.timer_number);
            let at = (*until, core.timer_number);
            core.timers.insert(at, cx.waker().clone());
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            let timer = self.world.core().timers.remove(&(self.until, number));
            // Dropped behind the lock.
            drop(timer);
        }
    }
}

/// A clock that may be off, and jump.
#[derive(Debug, Clone)]
pub(crate) struct ProcessClock {
    world: World,
    process: ProcessId,
}

impl Clock for ProcessClock {
    fn now(&self) -> Timestamp {
        let core = self.world.core();
        Timestamp::from_millis(core.now + core.processes[self.process as usize].clock_off_ms)
    }
}

/// Wakes those who wait when it is rung.
#[derive(Debug, Default)]
pub(crate) struct Bell(Mutex<(u64, Vec<Waker>)>);

impl Bell {
    pub(crate) fn ring(&self) {
        let wakers = {
            let mut bell = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            bell.0 += 1;
            std::mem::take(&mut bell.1)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    /// How often it was rung.
    pub(crate) fn rung(&self) -> u64 {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).0
    }

    /// Waits until it was rung more often than `heard`.
    pub(crate) async fn wait(&self, heard: u64) {
        poll_fn(|cx| {
            let mut bell = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if bell.0 > heard {
                return Poll::Ready(());
            }
            bell.1.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// How long something lasts, in whole milliseconds.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
