//! The store on both engines: the contract, races with many hands, reopening, and the projection's
//! exactly-once.

use std::{sync::Arc, time::Duration};

use booking::{
    AttemptId, BookingRequest, Bookings, ChargeAnswer, Mode, PaymentStatus, State, Status,
    app::{
        cancel::CancelOutcome,
        create_booking::{CreateBooking, CreateOutcome},
        event_on_sale::KeepOutline,
        pay::PayOutcome,
        settle_payment::{Report, Settled},
    },
    decision::{Needs, RequestKey},
    testing::{
        Heard, Reminders, ScriptedProvider, WINDOW, at, booking as made, booking_id, buyer, contract,
        event_id, event_on_sale, grant_for, granted,
    },
};
use kernel::{
    message::{BookingUpdatedToFailed, Envelope, Failure, Message, Partial, Source},
    testing::HandClock,
    topic::{Action, Lane, Topic},
};
use stream::{Outgoing, projection::Projection};

use super::*;
use crate::sql::testing::{Engine, Home, PATIENCE, on_both_engines};

on_both_engines!(
    the_store_keeps_the_contract,
    of_pay_cancel_and_expiry_at_the_deadline_one_wins_and_the_money_is_right,
    fifty_hands_with_one_key_get_one_booking,
    everything_goes_on_after_reopening,
    the_projection_applies_every_record_once_and_keeps_what_it_cannot_read,
    an_event_that_is_just_going_on_sale_is_waited_for,
    a_decision_that_faults_or_panics_fails_alone,
    a_queue_that_panics_is_the_failure_of_the_database,
    a_row_that_moved_is_decided_again,
);

impl contract::Inspected for SqlBookingStore {
    async fn sent(&self) -> Vec<Outgoing> {
        let rows: Vec<(String, i64, String)> = self
            .database
            .all("SELECT topic, partition_no, payload_base64 FROM outbox ORDER BY id", [])
            .await
            .unwrap();
        let engine = base64::engine::general_purpose::STANDARD;
        rows.into_iter()
            .map(|(topic, partition, payload)| Outgoing {
                topic: topic.parse().unwrap(),
                partition: u16::try_from(partition).unwrap(),
                key: bytes::Bytes::new(),
                payload: base64::Engine::decode(&engine, payload).unwrap().into(),
            })
            .collect()
    }
}

async fn the_store_keeps_the_contract(engine: Engine) {
    contract::all(|| async {
        let (home, store) = fresh(engine).await;
        // The files of these stores go when the system clears its temporary folder; the stores are
        // still in use when this returns.
        std::mem::forget(home);
        Arc::new(store)
    })
    .await;
}

async fn fresh(engine: Engine) -> (Home, SqlBookingStore) {
    let home = Home::new(engine).await;
    let store = SqlBookingStore::open(home.place()).await.unwrap();
    (home, store)
}

struct Rig {
    bookings: Bookings<SqlBookingStore>,
    clock: Arc<HandClock>,
    provider: Arc<ScriptedProvider>,
    heard: Arc<Heard>,
    _home: Home,
}

impl Rig {
    async fn new(engine: Engine) -> Self {
        let (home, store) = fresh(engine).await;
        let clock = Arc::new(HandClock::default());
        let provider = Arc::new(ScriptedProvider::new(clock.clone()));
        let heard = Arc::new(Heard::default());
        let bookings = Bookings::new(
            Arc::new(store),
            provider.clone(),
            clock.clone(),
            heard.clone(),
            Arc::new(Reminders::default()),
            WINDOW,
        );
        Self { bookings, clock, provider, heard, _home: home }
    }

    async fn create(&self, n: u128, key: Option<&str>) -> CreateOutcome {
        let request = BookingRequest {
            section: "A".to_owned(),
            subsection: None,
            mode: Mode::BestAvailable { quantity: 2 },
            partial: Partial::Accept,
        };
        let key = key.map(|key| RequestKey { key: key.to_owned(), body_hash: "same".to_owned() });
        let id = booking_id(n);
        self.bookings.create(id, buyer(n % 1_000), &event_on_sale(), request, key).await.unwrap()
    }

    async fn pay(&self, n: u128, method: &str) -> PayOutcome {
        let key = RequestKey { key: format!("pay-{n}"), body_hash: method.to_owned() };
        let attempt = AttemptId::new(format!("pay_{n}_{method}"));
        let (id, buyer) = (booking_id(n), buyer(n % 1_000));
        self.bookings.pay(id, buyer, method.to_owned(), key, attempt).await.unwrap()
    }
}

async fn of_pay_cancel_and_expiry_at_the_deadline_one_wins_and_the_money_is_right(engine: Engine) {
    const BOOKINGS: u128 = 3_000;
    let rig = Rig::new(engine).await;
    let ids = 1..=BOOKINGS;
    futures::future::join_all(ids.clone().map(|n| rig.create(n, None))).await;
    let answers = ids.clone().map(|n| {
        let mut booking = made(n);
        booking.buyer_id = buyer(n % 1_000);
        granted(&booking, 1, at(0))
    });
    let answers: Vec<_> = answers.collect();
    rig.bookings.store().decide(answers).await.unwrap();

    let pays = ids.clone().map(|n| {
        let rig = &rig;
        async move { rig.pay(n, ["success", "pending", "lost"][usize::try_from(n % 3).unwrap()]).await }
    });
    let cancels = ids.clone().map(|n| {
        let bookings = &rig.bookings;
        async move {
            if n % 2 == 0 {
                // One way through the queue more, so that it meets the settlement and not the
                // attempt.
                bookings.cancel(booking_id(n + BOOKINGS), buyer(0)).await.unwrap();
            }
            bookings.cancel(booking_id(n), buyer(n % 1_000)).await.unwrap()
        }
    });
    let expiry = async {
        for step in 0..60 {
            // Time jumps to and over the deadline while everybody is busy.
            rig.clock.set(at(99_970 + step));
            rig.bookings.expire().await.unwrap();
            rig.bookings.poll_payments().await.unwrap();
        }
    };
    let (paid, cancelled, ()) =
        tokio::join!(futures::future::join_all(pays), futures::future::join_all(cancels), expiry);
    for step in 1..40 {
        rig.clock.set(at(100_000 + step * 100_000));
        while rig.bookings.expire().await.unwrap() + rig.bookings.poll_payments().await.unwrap() > 0 {}
    }
    let mut due = 0;
    let mut ends = [0; 2];
    for n in ids {
        let booking = rig.bookings.store().booking(booking_id(n)).await.unwrap().unwrap();
        let slot = usize::try_from(n - 1).unwrap();
        match booking.state {
            State::Paid { .. } => {
                due += 6_000;
                ends[0] += 1;
                assert!(!matches!(cancelled[slot], CancelOutcome::Cancelled(_)), "{n}: two winners");
            }
            State::Cancelled { .. } => {
                ends[1] += 1;
                assert!(!matches!(paid[slot], PayOutcome::Paid(_)), "{n}: two winners");
                assert_ne!(booking.payment, Some(PaymentStatus::Refunding), "{n}: money is still on its way");
            }
            other => panic!("{n} has not ended: {other:?}"),
        }
    }
    assert_eq!(rig.provider.balance(), due);
    assert!(ends.iter().all(|end| *end > 0), "both ends were seen: {ends:?}");
}

async fn fifty_hands_with_one_key_get_one_booking(engine: Engine) {
    let rig = Rig::new(engine).await;
    for round in 0..20_u128 {
        let key = format!("round-{round}");
        let tries = (0..50).map(|hand| rig.create(1 + round * 50_000 + hand * 1_000, Some(&key)));
        let mut seen = Vec::new();
        for created in futures::future::join_all(tries).await {
            match created {
                CreateOutcome::Created(booking) | CreateOutcome::Repeated(booking) => seen.push(booking.id),
                other => panic!("{other:?}"),
            }
        }
        seen.dedup();
        assert_eq!(seen.len(), 1);
    }
    let sent = contract::Inspected::sent(&**rig.bookings.store()).await;
    assert_eq!(sent.len(), 20, "one request each");
}

async fn everything_goes_on_after_reopening(engine: Engine) {
    let (home, store) = fresh(engine).await;
    let booking = made(1);
    store.decide(CreateBooking { booking: booking.clone(), partition: 3, key: None }).await.unwrap();
    store.decide(granted(&booking, 1, at(0))).await.unwrap();
    store.decide(KeepOutline { event: event_on_sale(), at: at(0) }).await.unwrap();
    store.database().close().await;
    assert!(store.booking(booking.id).await.is_err(), "closed is closed");

    let store = SqlBookingStore::open(home.place()).await.unwrap();
    assert_eq!(store.booking(booking.id).await.unwrap().unwrap().status(), Status::PendingPayment);
    assert_eq!(store.next_deadline(at(0)).await.unwrap(), Some(at(0) + WINDOW));
    assert_eq!(store.event(event_id(), Duration::ZERO).await.unwrap().as_deref(), Some(&event_on_sale()));
    assert_eq!(store.due(Overdue::Unpaid, at(0) + WINDOW, 9).await.unwrap(), [booking.id]);
    let report = Report { attempt_id: AttemptId::new("none"), answer: ChargeAnswer::Declined, now: at(1) };
    assert_eq!(store.decide(report).await.unwrap(), Settled::default());
}

fn record(action: Action, offset: u64, message: Message) -> stream::Record {
    let envelope = Envelope { at: at(1), source: None, message };
    let topic = Topic::new(Lane::Shared, action);
    stream::Record {
        source: Source { topic, partition: 7, offset },
        key: "k".into(),
        payload: envelope.encode(),
    }
}

async fn the_projection_applies_every_record_once_and_keeps_what_it_cannot_read(engine: Engine) {
    let rig = Rig::new(engine).await;
    let (one, two) = (made(1), made(2));
    rig.create(1, None).await;
    rig.create(2, None).await;
    let clock: Arc<dyn kernel::Clock> = rig.clock.clone();
    let mut projection = BookingProjection::new(rig.bookings.clone(), clock, WINDOW);
    assert!(projection.positions().await.unwrap().is_empty());

    let pending = Action::UpdateBookingStatusToPendingPayment;
    let failed =
        BookingUpdatedToFailed { booking_id: two.id, event_id: two.event_id, failure: Failure::SeatsTaken };
    let mut garbage =
        record(Action::BookingStatusToFailed, 0, Message::BookingUpdatedToFailed(failed.clone()));
    garbage.payload = vec![0xff, 0x00].into();
    let batch = vec![
        record(pending, 0, Message::BookingUpdatedToPendingPayment(grant_for(&one, 4, 2))),
        garbage,
        record(Action::BookingStatusToFailed, 1, Message::BookingUpdatedToFailed(failed)),
        record(Action::UpdateEventToOnSale, 0, Message::EventOnSale(event_on_sale())),
        record(pending, 1, Message::ReleaseSeat(grant_for(&one, 4, 2).hold_of_section())),
    ];
    projection.apply(&batch).await.unwrap();
    assert!(projection.apply(&batch).await.is_err(), "records behind the position are not applied");
    let positions = projection.positions().await.unwrap();
    assert_eq!(positions.iter().map(|position| position.next).sum::<u64>(), 2 + 2 + 1);

    let store = rig.bookings.store();
    assert_eq!(store.booking(one.id).await.unwrap().unwrap().status(), Status::PendingPayment);
    assert_eq!(store.booking(two.id).await.unwrap().unwrap().status(), Status::Failed);
    assert!(store.event(event_id(), Duration::ZERO).await.unwrap().is_some());
    let dead: (i64,) = store.database().one("SELECT COUNT(*) FROM dead_letter", []).await.unwrap();
    assert_eq!(dead.0, 2);
    let heard =
        rig.heard.0.lock().unwrap().iter().filter(|booking| booking.status() != Status::Processing).count();
    assert_eq!(heard, 2);

    let mut zombie = BookingProjection::new(rig.bookings.clone(), rig.clock.clone(), WINDOW);
    assert!(zombie.apply(&batch[..1]).await.is_err(), "a reader that knows no positions changes nothing");
    rig.heard.0.lock().unwrap().clear();
    assert_eq!(zombie.positions().await.unwrap().len(), 3);
    let got: Vec<_> = rig.heard.0.lock().unwrap().iter().map(|b| (b.id, b.status())).collect();
    assert_eq!(got, [(one.id, Status::PendingPayment)], "it may have been committed without a word");
}

async fn an_event_that_is_just_going_on_sale_is_waited_for(engine: Engine) {
    let (_home, store) = fresh(engine).await;
    let (found, stored) = tokio::join!(
        store.event(event_id(), Duration::from_secs(20)),
        store.decide(KeepOutline { event: event_on_sale(), at: at(1) })
    );
    stored.unwrap();
    assert_eq!(found.unwrap().unwrap().event_id, event_id());
    let other = kernel::EventId::from_slice(&[9; 16]).unwrap();
    assert_eq!(store.event(other, Duration::from_millis(1)).await.unwrap(), None);
}

/// A decision that fails in its own way.
#[derive(Clone, Copy)]
enum Faulty {
    Panics,
    /// Its booking is there already.
    Repeats(u128),
}

impl Decision for Faulty {
    type Answer = ();
    const DOING: &'static str = "fail";

    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn decide(&self, set: &mut WorkingSet) {
        match self {
            Self::Panics => panic!("a bug in a decision"),
            Self::Repeats(n) => {
                CreateBooking { booking: made(*n), partition: 3, key: None }.decide(set);
            }
        }
    }
}

async fn a_decision_that_faults_or_panics_fails_alone(engine: Engine) {
    let (_home, store) = fresh(engine).await;
    let new = |n| CreateBooking { booking: made(n), partition: 3, key: None };
    store.decide(new(1_000)).await.unwrap();
    let (good, panics, repeats) = tokio::join!(
        futures::future::join_all((1..=100).map(|n| store.decide(new(n)))),
        store.decide(Faulty::Panics),
        store.decide(Faulty::Repeats(1_000)),
    );
    assert!(panics.is_err() && repeats.is_err());
    assert!(good.into_iter().all(|outcome| matches!(outcome, Ok(CreateOutcome::Created(_)))));
    assert_eq!(contract::Inspected::sent(&store).await.len(), 101, "nothing is sent twice or by what failed");
}

/// Panics after the commit, in the task that answers.
struct Bomb;

impl Decision for Bomb {
    type Answer = ();
    const DOING: &'static str = "blow up";

    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn decide(&self, _: &mut WorkingSet) {}
}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("planned");
    }
}

async fn a_queue_that_panics_is_the_failure_of_the_database(engine: Engine) {
    let (_home, store) = fresh(engine).await;
    store.decide(Bomb).await.unwrap();
    tokio::time::timeout(PATIENCE, store.database().clone().failed())
        .await
        .expect("nobody hears of the panic");
}

/// Looks at a booking that somebody else changes between the look and the commit, once.
struct Raced {
    moved: std::sync::atomic::AtomicBool,
}

impl Decision for Raced {
    type Answer = u32;
    const DOING: &'static str = "race";

    fn needs(&self) -> Needs {
        Needs { bookings: vec![booking_id(1)], ..Needs::default() }
    }

    fn decide(&self, set: &mut WorkingSet) -> u32 {
        let booking = set.booking(booking_id(1)).unwrap();
        let revision = booking.revision.get();
        if !self.moved.swap(true, std::sync::atomic::Ordering::SeqCst) {
            // What the set knows is older than the row.
            let stale = booking::Booking { revision: kernel::Revision::read(77).unwrap(), ..booking.clone() };
            *set = WorkingSet::from(booking::decision::Facts { bookings: vec![stale], ..Default::default() });
        }
        granted(&made(1), 1, at(0)).decide(set);
        revision
    }
}

async fn a_row_that_moved_is_decided_again(engine: Engine) {
    let (_home, store) = fresh(engine).await;
    store.decide(CreateBooking { booking: made(1), partition: 3, key: None }).await.unwrap();
    let seen = store.decide(Raced { moved: false.into() }).await.unwrap();
    let stored = store.booking(booking_id(1)).await.unwrap().unwrap();
    assert_eq!((seen, stored.revision.get(), stored.status()), (1, 2, Status::PendingPayment));
}

/// Counts how often it is decided.
struct Counted(u128, Arc<std::sync::atomic::AtomicUsize>);

impl Decision for Counted {
    type Answer = ();
    const DOING: &'static str = "count";

    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn decide(&self, set: &mut WorkingSet) {
        self.1.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        CreateBooking { booking: made(self.0), partition: 3, key: None }.decide(set);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_meets_a_full_disk_is_not_split() {
    const DECISIONS: usize = 200;
    let (_home, store) = fresh(Engine::Sqlite).await;
    // SQLite takes the present size for a smaller one.
    let fill = store.database.write((), |(), tx| Box::pin(tx.execute("PRAGMA max_page_count = 1", [])));
    fill.await.unwrap();
    let decided = Arc::default();
    let decisions = (1..=DECISIONS).map(|n| store.decide(Counted(n as u128, Arc::clone(&decided))));
    let outcomes = futures::future::join_all(decisions).await;
    assert!(outcomes.iter().any(Result::is_err), "the disk is full");
    assert_eq!(decided.load(std::sync::atomic::Ordering::SeqCst), DECISIONS);
}
