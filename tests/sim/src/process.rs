//! Processes and their roles: what each runs, as the program's wiring has it, and who starts a new
//! one when one is gone.
//!
//! Promises: the loops are the shipped ones (`exactly_once::run`, `projection::run`, booking's use
//! cases); what is not shipped code is a model of the wiring around them. Never: a rule.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    sync::Mutex,
    time::Duration,
};

use booking::{
    Booking, Bookings,
    ports::{BookingObserver, Deadlines},
};
use event_ticketing::{Events, TicketProjection};
use kernel::{
    BookingId, Clock, Fault, Timestamp,
    topic::{PARTITIONS, Service},
};
use seat_reservation::SeatEngine;
use stream::{exactly_once, port::Log, projection, testing::MemoryLog};

use crate::{
    accounts,
    answers::Answers,
    relay,
    sql::{Known, locked},
    store::SimStore,
    tickets::{SimEvents, SimHolds},
    town::{Shown, Town},
    world::{Bell, Life, OPENED_MS, ProcessClock, ProcessId, World, millis},
};

const SWEEP_MS: u64 = 2_000;
const POLL_MS: u64 = 2_000;
/// How often somebody sees whether a process is alive.
const WATCH_MS: u64 = 500;
const FORGET_KEYS_MS: u64 = 60_000;

/// Which roles a process has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// All of them.
    Embedded,
    Booking,
    Seats,
    Ticketing,
}

/// Starts a process and what it runs.
pub(crate) fn start(town: &Arc<Town>, role: Role) -> ProcessId {
    let process = town.world.process();
    let log = town.log.of_member(process);
    if matches!(role, Role::Embedded | Role::Seats) {
        seats(town, process, &log);
    }
    if matches!(role, Role::Embedded | Role::Booking) {
        booking(town, process, &log);
    }
    if matches!(role, Role::Embedded | Role::Ticketing) {
        ticketing(town, process, &log);
    }
    match role {
        Role::Embedded | Role::Booking => accounts::start(town, process, 0),
        Role::Ticketing => accounts::start(town, process, 1),
        Role::Seats => {}
    }
    process
}

fn seats(town: &Arc<Town>, process: ProcessId, log: &MemoryLog) {
    let used: BTreeSet<u16> =
        town.houses.iter().flat_map(|house| &house.sections).map(|section| section.partition).collect();
    for n in used {
        let (world, mut partition) = (town.world.clone(), log.partition(n));
        town.world.spawn(process, async move {
            if let Err(fault) = exactly_once::run::<_, SeatEngine>(&mut partition).await {
                world.violated(format!("I3 the rows of partition {n} cannot be understood: {fault}"));
            }
        });
    }
}

fn booking(town: &Arc<Town>, process: ProcessId, log: &MemoryLog) {
    let world = &town.world;
    let clock = world.clock(process);
    let (alarm, hub) = (Arc::new(Alarm::new(world)), Arc::new(Hub::default()));
    let bookings = Bookings::new(
        Arc::new(SimStore::of_process(&town.bookings, process)),
        Arc::new(town.provider.clone()),
        Arc::new(clock.clone()),
        Arc::<Hub>::clone(&hub),
        Arc::<Alarm>::clone(&alarm),
        town.payment_window,
    );
    let mut reader = log.reader(Service::Booking);
    let mut answers = Answers {
        bookings: bookings.clone(),
        clock: clock.clone(),
        payment_window: town.payment_window,
        known: Known::default(),
        unsure: Vec::new(),
    };
    world.spawn(process, async move { projection::run(&mut reader, &mut answers).await });
    world.spawn(process, relay::run(world.clone(), process, Arc::clone(&town.bookings), log.clone()));
    world.spawn(process, expire(Arc::clone(town), bookings.clone(), clock, alarm));
    world.spawn(process, poll(Arc::clone(town), bookings.clone()));
    world.spawn(process, take_reports(Arc::clone(town), bookings.clone()));
    world.spawn(process, forget_keys(Arc::clone(town), bookings.clone()));
    let mut doors = locked(&town.doors);
    (doors.booking, doors.hub) = (Some((process, bookings)), hub);
}

fn ticketing(town: &Arc<Town>, process: ProcessId, log: &MemoryLog) {
    let world = &town.world;
    let mut reader = log.reader(Service::EventTicketing);
    let store = Arc::new(SimEvents(Arc::clone(&town.tickets)));
    let holds = Box::new(SimHolds::new(Arc::clone(&town.tickets)));
    let clock = Arc::new(world.clock(process));
    let events = Events::new(Arc::<SimEvents>::clone(&store), Arc::<ProcessClock>::clone(&clock));
    let mut tickets = TicketProjection::new(store, holds, clock);
    world.spawn(process, async move { projection::run(&mut reader, &mut tickets).await });
    world.spawn(process, relay::run(world.clone(), process, Arc::clone(&town.tickets), log.clone()));
    locked(&town.doors).ticketing = Some((process, events));
}

type BookingService = Bookings<SimStore>;

/// The sweep: ends bookings after their deadline, and those that got no answer.
async fn expire(town: Arc<Town>, bookings: BookingService, clock: impl Clock, alarm: Arc<Alarm>) {
    let since = clock.now();
    loop {
        let now = clock.now();
        *locked(&alarm.swept) = now;
        // A fault is tried again at the next sweep.
        let swept = sweep(&town, &bookings, since, now).await;
        let next = if swept.is_ok() { alarm.next(clock.now()) } else { SWEEP_MS };
        let rung = alarm.bell.rung();
        town.world.within(next, alarm.bell.wait(rung)).await;
    }
}

async fn sweep(
    town: &Town,
    bookings: &BookingService,
    since: Timestamp,
    now: Timestamp,
) -> Result<(), Fault> {
    loop {
        let ended = bookings.expire().await?;
        town.world.cover_by("bookings that expired", ended as u64);
        if ended == 0 {
            break;
        }
    }
    loop {
        let ended = bookings.cancel_stuck(since).await?;
        town.world.cover_by("bookings that the watchdog cancelled", ended as u64);
        if ended == 0 {
            break;
        }
    }
    bookings.remind_of_next_deadline(now).await
}

async fn poll(town: Arc<Town>, bookings: BookingService) {
    loop {
        town.world.pause(POLL_MS).await;
        // A fault is tried again at the next round.
        let _ = bookings.poll_payments().await;
    }
}

/// What the provider reports by itself; some of it never comes.
async fn take_reports(town: Arc<Town>, bookings: BookingService) {
    loop {
        let heard = town.provider.reported.rung();
        while let Some((attempt, answer)) = town.provider.take_report() {
            town.world.pause(2_000).await;
            if town.world.chance(80) {
                // A report that is lost to a fault is found by asking.
                let _ = bookings.payment_reported(attempt, answer).await;
            }
        }
        town.provider.reported.wait(heard).await;
    }
}

async fn forget_keys(town: Arc<Town>, bookings: BookingService) {
    loop {
        town.world.pause(FORGET_KEYS_MS).await;
        // A fault is tried again at the next round.
        let _ = bookings.forget_old_keys().await;
    }
}

/// Is notified of bookings after their commit, and keeps the latest revision of each, as a viewer's
/// stream does.
#[derive(Default)]
pub(crate) struct Hub(pub(crate) Mutex<BTreeMap<BookingId, Shown>>);

impl BookingObserver for Hub {
    fn changed(&self, bookings: &[Booking]) {
        let mut latest = locked(&self.0);
        for news in bookings.iter().map(|booking| (booking.id, Shown::of(booking))) {
            let kept = latest.entry(news.0).or_insert(news.1);
            if news.1.revision > kept.revision {
                *kept = news.1;
            }
        }
    }
}

/// Wakes the sweep in time.
struct Alarm {
    world: World,
    at: Mutex<BTreeSet<Timestamp>>,
    /// When the latest sweep began.
    swept: Mutex<Timestamp>,
    bell: Bell,
}

impl Alarm {
    fn new(world: &World) -> Self {
        let swept = Mutex::new(Timestamp::from_millis(0));
        Self { world: world.clone(), at: Mutex::default(), swept, bell: Bell::default() }
    }

    /// Milliseconds until the next deadline or the next sweep.
    fn next(&self, now: Timestamp) -> u64 {
        let mut at = locked(&self.at);
        while at.first().is_some_and(|first| *first <= now) {
            at.pop_first();
        }
        let sweep = Duration::from_millis(SWEEP_MS);
        millis(at.first().map_or(sweep, |first| first.since(now).min(sweep)))
    }
}

impl Deadlines for Alarm {
    fn remind(&self, at: Timestamp) {
        if at <= *locked(&self.swept) {
            self.world.violated(format!("I14 a sweep is woken again for {at:?}, which it has seen"));
        }
        locked(&self.at).insert(at);
        self.bell.ring();
    }

    fn pending(&self, bookings: &[(BookingId, Timestamp)]) {
        locked(&self.at).extend(bookings.iter().map(|(_, until)| *until));
        self.bell.ring();
    }

    fn closed(&self, _: &[BookingId]) {}
}

/// Keeps one process of the role alive: when it dies another one starts; when it stands still for
/// long, another one may start beside it.
pub(crate) async fn supervise(town: Arc<Town>, role: Role) {
    let world = town.world.clone();
    loop {
        let process = start(&town, role);
        loop {
            world.sleep(WATCH_MS).await;
            match world.life(process) {
                Life::Up => {}
                Life::Frozen(until) => {
                    // A frozen process looks like a dead one. The folder of the embedded program is
                    // locked, though.
                    if matches!(role, Role::Booking | Role::Ticketing) && world.chance(50) {
                        world.cover("processes replaced while they stood still");
                        let (world, town) = (world.clone(), Arc::clone(&town));
                        world.clone().spawn(0, async move {
                            world.sleep_until(until).await;
                            world.pause(3_000).await;
                            bury(&town, process);
                        });
                        break;
                    }
                    world.sleep_until(until).await;
                }
                Life::Dead => {
                    bury(&town, process);
                    break;
                }
            }
        }
        if world.faulty() {
            let away = world.profile().away_ms;
            world.pause(away).await;
        }
        world.opened().await;
    }
}

/// A process has ended: of what it handed to the log and did not see stored, a part is lost.
fn bury(town: &Town, process: ProcessId) {
    town.world.kill(process);
    town.log.of_member(process).lose_tail();
}

/// A day goes by while nothing runs; then everything starts again.
pub(crate) async fn night(town: &Town) {
    town.world.close(true);
    town.world.sleep(100).await;
    town.world.kill_all();
    town.world.sleep(25 * 3_600_000).await;
    town.world.close(false);
    // Processes start, and each sweeps its old keys.
    town.world.sleep(OPENED_MS + FORGET_KEYS_MS + 5_000).await;
    town.world.cover("nights");
}

/// Keeps two seat servers alive and shares the partitions out among those that are heard of.
pub(crate) async fn supervise_seats(town: Arc<Town>) {
    let world = town.world.clone();
    let mut members = [start(&town, Role::Seats), start(&town, Role::Seats)];
    let mut away = [0_i64; 2];
    let mut shared = Vec::new();
    loop {
        world.opened().await;
        for (at, member) in members.iter_mut().enumerate() {
            if world.life(*member) == Life::Dead {
                if away[at] == 0 {
                    bury(&town, *member);
                    let longest = if world.faulty() { world.profile().away_ms } else { 100 };
                    away[at] = world.now() + i64::try_from(world.below(longest)).unwrap_or(0);
                } else if world.now() >= away[at] {
                    (*member, away[at]) = (start(&town, Role::Seats), 0);
                }
            }
        }
        let heard: Vec<ProcessId> =
            members.into_iter().filter(|member| world.life(*member) == Life::Up).collect();
        let uneven = world.faulty() && world.chance(3);
        if uneven {
            world.cover("rebalances");
        }
        let terms = share_out(&heard, uneven.then(|| world.below(u64::from(PARTITIONS))));
        if terms != shared {
            shared.clone_from(&terms);
            town.log.assign(Some(terms));
        }
        world.sleep(500).await;
    }
}

/// Partitions to members, in turn; beginning at another place, they change hands.
fn share_out(members: &[ProcessId], beginning: Option<u64>) -> Vec<Option<ProcessId>> {
    let from = usize::try_from(beginning.unwrap_or(0)).unwrap_or(0);
    let owner = |n: usize| (!members.is_empty()).then(|| members[(n + from) % members.len()]);
    (0..usize::from(PARTITIONS)).map(owner).collect()
}

#[cfg(test)]
mod tests {
    use booking::testing::observer_contract::{self, Viewed};
    use kernel::Revision;

    use super::*;

    /// A hub, and what of it was seen.
    #[derive(Default)]
    struct Viewer(Hub, BTreeMap<BookingId, Revision>);

    impl Viewed for Viewer {
        fn observer(&self) -> &dyn BookingObserver {
            &self.0
        }

        fn shown(&mut self) -> Vec<(BookingId, Revision)> {
            let latest = locked(&self.0.0);
            let now = latest.iter().map(|(id, shown)| (*id, shown.revision));
            let news = now.filter(|(id, revision)| self.1.get(id) != Some(revision)).collect::<Vec<_>>();
            self.1.extend(news.iter().copied());
            news
        }
    }

    #[test]
    fn the_hub_keeps_the_contract_of_observers() {
        let checked = observer_contract::all(|| async { Viewer::default() });
        crate::store::at_once(checked);
    }
}
