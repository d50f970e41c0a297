//! Whatever Redis says or forgets, a booking that nobody pays ends at its deadline or seconds
//! later, and never before. And what booking does by itself is done whole: every booking that is
//! due ends in one sweep, one that nobody answers ends too, old keys are forgotten.

use std::time::{SystemTime, UNIX_EPOCH};

use adapters::deadlines::redis::RedisDeadlines;
use booking::{
    BookingRequest, CancelReason, Mode, State,
    ports::{BookingStore, Deadlines},
    testing::{WINDOW, booking, booking_id, buyer, event_on_sale, granted},
};
use kernel::{BookingId, limits, message::Partial, testing::HandClock};
use rig::{Redis, RedisOptions};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::*;

const PREFIX: &str = "test:";
/// The sweep that nobody wakes, and what slow machines need.
const SECONDS: Duration = Duration::from_secs(20);
/// More than one sweep.
const SWEEPS: Duration = Duration::from_millis(1_500);

struct Desk {
    role: BookingRole,
    clock: Arc<HandClock>,
    redis: Redis,
    _folder: TempDir,
}

impl Desk {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let redis = Redis::start(&RedisOptions::default()).await.unwrap();
        let clock = Arc::new(HandClock::default());
        // Redis counts by its own clock.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        clock.set(Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap()));
        let shown: Arc<dyn Clock> = Arc::<HandClock>::clone(&clock);
        let store = SqlBookingStore::open(&folder.path().join("booking.sqlite")).await.unwrap();
        let ledger = folder.path().join("payment_sandbox.sqlite");
        let provider = ProviderUrl::Sandbox(DatabaseUrl::from(&ledger));
        let provider = provider.open(Arc::clone(&shown)).await.unwrap();
        let deadlines = RedisDeadlines::start(&redis.url(), PREFIX, Arc::clone(&shown)).unwrap();
        let role = BookingRole::new(store, provider, Arc::new(deadlines), &shown, WINDOW);
        tokio::spawn(expire(role.service.clone(), Arc::clone(&role.deadlines), shown));
        Self { role, clock, redis, _folder: folder }
    }

    /// A booking that awaits payment, and its deadline.
    async fn pending(&self, n: u128) -> (BookingId, Timestamp) {
        let request = BookingRequest {
            section: "A".to_owned(),
            subsection: None,
            mode: Mode::BestAvailable { quantity: 2 },
            partial: Partial::Accept,
        };
        let service = &self.role.service;
        service.create(booking_id(n), buyer(n), &event_on_sale(), request, None).await.unwrap();
        self.role.store.decide(granted(&booking(n), 1, self.clock.now())).await.unwrap();
        service.notify(&[self.role.store.booking(booking_id(n)).await.unwrap().unwrap()]);
        let State::PendingPayment { pay_by, .. } = self.state(booking_id(n)).await else {
            panic!("seats were granted")
        };
        (booking_id(n), pay_by)
    }

    async fn state(&self, id: BookingId) -> State {
        self.role.store.booking(id).await.unwrap().unwrap().state
    }

    async fn is_cancelled_at_its_deadline_only(&self, (id, pay_by): (BookingId, Timestamp), what: &str) {
        self.clock.set(pay_by - Duration::from_millis(1));
        sleep(SWEEPS).await;
        assert!(matches!(self.state(id).await, State::PendingPayment { .. }), "{what}: too early");
        self.clock.set(pay_by);
        let ended = timeout(SECONDS, async {
            loop {
                match self.state(id).await {
                    State::PendingPayment { .. } => sleep(Duration::from_millis(10)).await,
                    state => break state,
                }
            }
        });
        let state = ended.await.unwrap_or_else(|_| panic!("{what}: its seats are held for ever"));
        assert!(matches!(state, State::Cancelled { reason: CancelReason::Expired, .. }), "{what}: {state:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_may_lie_forget_freeze_and_die_and_a_booking_ends_at_its_deadline_only() {
    let desk = Desk::open().await;
    desk.is_cancelled_at_its_deadline_only(desk.pending(1).await, "all is well").await;

    let early = desk.pending(2).await;
    let shown: Arc<dyn Clock> = Arc::<HandClock>::clone(&desk.clock);
    let mistaken = RedisDeadlines::start(&desk.redis.url(), PREFIX, shown).unwrap();
    mistaken.pending(&[(early.0, desk.clock.now() - WINDOW)]);
    desk.is_cancelled_at_its_deadline_only(early, "Redis says that it is over").await;

    let closed = desk.pending(3).await;
    mistaken.closed(&[closed.0]);
    desk.is_cancelled_at_its_deadline_only(closed, "Redis has the note that it is closed").await;

    let flushed = desk.pending(4).await;
    desk.redis.flush().await.unwrap();
    desk.is_cancelled_at_its_deadline_only(flushed, "flushed").await;

    let frozen = desk.pending(5).await;
    desk.redis.pause().unwrap();
    desk.is_cancelled_at_its_deadline_only(frozen, "frozen").await;
    let untold = desk.pending(6).await;
    desk.redis.resume().unwrap();
    desk.is_cancelled_at_its_deadline_only(untold, "frozen when it began").await;

    let before = desk.pending(7).await;
    desk.redis.kill();
    desk.is_cancelled_at_its_deadline_only(before, "killed").await;
    let absent = desk.pending(8).await;
    desk.is_cancelled_at_its_deadline_only(absent, "absent all the time").await;
    let back = desk.pending(9).await;
    desk.redis.start_again().await.unwrap();
    desk.is_cancelled_at_its_deadline_only(back, "back before the deadline").await;
}

/// The role of booking on a file, without its loops.
async fn role() -> (BookingRole, Arc<HandClock>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(HandClock::default());
    let shown: Arc<dyn Clock> = Arc::<HandClock>::clone(&clock);
    let store = SqlBookingStore::open(&folder.path().join("booking.sqlite")).await.unwrap();
    let ledger = folder.path().join("payment_sandbox.sqlite");
    let provider = ProviderUrl::Sandbox(DatabaseUrl::from(&ledger));
    let provider = provider.open(Arc::clone(&shown)).await.unwrap();
    let deadlines = Arc::new(adapters::deadlines::local::LocalDeadlines::default());
    let role = BookingRole::new(store, provider, deadlines, &shown, WINDOW);
    (role, clock, folder)
}

async fn create(service: &BookingService, n: u128) -> BookingId {
    let request = BookingRequest {
        section: "A".to_owned(),
        subsection: None,
        mode: Mode::BestAvailable { quantity: 2 },
        partial: Partial::Accept,
    };
    service.create(booking_id(n), buyer(n), &event_on_sale(), request, None).await.unwrap();
    booking_id(n)
}

async fn state(service: &BookingService, id: BookingId) -> State {
    service.store().booking(id).await.unwrap().unwrap().state
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sweep_ends_every_booking_that_is_due() {
    // More than two rounds.
    const DUE: u128 = 2 * limits::BOOKINGS_PER_SWEEP as u128 + 1;
    let (role, clock, _folder) = role().await;
    let service = &role.service;
    futures::future::join_all((1..=DUE).map(|n| create(service, n))).await;
    let answers: Vec<_> = (1..=DUE).map(|n| granted(&booking(n), 1, clock.now())).collect();
    role.store.decide(answers).await.unwrap();
    clock.set(Timestamp::from_millis(0) + WINDOW);
    sweep(service, clock.now(), clock.now()).await.unwrap();
    for n in 1..=DUE {
        let state = state(service, booking_id(n)).await;
        assert!(matches!(state, State::Cancelled { reason: CancelReason::Expired, .. }), "{n}: {state:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sweep_ends_what_was_processing_for_too_long_since_the_start() {
    let (role, clock, _folder) = role().await;
    let service = &role.service;
    let stuck = create(service, 1).await;
    let hour = Timestamp::from_millis(0) + Duration::from_hours(1);
    for (now, since, ends) in [
        (hour, hour, false),
        (hour + limits::PROCESSING_DEADLINE - Duration::from_millis(1), hour, false),
        (hour + limits::PROCESSING_DEADLINE + Duration::from_millis(1), hour, true),
    ] {
        clock.set(now);
        sweep(service, since, now).await.unwrap();
        let state = state(service, stuck).await;
        assert_eq!(matches!(state, State::Cancelled { .. }), ends, "{now:?}: {state:?}");
    }
}
