//! The use cases on in-memory ports: the store's contract, stories of payments, and random
//! interleavings with the money counted.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::Poll,
};

use futures::{executor::block_on, future::BoxFuture};
use kernel::{BookingId, Clock as _, Fault, UserId, testing::HandClock};
use proptest::prelude::*;

use super::{
    cancel::CancelOutcome,
    create_booking::CreateOutcome,
    pay::{PayOutcome, PayRefusal},
};
use crate::{
    AttemptId, Booking, BookingRequest, Bookings, ChargeAnswer, Mode, PaymentAttempt, PaymentMethod,
    PaymentStatus, Refund, Status,
    decision::{Decision, Needs, RequestKey, WorkingSet},
    ports::{BookingStore, Charge, Found, PaymentProvider},
    testing::{
        Heard, MemoryStore, Reminders, ScriptedProvider, WINDOW, at, booking_id, buyer, contract,
        event_on_sale, granted, provider_contract,
    },
};

impl contract::Inspected for MemoryStore {
    async fn sent(&self) -> Vec<stream::Outgoing> {
        Self::sent(self)
    }
}

#[test]
fn the_memory_store_keeps_the_contract() {
    block_on(contract::all(|| async { Arc::new(MemoryStore::default()) }));
}

impl provider_contract::Till for (Arc<ScriptedProvider>, Arc<HandClock>) {
    fn provider(&self) -> &dyn PaymentProvider {
        &*self.0
    }

    fn clock(&self) -> &HandClock {
        &self.1
    }

    async fn balance(&self) -> i64 {
        self.0.balance()
    }
}

#[test]
fn the_scripted_provider_keeps_the_contract() {
    let tokens =
        provider_contract::Tokens { charges: "success", declines: "decline", late: "pending", lost: "lost" };
    block_on(provider_contract::all(tokens, || async {
        let clock = Arc::new(HandClock::default());
        (Arc::new(ScriptedProvider::new(clock.clone())), clock)
    }));
}

/// Two seats, the best of section A.
fn request() -> BookingRequest {
    BookingRequest {
        section: "A".to_owned(),
        subsection: None,
        mode: Mode::BestAvailable { quantity: 2 },
        partial: kernel::message::Partial::Accept,
    }
}

struct Rig {
    bookings: Bookings<MemoryStore>,
    clock: Arc<HandClock>,
    heard: Arc<Heard>,
    reminders: Arc<Reminders>,
    provider: Arc<ScriptedProvider>,
}

impl Rig {
    fn new() -> Self {
        Self::calling(|scripted| scripted)
    }

    /// Booking calls the scripted provider through another.
    fn calling<P: PaymentProvider>(by: impl FnOnce(Arc<ScriptedProvider>) -> Arc<P>) -> Self {
        let clock = Arc::new(HandClock::default());
        let (heard, reminders) = (Arc::new(Heard::default()), Arc::new(Reminders::default()));
        let provider = Arc::new(ScriptedProvider::new(clock.clone()));
        let bookings = Bookings::new(
            Arc::new(MemoryStore::default()),
            by(provider.clone()),
            clock.clone(),
            heard.clone(),
            reminders.clone(),
            WINDOW,
        );
        Self { bookings, clock, heard, reminders, provider }
    }

    async fn held(&self, n: u128) -> (BookingId, UserId) {
        self.held_under(n, None).await
    }

    /// A hold that was asked for under this key.
    async fn held_under(&self, n: u128, key: Option<RequestKey>) -> (BookingId, UserId) {
        let created = self.bookings.create(booking_id(n), buyer(n), &event_on_sale(), request(), key).await;
        let CreateOutcome::Created(booking) = created.unwrap() else { panic!("a good request") };
        self.granted(&booking, 1).await;
        (booking.id, booking.buyer_id)
    }

    /// What the projection does with an answer of the seat engine.
    async fn granted(&self, booking: &Booking, number: u64) {
        let store = self.bookings.store();
        store.decide(granted(booking, number, self.clock.now())).await.unwrap();
        self.bookings.notify(&[self.shown(booking.id).await]);
    }

    async fn pay(&self, (id, buyer): (BookingId, UserId), method: &str, key: u32) -> PayOutcome {
        let key_of = RequestKey { key: format!("key-{key}"), body_hash: method.to_owned() };
        let attempt = AttemptId::new(format!("pay_{key}"));
        self.bookings.pay(id, buyer, method.to_owned(), key_of, attempt).await.unwrap()
    }

    async fn shown(&self, id: BookingId) -> Booking {
        self.bookings.store().booking(id).await.unwrap().unwrap()
    }
}

#[test]
fn a_declined_payment_may_be_tried_again_and_a_paid_one_is_final() {
    block_on(async {
        let rig = Rig::new();
        let held = rig.held(1).await;
        assert_eq!(*rig.reminders.0.lock().unwrap(), [at(0) + WINDOW]);
        for _ in 0..2 {
            assert_eq!(rig.pay(held, "decline", 1).await, PayOutcome::Refused(PayRefusal::Declined));
        }
        assert_eq!(rig.pay(held, "success", 1).await, PayOutcome::Refused(PayRefusal::KeyReused));
        for _ in 0..2 {
            assert!(
                matches!(rig.pay(held, "success", 2).await, PayOutcome::Paid(b) if b.status() == Status::Paid)
            );
        }
        assert!(rig.reminders.1.lock().unwrap().is_empty(), "its deadline is of no more interest");
        let again = rig.pay(held, "success", 3).await;
        assert!(
            matches!(again, PayOutcome::Refused(PayRefusal::WrongState(wrong)) if wrong.is == Status::Paid)
        );
        assert_eq!(rig.provider.balance(), 6_000);
        let got: Vec<Status> = rig.heard.0.lock().unwrap().iter().map(Booking::status).collect();
        assert_eq!(
            got,
            [Status::Processing, Status::PendingPayment, Status::PendingPayment, Status::Paid],
            "the second pending_payment shows the declined payment"
        );
    });
}

#[test]
fn a_lost_answer_is_found_again_and_a_call_that_never_arrived_is_voided() {
    block_on(async {
        let rig = Rig::new();
        let (lost, nowhere) = (rig.held(1).await, rig.held(2).await);
        assert!(matches!(rig.pay(lost, "lost", 1).await, PayOutcome::NotKnownYet(_)));
        assert!(matches!(rig.pay(nowhere, "nowhere", 2).await, PayOutcome::NotKnownYet(_)));
        rig.clock.set(at(5_000));
        rig.bookings.poll_payments().await.unwrap();
        assert_eq!(rig.shown(lost.0).await.status(), Status::Paid);
        assert_eq!(rig.pay(nowhere, "success", 3).await, PayOutcome::Refused(PayRefusal::PaymentUnderWay));
        rig.clock.set(at(20_000));
        rig.bookings.poll_payments().await.unwrap();
        assert_eq!(rig.shown(nowhere.0).await.payment, Some(PaymentStatus::Voided));
        assert!(matches!(rig.pay(nowhere, "success", 3).await, PayOutcome::Paid(_)));
        assert_eq!(rig.provider.balance(), 12_000);
    });
}

#[test]
fn money_that_comes_too_late_goes_back() {
    block_on(async {
        let rig = Rig::new();
        let held = rig.held(1).await;
        assert!(matches!(rig.pay(held, "pending", 1).await, PayOutcome::NotKnownYet(_)));
        rig.clock.set(at(0) + WINDOW);
        assert_eq!(rig.bookings.expire().await.unwrap(), 1);
        assert_eq!(rig.pay(held, "success", 2).await, PayOutcome::Refused(PayRefusal::Expired));
        rig.clock.set(at(200_000));
        for shown in [PaymentStatus::Refunding, PaymentStatus::Refunded] {
            rig.bookings.poll_payments().await.unwrap();
            assert_eq!(rig.shown(held.0).await.payment, Some(shown));
        }
        assert_eq!(rig.shown(held.0).await.status(), Status::Cancelled);
        assert_eq!(rig.provider.balance(), 0);
    });
}

#[test]
fn refunds_that_fail_are_put_off_and_hold_up_no_other() {
    const REFUSED: usize = kernel::limits::PAYMENTS_PER_ROUND as usize;
    block_on(async {
        let rig = Rig::new();
        rig.provider.refuse_refunds(REFUSED);
        for n in 0..=REFUSED {
            let held = rig.held(n as u128).await;
            rig.pay(held, "pending", u32::try_from(n).unwrap()).await;
        }
        rig.clock.set(at(200_000));
        while rig.bookings.expire().await.unwrap() > 0 {}
        for _ in 0..10 {
            rig.bookings.poll_payments().await.unwrap();
        }
        let kept = 6_000 * i64::try_from(REFUSED).unwrap();
        assert_eq!(rig.provider.balance(), kept, "the one behind those that fail is made");
        assert_eq!(rig.provider.refusals() as usize, REFUSED, "each is asked for once, and then waits");
        rig.clock.set(at(201_000));
        rig.bookings.poll_payments().await.unwrap();
        assert_eq!(rig.provider.refusals() as usize, 2 * REFUSED, "none is given up");
    });
}

/// A provider that takes its time to look up a charge, and counts the calls that run at once.
struct Slow {
    scripted: Arc<ScriptedProvider>,
    running: AtomicUsize,
    most: AtomicUsize,
}

impl PaymentProvider for Slow {
    fn methods(&self) -> Vec<PaymentMethod> {
        self.scripted.methods()
    }

    fn accepts(&self, method: &str) -> bool {
        self.scripted.accepts(method)
    }

    fn charge(&self, charge: Charge) -> BoxFuture<'_, Result<ChargeAnswer, Fault>> {
        self.scripted.charge(charge)
    }

    fn find(&self, key: AttemptId) -> BoxFuture<'_, Result<Found, Fault>> {
        Box::pin(async {
            self.most.fetch_max(1 + self.running.fetch_add(1, SeqCst), SeqCst);
            let mut polls = 0..10;
            poll_fn(|cx| {
                cx.waker().wake_by_ref();
                if polls.next().is_some() { Poll::Pending } else { Poll::Ready(()) }
            })
            .await;
            self.running.fetch_sub(1, SeqCst);
            self.scripted.find(key).await
        })
    }

    fn void(&self, key: AttemptId) -> BoxFuture<'_, Result<ChargeAnswer, Fault>> {
        self.scripted.void(key)
    }

    fn refund(&self, refund: Refund) -> BoxFuture<'_, Result<(), Fault>> {
        self.scripted.refund(refund)
    }
}

#[test]
fn a_round_calls_a_slow_provider_about_several_payments_at_once() {
    block_on(async {
        let mut slow = None;
        let rig = Rig::calling(|scripted| {
            let one = Arc::new(Slow { scripted, running: 0.into(), most: 0.into() });
            Arc::clone(slow.insert(one))
        });
        for n in 1..=20 {
            let held = rig.held(n.into()).await;
            rig.pay(held, "lost", n).await;
        }
        rig.clock.set(at(5_000));
        let round: BoxFuture<'_, _> = Box::pin(rig.bookings.poll_payments());
        assert_eq!(round.await.unwrap(), 20);
        assert_eq!(slow.unwrap().most.load(SeqCst), kernel::limits::PROVIDER_CALLS);
        assert_eq!(rig.shown(booking_id(20)).await.status(), Status::Paid);
    });
}

#[test]
fn money_that_is_in_or_goes_back_is_shown_whatever_another_attempt_does() {
    block_on(async {
        for (cancels, shown) in [(false, PaymentStatus::Paid), (true, PaymentStatus::Refunding)] {
            let rig = Rig::new();
            let held = rig.held(1).await;
            rig.pay(held, "decline", 1).await;
            rig.pay(held, "nowhere", 2).await;
            if cancels {
                rig.bookings.cancel(held.0, held.1).await.unwrap();
            }
            let reported = async |n, answer| {
                rig.bookings.payment_reported(AttemptId::new(format!("pay_{n}")), answer).await.unwrap();
                rig.shown(held.0).await.payment
            };
            assert_eq!(reported(1, ChargeAnswer::Charged { at: at(1) }).await, Some(shown));
            for answer in [ChargeAnswer::Unknown, ChargeAnswer::Pending, ChargeAnswer::Declined] {
                assert_eq!(reported(2, answer).await, Some(shown), "{answer:?}");
            }
        }
    });
}

/// Opens two attempts of one booking at once.
struct PayTwice;

impl Decision for PayTwice {
    type Answer = ();
    const DOING: &'static str = "pay twice";

    fn needs(&self) -> Needs {
        Needs { attempts_of: vec![booking_id(1)], ..Needs::default() }
    }

    fn decide(&self, set: &mut WorkingSet) {
        let open = set.attempts_of(booking_id(1)).next().unwrap().clone();
        set.put_attempt(PaymentAttempt { id: AttemptId::new("second"), ..open });
    }
}

#[test]
#[should_panic(expected = "at most one open attempt")]
fn the_memory_store_refuses_a_second_open_attempt_of_a_booking() {
    block_on(async {
        let rig = Rig::new();
        let held = rig.held(1).await;
        rig.pay(held, "nowhere", 1).await;
        rig.bookings.store().decide(PayTwice).await.unwrap();
    });
}

#[test]
fn a_key_that_named_a_booking_is_free_for_its_payment() {
    block_on(async {
        let rig = Rig::new();
        let key = RequestKey { key: "key-1".to_owned(), body_hash: "a booking".to_owned() };
        let held = rig.held_under(1, Some(key)).await;
        assert!(matches!(rig.pay(held, "success", 1).await, PayOutcome::Paid(_)));
    });
}

#[test]
fn a_key_is_remembered_for_its_lifetime_and_not_for_ever() {
    block_on(async {
        let rig = Rig::new();
        let lifetime = kernel::limits::IDEMPOTENCY_KEY_LIFETIME;
        let create = async |n| {
            let key = RequestKey { key: "monday".to_owned(), body_hash: "same".to_owned() };
            let created =
                rig.bookings.create(booking_id(n), buyer(1), &event_on_sale(), request(), Some(key)).await;
            match created.unwrap() {
                CreateOutcome::Created(booking) | CreateOutcome::Repeated(booking) => booking.id,
                refused => panic!("a good request: {refused:?}"),
            }
        };
        assert_eq!(create(1).await, booking_id(1));
        for (since, n, expected) in [(std::time::Duration::ZERO, 2, 1), (lifetime, 3, 1)] {
            rig.clock.set(at(0) + since);
            rig.bookings.forget_old_keys().await.unwrap();
            assert_eq!(create(n).await, booking_id(expected), "after {since:?}");
        }
        rig.clock.set(at(1) + lifetime);
        rig.bookings.forget_old_keys().await.unwrap();
        assert_eq!(create(4).await, booking_id(4), "the key is free again");
    });
}

#[derive(Debug, Clone)]
enum Move {
    Pay(&'static str),
    Cancel,
    Expire,
    Poll,
    Report,
    AnswerAgain(u64),
    Wait(i64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let methods = prop::sample::select(vec!["success", "decline", "pending", "lost", "nowhere"]);
    let one = prop_oneof![
        3 => methods.prop_map(Move::Pay),
        1 => Just(Move::Cancel),
        2 => Just(Move::Expire),
        2 => Just(Move::Poll),
        1 => Just(Move::Report),
        1 => (1_u64..3).prop_map(Move::AnswerAgain),
        4 => (0_i64..150_000).prop_map(Move::Wait),
    ];
    prop::collection::vec(one, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// I7, I8, I9: whatever happens in whatever order, one end wins, nothing leaves an end, and the
    /// provider holds exactly the totals of what is paid.
    #[test]
    fn money_is_right_in_every_order_of_events(moves in moves()) {
        block_on(async {
            let rig = Rig::new();
            let held = rig.held(1).await;
            let mut clock = 0;
            let mut end = None;
            for (n, step) in (1..).zip(moves) {
                match step {
                    Move::Pay(method) => { rig.pay(held, method, n).await; }
                    Move::Cancel => {
                        let outcome = rig.bookings.cancel(held.0, held.1).await.unwrap();
                        assert!(!matches!(outcome, CancelOutcome::NotFound));
                    }
                    Move::Expire => { rig.bookings.expire().await.unwrap(); }
                    Move::Poll => { rig.bookings.poll_payments().await.unwrap(); }
                    Move::Report => {
                        let answer = ChargeAnswer::Declined;
                        rig.bookings.payment_reported(AttemptId::new("pay_none"), answer).await.unwrap();
                    }
                    Move::AnswerAgain(number) => {
                        let booking = rig.shown(held.0).await;
                        rig.granted(&booking, number).await;
                    }
                    Move::Wait(millis) => { clock += millis; rig.clock.set(at(clock)); }
                }
                let status = rig.shown(held.0).await.status();
                if let Some(end) = end {
                    assert_eq!(status, end, "an end is an end");
                }
                end = matches!(status, Status::Paid | Status::Cancelled).then_some(status);
            }
            for _ in 0..40 {
                clock += 100_000;
                rig.clock.set(at(clock));
                rig.bookings.expire().await.unwrap();
                rig.bookings.poll_payments().await.unwrap();
            }
            let last = rig.shown(held.0).await;
            let due = if last.status() == Status::Paid { 6_000 } else { 0 };
            assert!(matches!(last.status(), Status::Paid | Status::Cancelled));
            assert_eq!(rig.provider.balance(), due, "{last:?}");
        });
    }
}
