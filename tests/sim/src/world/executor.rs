//! Runs the tasks of a world, one at a time, in an order that the seed draws.

use super::{
    Arc, AtomicBool, BTreeSet, Context, Core, Job, Life, Mutex, Ordering, ProcessId, Wake, Waker, World,
};

/// A task, until it has ended or its process is dead.
struct Task {
    process: ProcessId,
    job: Job,
    waker: Waker,
    signal: Arc<Signal>,
}

/// Puts a task among those that are ready, once.
struct Signal {
    id: usize,
    queued: AtomicBool,
    woken: Arc<Mutex<Vec<usize>>>,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::Relaxed) {
            self.woken.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(self.id);
        }
    }
}

/// Steps from one look to the next, on average.
const STEPS_PER_LOOK: u64 = 30_000;

/// Runs the world until `main` has ended, or nothing can ever happen again; looks between two steps
/// now and then. Answers whether it has ended.
pub(crate) fn run(world: &World, main: impl Future<Output = ()> + Send + 'static, look: impl Fn()) -> bool {
    let ended = Arc::new(AtomicBool::new(false));
    let end = Arc::clone(&ended);
    world.spawn(0, async move {
        main.await;
        end.store(true, Ordering::Relaxed);
    });
    let mut runner =
        Runner { world: world.clone(), tasks: Vec::new(), woken: Arc::default(), still: Vec::new() };
    while !ended.load(Ordering::Relaxed) {
        match runner.step() {
            Step::Nothing => return false,
            Step::Look => {
                world.cover("looks between two steps");
                look();
            }
            Step::Done => {}
        }
    }
    true
}

/// What came of one step.
enum Step {
    Done,
    /// Done, and the seed says that it is time to look.
    Look,
    /// There is nothing to wait for.
    Nothing,
}

struct Runner {
    world: World,
    tasks: Vec<Option<Task>>,
    woken: Arc<Mutex<Vec<usize>>>,
    /// Ready tasks of processes that are frozen.
    still: Vec<usize>,
}

impl Runner {
    /// Polls one task, or moves time on.
    fn step(&mut self) -> Step {
        let world = self.world.clone();
        let mut core = world.core();
        self.take_in(&mut core);
        let Some(id) = self.draw(&mut core) else {
            drop(core);
            return self.move_on();
        };
        drop(core);
        if let Some(Task { job, waker, signal, .. }) = self.tasks[id].as_mut() {
            signal.queued.store(false, Ordering::Relaxed);
            if job.as_mut().poll(&mut Context::from_waker(waker)).is_ready() {
                self.tasks[id] = None;
            }
        }
        let mut core = world.core();
        core.current = 0;
        let doomed = std::mem::take(&mut core.doomed);
        let look = core.rng.below(STEPS_PER_LOOK) == 0;
        drop(core);
        self.bury(&doomed);
        if look { Step::Look } else { Step::Done }
    }

    /// Takes new tasks in, and those that were woken.
    fn take_in(&mut self, core: &mut Core) {
        for (id, process, job) in std::mem::take(&mut core.spawned) {
            let woken = Arc::clone(&self.woken);
            let signal = Arc::new(Signal { id, queued: AtomicBool::new(true), woken });
            let waker = Waker::from(Arc::clone(&signal));
            // Ids count up, so each is the place of its task.
            let alive = core.of(process).life != Life::Dead;
            self.tasks.push(alive.then_some(Task { process, job, waker, signal }));
        }
        if std::mem::take(&mut core.thawed) {
            core.ready.append(&mut self.still);
        }
        core.ready.append(&mut self.woken.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }

    /// One of the tasks that are ready, drawn by the seed.
    fn draw(&mut self, core: &mut Core) -> Option<usize> {
        while !core.ready.is_empty() {
            let count = core.ready.len() as u64;
            let at = usize::try_from(core.rng.below(count)).unwrap_or(0);
            let id = core.ready.swap_remove(at);
            let Some(task) = &self.tasks[id] else { continue };
            let process = task.process;
            match core.of(process).life {
                Life::Up => {
                    core.current = process;
                    let now = core.now.unsigned_abs();
                    core.note((id as u64) << 32 ^ now);
                    return Some(id);
                }
                Life::Frozen(_) => self.still.push(id),
                Life::Dead => {}
            }
        }
        None
    }

    /// Goes to the next moment at which something happens.
    fn move_on(&mut self) -> Step {
        let mut wakers = Vec::new();
        {
            let mut core = self.world.core();
            let thaw =
                core.frozen.iter().filter_map(|process| match core.processes[*process as usize].life {
                    Life::Frozen(until) => Some(until),
                    Life::Up | Life::Dead => None,
                });
            let timer = core.timers.first_key_value().map(|((at, _), _)| *at);
            let Some(next) = thaw.min().into_iter().chain(timer).min() else { return Step::Nothing };
            core.now = core.now.max(next);
            let now = core.now;
            while let Some(timer) = core.timers.first_entry().filter(|timer| timer.key().0 <= now) {
                wakers.push(timer.remove());
            }
            core.thaw(now);
        }
        wakers.into_iter().for_each(Waker::wake);
        Step::Done
    }

    /// Drops the tasks of processes that died.
    fn bury(&mut self, doomed: &BTreeSet<ProcessId>) {
        for process in doomed {
            self.world.core().of(*process).life = Life::Dead;
            let dead: Vec<Task> = self
                .tasks
                .iter_mut()
                .filter(|task| task.as_ref().is_some_and(|task| task.process == *process))
                .filter_map(Option::take)
                .collect();
            // Dropping a task may wake others.
            drop(dead);
        }
    }
}
