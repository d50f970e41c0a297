//! What every store must keep. Each check wants a fresh store.

use std::{future::Future, sync::Arc, time::Duration};

use kernel::{
    EventId, Money, Timestamp, UserId, limits,
    message::{Envelope, Failure, Message, Selection},
    topic::{Action, Topic},
};
use stream::Outgoing;

use super::{at, booking, booking_id, buyer, event_id, event_on_sale, failed, grant_for, granted};
use crate::{
    AttemptId, AttemptStatus, Booking, CancelReason, ChargeAnswer, Overdue, PaymentStatus, State, Status,
    app::{
        cancel::{CancelBooking, CancelOutcome},
        create_booking::{CreateBooking, CreateOutcome},
        event_on_sale::KeepOutline,
        expire::Expire,
        forget_keys::ForgetKeys,
        pay::{BeginOutcome, BeginPayment, PayRefusal},
        refund::NoteRefund,
        settle_payment::{Report, Settled},
    },
    decision::{Decision, Holdings, Needs, RequestKey, WorkingSet},
    ports::{BookingStore, History},
};

/// A store whose outgoing messages can be seen.
pub trait Inspected: BookingStore {
    /// Everything that was sent so far, in order.
    fn sent(&self) -> impl Future<Output = Vec<Outgoing>> + Send;
}

/// All checks, each on a store of its own.
pub async fn all<S: Inspected, F: Future<Output = Arc<S>>>(fresh: impl Fn() -> F) {
    a_booking_reads_back_with_its_request(&*fresh().await).await;
    a_key_gives_the_same_booking(&*fresh().await).await;
    answers_count_once_and_orphans_go_back(&*fresh().await).await;
    each_change_is_one_revision_more(&*fresh().await).await;
    each_field_that_may_change_is_stored(&*fresh().await).await;
    of_pay_cancel_and_expiry_one_wins(&*fresh().await).await;
    payments_are_found_settled_and_refunded(&*fresh().await).await;
    a_refund_that_fails_is_put_off_behind_the_others(&*fresh().await).await;
    a_payment_key_names_one_attempt(&*fresh().await).await;
    expiry_is_never_early_and_waits_for_payments(&*fresh().await).await;
    stuck_bookings_end(&*fresh().await).await;
    what_is_not_due_any_more_is_left_alone(&*fresh().await).await;
    decisions_of_all_kinds_share_a_batch(&*fresh().await).await;
    holdings_count_what_a_buyer_has(&*fresh().await).await;
    history_is_paged_from_the_newest(&*fresh().await).await;
    events_and_keys_are_kept_and_forgotten(&*fresh().await).await;
}

fn new(booking: &Booking, key: Option<(&str, &str)>) -> CreateBooking {
    let key = key.map(|(key, hash)| RequestKey { key: key.to_owned(), body_hash: hash.to_owned() });
    CreateBooking { booking: booking.clone(), partition: 3, key }
}

async fn create<S: Inspected>(store: &S, n: u128) -> Booking {
    let booking = booking(n);
    let created = store.decide(new(&booking, None)).await.unwrap();
    assert_eq!(created, CreateOutcome::Created(booking.clone()));
    booking
}

/// Booking `n`, granted hold 1 at time 0: to be paid by 100 000.
async fn pending<S: Inspected>(store: &S, n: u128) -> Booking {
    let booking = create(store, n).await;
    store.decide(granted(&booking, 1, at(0))).await.unwrap();
    stored(store, &booking).await
}

fn attempt(n: u32) -> AttemptId {
    AttemptId::new(format!("pay_{n}"))
}

fn payment(booking: &Booking, n: u32, now: i64) -> BeginPayment {
    BeginPayment {
        booking_id: booking.id,
        buyer_id: booking.buyer_id,
        method: "sandbox".to_owned(),
        key: RequestKey { key: format!("key-{n}"), body_hash: "same".to_owned() },
        attempt_id: attempt(n),
        now: at(now),
    }
}

async fn begin<S: Inspected>(store: &S, booking: &Booking, n: u32, now: i64) {
    let begun = store.decide(payment(booking, n, now)).await.unwrap();
    assert!(matches!(begun, BeginOutcome::Begun(_)), "{begun:?}");
}

async fn settle<S: Inspected>(store: &S, n: u32, answer: ChargeAnswer, now: i64) -> Settled {
    store.decide(Report { attempt_id: attempt(n), answer, now: at(now) }).await.unwrap()
}

/// Ends what is due, as a sweep does.
async fn end<S: Inspected>(store: &S, overdue: Overdue, now: Timestamp, limit: u32) -> Vec<Booking> {
    let due = store.due(overdue, now, limit).await.unwrap();
    let mut ended = Vec::new();
    for booking_id in due {
        let one = store.decide(Expire { booking_id, overdue, now }).await.unwrap();
        ended.push(one.expect("what is due is ended"));
    }
    ended
}

async fn expire<S: Inspected>(store: &S, now: Timestamp, limit: u32) -> Vec<Booking> {
    end(store, Overdue::Unpaid, now, limit).await
}

async fn stored<S: Inspected>(store: &S, booking: &Booking) -> Booking {
    store.booking(booking.id).await.unwrap().unwrap()
}

async fn messages<S: Inspected>(store: &S) -> Vec<Message> {
    store.sent().await.into_iter().map(|sent| Envelope::decode(sent.payload).unwrap().message).collect()
}

fn cancel(booking: &Booking, now: i64) -> CancelBooking {
    CancelBooking { booking_id: booking.id, buyer_id: booking.buyer_id, now: at(now) }
}

async fn a_booking_reads_back_with_its_request<S: Inspected>(store: &S) {
    let best = create(store, 1).await;
    let mut manual = booking(2);
    manual.asked.subsection = Some(1);
    manual.asked.selection = Selection::Manual { seats: grant_for(&manual, 1, 3).seats };
    manual.lane = kernel::topic::Lane::Own(manual.event_id);
    store.decide(new(&manual, None)).await.unwrap();
    assert_eq!(stored(store, &best).await, best);
    assert_eq!(stored(store, &manual).await, manual);
    assert_eq!(store.booking(booking_id(9)).await.unwrap(), None);
    let sent = store.sent().await;
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[1].topic, Topic::new(manual.lane, Action::TicketReserveRequest));
    assert_eq!(sent[1].partition, 3);
    let Message::TicketReservedRequest(request) = messages(store).await.remove(1) else {
        panic!("a request")
    };
    assert_eq!((request.booking_id, request.selection), (manual.id, manual.asked.selection));
}

async fn a_key_gives_the_same_booking<S: Inspected>(store: &S) {
    let first = booking(1);
    store.decide(new(&first, Some(("monday", "a")))).await.unwrap();
    let mut again = booking(2);
    again.buyer_id = first.buyer_id;
    let repeated = store.decide(new(&again, Some(("monday", "a")))).await.unwrap();
    assert_eq!(repeated, CreateOutcome::Repeated(first.clone()));
    let reused = store.decide(new(&again, Some(("monday", "b")))).await.unwrap();
    assert_eq!(reused, CreateOutcome::KeyReused);
    let other_buyer = store.decide(new(&booking(3), Some(("monday", "a")))).await.unwrap();
    assert!(matches!(other_buyer, CreateOutcome::Created(_)), "a key is its user's own");
    assert_eq!(store.booking(again.id).await.unwrap(), None);
    assert_eq!(store.sent().await.len(), 2);
}

async fn answers_count_once_and_orphans_go_back<S: Inspected>(store: &S) {
    let (held, none) = (create(store, 1).await, create(store, 2).await);
    let now = at(50);
    let answers =
        vec![granted(&held, 1, now), failed(&none, now), granted(&held, 1, now), failed(&held, now)];
    store.decide(answers).await.unwrap();
    let held = stored(store, &held).await;
    assert_eq!(held.grant(), Some(&grant_for(&held, 1, 2)));
    assert_eq!(held.pay_by(), Some(at(50) + super::WINDOW));
    assert!(
        matches!(stored(store, &none).await.state, State::Failed { failed_at, .. } if failed_at == at(50))
    );
    assert_eq!(store.sent().await.len(), 2, "nothing but the two requests");

    let gone = create(store, 3).await;
    store.decide(cancel(&gone, 60)).await.unwrap();
    let late = [(&gone, 5), (&held, 9), (&booking(99), 3), (&held, 1)];
    let late: Vec<_> = late.into_iter().map(|(booking, hold)| granted(booking, hold, at(70))).collect();
    store.decide(late).await.unwrap();
    assert_eq!(stored(store, &held).await, held, "no answer changes it");
    let released: Vec<_> = messages(store)
        .await
        .into_iter()
        .filter_map(|message| match message {
            Message::BookingExpiredReleaseTickets(grant) => {
                Some((grant.hold.booking_id, grant.hold.number, grant.seats.len()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(released, [(gone.id, 5, 2), (held.id, 9, 2), (booking_id(99), 3, 2)]);
}

async fn each_change_is_one_revision_more<S: Inspected>(store: &S) {
    let revision = async || store.booking(booking_id(1)).await.unwrap().unwrap().revision.get();
    let held = pending(store, 1).await;
    assert_eq!((held.revision.get(), revision().await), (2, 2), "made, then granted");
    store.decide(granted(&held, 1, at(1))).await.unwrap();
    begin(store, &held, 1, 10).await;
    assert_eq!(revision().await, 2, "what changes nothing is no revision");
    let answered = settle(store, 1, ChargeAnswer::Unknown, 20).await.known.unwrap().1;
    assert_eq!((answered.revision.get(), revision().await), (3, 3), "what is answered is what is stored");
    settle(store, 1, ChargeAnswer::Declined, 30).await;
    assert_eq!(revision().await, 4);
    store.decide(cancel(&held, 40)).await.unwrap();
    store.decide(cancel(&held, 41)).await.unwrap();
    assert_eq!(revision().await, 5);
}

/// Stores a booking in any state.
struct Put(Booking);

impl Decision for Put {
    type Answer = Booking;
    const DOING: &'static str = "put a booking";

    fn needs(&self) -> Needs {
        Needs { bookings: vec![self.0.id], ..Needs::default() }
    }

    fn decide(&self, set: &mut WorkingSet) -> Booking {
        set.put_booking(self.0.clone())
    }
}

async fn each_field_that_may_change_is_stored<S: Inspected>(store: &S) {
    let first = create(store, 1).await;
    // A new field does not compile here: one that may change belongs to the changes below.
    let Booking {
        id: _,
        buyer_id: _,
        event_id: _,
        lane: _,
        asked: _,
        created_at: _,
        revision: _,
        state: _,
        payment: _,
    } = &first;
    let (grant, mut other) = (grant_for(&first, 1, 2), grant_for(&first, 2, 3));
    other.unit_price = Money::new(500, "EUR".parse().unwrap());
    let held = Some((other.clone(), at(8)));
    let (failure, reason) = (Failure::SeatsTaken, CancelReason::Expired);
    let changes = [
        (State::PendingPayment { grant: grant.clone(), pay_by: at(1) }, Some(PaymentStatus::Unknown)),
        (State::PendingPayment { grant: other.clone(), pay_by: at(2) }, Some(PaymentStatus::Declined)),
        (State::Paid { grant: other, pay_by: at(3), paid_at: at(4) }, Some(PaymentStatus::Paid)),
        (State::Paid { grant, pay_by: at(5), paid_at: at(6) }, None),
        (State::Failed { failure, failed_at: at(7) }, None),
        (State::Failed { failure: Failure::NoSeatsLeft, failed_at: at(8) }, None),
        (State::Cancelled { held, reason, cancelled_at: at(9) }, Some(PaymentStatus::Refunded)),
        (State::Cancelled { held: None, reason: CancelReason::Buyer, cancelled_at: at(10) }, None),
        (State::Processing, None),
    ];
    for (state, payment) in changes {
        let put = store.decide(Put(Booking { state, payment, ..first.clone() })).await.unwrap();
        assert_eq!(stored(store, &first).await, put);
    }
}

async fn of_pay_cancel_and_expiry_one_wins<S: Inspected>(store: &S) {
    let paid = pending(store, 1).await;
    begin(store, &paid, 1, 10).await;
    let settled = settle(store, 1, ChargeAnswer::Charged { at: at(20) }, 30).await;
    assert!(settled.changed);
    let refused = store.decide(cancel(&paid, 40)).await.unwrap();
    assert!(matches!(refused, CancelOutcome::WrongState(wrong) if wrong.is == Status::Paid), "{refused:?}");
    assert_eq!(expire(store, at(1_000_000), 10).await, []);
    assert!(matches!(stored(store, &paid).await.state, State::Paid { paid_at, .. } if paid_at == at(30)));

    let given_back = pending(store, 2).await;
    begin(store, &given_back, 2, 10).await;
    let cancelled = store.decide(cancel(&given_back, 20)).await.unwrap();
    assert!(
        matches!(&cancelled, CancelOutcome::Cancelled(b) if b.status() == Status::Cancelled),
        "{cancelled:?}"
    );
    let again = store.decide(cancel(&given_back, 21)).await.unwrap();
    assert!(matches!(again, CancelOutcome::AlreadyCancelled(_)));
    let other = CancelBooking { buyer_id: buyer(9), ..cancel(&given_back, 22) };
    assert_eq!(store.decide(other).await.unwrap(), CancelOutcome::NotFound);
    let late = settle(store, 2, ChargeAnswer::Charged { at: at(15) }, 30).await;
    let (_, closed) = late.known.unwrap();
    assert_eq!((closed.status(), closed.payment), (Status::Cancelled, Some(PaymentStatus::Refunding)));
    let due = store.attempts_due(at(30), 10).await.unwrap();
    assert_eq!(due.iter().map(|due| due.status).collect::<Vec<_>>(), [AttemptStatus::Refunding]);
    let refund = due[0].refund();
    assert_eq!((refund.key(), refund.amount.amount_minor), ("refund:pay_2".to_owned(), 6_000));
    let ends: Vec<_> = messages(store)
        .await
        .into_iter()
        .filter_map(|message| match message {
            Message::BookingPaidSuccess(grant) => Some(("paid", grant.hold.booking_id)),
            Message::BookingExpiredReleaseTickets(grant) => Some(("released", grant.hold.booking_id)),
            _ => None,
        })
        .collect();
    assert_eq!(ends, [("paid", paid.id), ("released", given_back.id)]);
}

async fn payments_are_found_settled_and_refunded<S: Inspected>(store: &S) {
    let held = pending(store, 1).await;
    begin(store, &held, 1, 10).await;
    let second = store.decide(payment(&held, 2, 11)).await.unwrap();
    assert_eq!(second, BeginOutcome::Refused(PayRefusal::PaymentUnderWay));
    assert_eq!(store.attempts_due(at(11), 10).await.unwrap(), [], "the call is still running");
    settle(store, 1, ChargeAnswer::Unknown, 12).await;
    assert_eq!(stored(store, &held).await.payment, Some(PaymentStatus::Unknown));
    let due = store.attempts_due(at(60_000), 10).await.unwrap();
    assert_eq!((due.len(), &due[0].id, due[0].polls), (1, &attempt(1), 1));
    assert!(store.attempts_due(due[0].next_poll_at - Duration::from_millis(1), 10).await.unwrap().is_empty());

    settle(store, 1, ChargeAnswer::Declined, 13).await;
    assert_eq!(stored(store, &held).await.payment, Some(PaymentStatus::Declined));
    assert!(store.attempts_due(at(9_000_000), 10).await.unwrap().is_empty());
    begin(store, &held, 3, 14).await;
    let settled = settle(store, 3, ChargeAnswer::Charged { at: at(100_001) }, 100_002).await;
    assert!(settled.changed, "too late: cancelled, and the money goes back");
    let again = settle(store, 3, ChargeAnswer::Charged { at: at(100_001) }, 100_003).await;
    assert!(!again.changed);
    let made = NoteRefund { attempt_id: attempt(3), made: true, now: at(100_004) };
    let shown = store.decide(made.clone()).await.unwrap().unwrap();
    assert_eq!((shown.status(), shown.payment), (Status::Cancelled, Some(PaymentStatus::Refunded)));
    assert_eq!(store.decide(made).await.unwrap(), None);
    assert_eq!(store.attempts_due(at(9_000_000), 10).await.unwrap(), []);
    let nobody = settle(store, 77, ChargeAnswer::Declined, 15).await;
    assert_eq!(nobody, Settled::default());
}

async fn a_refund_that_fails_is_put_off_behind_the_others<S: Inspected>(store: &S) {
    for n in 1..=2 {
        let closed = pending(store, n.into()).await;
        begin(store, &closed, n, 10).await;
        store.decide(cancel(&closed, 20)).await.unwrap();
        settle(store, n, ChargeAnswer::Charged { at: at(15) }, 30).await;
    }
    let due = async |now| {
        let due = store.attempts_due(at(now), 1).await.unwrap();
        due.into_iter().next().map(|one| (one.id, one.polls))
    };
    let note = |n, made, now| NoteRefund { attempt_id: attempt(n), made, now: at(now) };
    assert_eq!(due(29).await, None);
    assert_eq!(due(30).await, Some((attempt(1), 0)));
    assert_eq!(store.decide(note(1, false, 40)).await.unwrap(), None);
    assert_eq!(due(9_000).await, Some((attempt(2), 0)), "the other is due for longer now");
    store.decide(note(2, true, 50)).await.unwrap();
    assert_eq!(due(439).await, None);
    assert_eq!(due(440).await, Some((attempt(1), 1)));
    store.decide(note(1, false, 440)).await.unwrap();
    assert_eq!(due(1_239).await, None, "the pause grows");
    assert_eq!(store.decide(note(1, true, 1_240)).await.unwrap().unwrap().id, booking_id(1));
    store.decide(note(1, false, 1_250)).await.unwrap();
    assert_eq!(due(9_000_000).await, None, "a late word of another process changes nothing");
}

async fn a_payment_key_names_one_attempt<S: Inspected>(store: &S) {
    let held = pending(store, 1).await;
    begin(store, &held, 1, 10).await;
    let mut again = payment(&held, 1, 20);
    again.attempt_id = attempt(2);
    let repeated = store.decide(again.clone()).await.unwrap();
    assert!(matches!(&repeated, BeginOutcome::Repeated(first, _) if first.id == attempt(1)), "{repeated:?}");
    "other".clone_into(&mut again.key.body_hash);
    let reused = store.decide(again.clone()).await.unwrap();
    assert_eq!(reused, BeginOutcome::Refused(PayRefusal::KeyReused));
    again.buyer_id = buyer(5);
    assert_eq!(store.decide(again).await.unwrap(), BeginOutcome::Refused(PayRefusal::NotFound));

    let processing = create(store, 2).await;
    let early = store.decide(payment(&processing, 5, 10)).await.unwrap();
    assert!(
        matches!(early, BeginOutcome::Refused(PayRefusal::WrongState(wrong)) if wrong.is == Status::Processing)
    );
    let late = pending(store, 3).await;
    let late = store.decide(payment(&late, 6, 100_000)).await.unwrap();
    assert_eq!(late, BeginOutcome::Refused(PayRefusal::Expired), "the deadline itself is too late");
}

async fn expiry_is_never_early_and_waits_for_payments<S: Inspected>(store: &S) {
    let (plain, unknown) = (pending(store, 1).await, pending(store, 2).await);
    let (deferred, third) = (pending(store, 3).await, pending(store, 4).await);
    begin(store, &unknown, 2, 10).await;
    begin(store, &deferred, 3, 10).await;
    settle(store, 3, ChargeAnswer::Pending, 11).await;
    assert_eq!(store.next_deadline(at(99_999)).await.unwrap(), Some(at(100_000)));
    assert_eq!(expire(store, at(99_999), 10).await, []);
    let mut ended: Vec<_> = Vec::new();
    for _ in 0..3 {
        let some = expire(store, at(100_000), 2).await;
        assert!(some.len() <= 2);
        ended.extend(some.into_iter().map(|booking| booking.id));
    }
    ended.sort();
    assert_eq!(ended, [plain.id, deferred.id, third.id], "one whose payment is not known is kept");
    assert_eq!(store.next_deadline(at(100_000)).await.unwrap(), None, "the kept one wakes nobody");
    let kept_until = at(100_000) + limits::PAYMENT_UNKNOWN_GRACE;
    assert_eq!(expire(store, kept_until - Duration::from_millis(1), 10).await, []);
    assert_eq!(expire(store, kept_until, 10).await.len(), 1);
    let shown = stored(store, &unknown).await;
    assert!(
        matches!(shown.state, State::Cancelled { reason: CancelReason::Expired, cancelled_at, .. } if cancelled_at == kept_until)
    );
    let late = settle(store, 2, ChargeAnswer::Charged { at: at(12) }, 1_000_000).await;
    assert_eq!(late.known.unwrap().1.payment, Some(PaymentStatus::Refunding));
    assert_eq!(store.next_deadline(at(0)).await.unwrap(), None);
    let released = messages(store).await;
    let released = released.iter().filter(|m| matches!(m, Message::BookingExpiredReleaseTickets(_)));
    assert_eq!(released.count(), 4);
}

async fn stuck_bookings_end<S: Inspected>(store: &S) {
    let (stuck, answered) = (create(store, 1).await, pending(store, 2).await);
    assert_eq!(end(store, Overdue::Unanswered, at(30_000), 10).await, []);
    let ended = end(store, Overdue::Unanswered, at(30_001), 10).await;
    assert_eq!(ended.iter().map(|booking| booking.id).collect::<Vec<_>>(), [stuck.id]);
    assert_eq!(ended[0].grant(), None);
    assert_eq!(stored(store, &answered).await.status(), Status::PendingPayment);
    assert_eq!(store.sent().await.len(), 2, "nothing is held, so nothing is released");
}

async fn what_is_not_due_any_more_is_left_alone<S: Inspected>(store: &S) {
    let (fresh, held, unknown) = (create(store, 1).await, pending(store, 2).await, pending(store, 3).await);
    begin(store, &unknown, 3, 10).await;
    let kept_until = at(100_000) + limits::PAYMENT_UNKNOWN_GRACE;
    let cases = [
        (&fresh, Overdue::Unanswered, at(30_000)),
        (&fresh, Overdue::Unpaid, at(9_000_000)),
        (&held, Overdue::Unpaid, at(99_999)),
        (&held, Overdue::Unanswered, at(9_000_000)),
        (&unknown, Overdue::Unpaid, kept_until - Duration::from_millis(1)),
    ];
    for (booking, overdue, now) in cases {
        let ended = store.decide(Expire { booking_id: booking.id, overdue, now }).await.unwrap();
        assert_eq!(ended, None, "{:?} {overdue:?} {now:?}", booking.status());
    }
    let none = Expire { booking_id: booking_id(9), overdue: Overdue::Unpaid, now: at(9_000_000) };
    assert_eq!(store.decide(none).await.unwrap(), None);
}

/// Concurrent calls may share a transaction; the outcome is that of one after another.
async fn decisions_of_all_kinds_share_a_batch<S: Inspected>(store: &S) {
    let mut held = Vec::new();
    for n in 1..=4 {
        held.push(pending(store, n).await);
    }
    begin(store, &held[0], 9, 10).await;
    let report = |n, answer| Report { attempt_id: attempt(n), answer, now: at(20) };
    let expiry = Expire { booking_id: held[1].id, overdue: Overdue::Unpaid, now: at(100_000) };
    let (first, again) = (new(&booking(5), Some(("k", "a"))), new(&booking(5), Some(("k", "a"))));
    // The attempt that is declined makes room for one whose id sorts before it.
    let (declined, tried_again, expired, refused, cancelled, created, repeated) = futures::join!(
        store.decide(report(9, ChargeAnswer::Declined)),
        store.decide(payment(&held[0], 1, 30)),
        store.decide(expiry),
        store.decide(cancel(&held[1], 40)),
        store.decide(cancel(&held[2], 40)),
        store.decide(first),
        store.decide(again),
    );
    assert!(declined.unwrap().changed);
    assert!(matches!(tried_again.unwrap(), BeginOutcome::Begun(_)));
    assert!(expired.unwrap().is_some());
    assert!(matches!(refused.unwrap(), CancelOutcome::WrongState(_)), "expiry was first");
    assert!(matches!(cancelled.unwrap(), CancelOutcome::Cancelled(_)));
    assert!(matches!(created.unwrap(), CreateOutcome::Created(_)));
    assert!(matches!(repeated.unwrap(), CreateOutcome::Repeated(_)));
    assert_eq!(stored(store, &held[3]).await, held[3], "nobody asked for it");
    let changed = stored(store, &held[0]).await;
    assert_eq!((changed.payment, changed.revision.get()), (Some(PaymentStatus::Declined), 3));
}

/// Books nothing; looks at what a buyer has, before and after `put`.
struct Count {
    of: (UserId, EventId),
    put: Option<Booking>,
}

impl Decision for Count {
    type Answer = [Option<Holdings>; 2];
    const DOING: &'static str = "count";

    fn needs(&self) -> Needs {
        let bookings = self.put.iter().map(|booking| booking.id).collect();
        Needs { holdings: vec![self.of], bookings, ..Needs::default() }
    }

    fn decide(&self, set: &mut WorkingSet) -> Self::Answer {
        let before = set.holdings(self.of.0, self.of.1);
        if let Some(booking) = &self.put {
            set.put_booking(booking.clone());
        }
        [before, set.holdings(self.of.0, self.of.1)]
    }
}

async fn holdings_count_what_a_buyer_has<S: Inspected>(store: &S) {
    let of_one = |n: u128| Booking { buyer_id: buyer(1), ..booking(n) };
    let mut all = Vec::new();
    for n in 1..=5 {
        store.decide(new(&of_one(n), None)).await.unwrap();
        all.push(of_one(n));
    }
    for booking in &all[1..4] {
        store.decide(granted(booking, 1, at(0))).await.unwrap();
    }
    begin(store, &all[1], 1, 10).await;
    settle(store, 1, ChargeAnswer::Charged { at: at(20) }, 30).await;
    store.decide(cancel(&all[2], 40)).await.unwrap();
    store.decide(failed(&all[4], at(50))).await.unwrap();
    create(store, 6).await;

    let of = (buyer(1), event_id());
    let has = Some(Holdings { asked: 2, held: 2, bought: 2 });
    let ended = stored(store, &all[3]).await.cancelled(CancelReason::Buyer, at(60)).unwrap();
    let [before, after] = store.decide(Count { of, put: Some(ended) }).await.unwrap();
    assert_eq!(
        (before, after),
        (has, Some(Holdings { asked: 2, held: 0, bought: 2 })),
        "kept up to date in the set"
    );
    let [before, after] = store.decide(Count { of, put: Some(of_one(7)) }).await.unwrap();
    assert_eq!(
        (before, after),
        (Some(Holdings { asked: 2, held: 0, bought: 2 }), Some(Holdings { asked: 4, held: 0, bought: 2 }))
    );
    let [nobody, _] = store.decide(Count { of: (buyer(8), event_id()), put: None }).await.unwrap();
    assert_eq!(nobody, Some(Holdings::default()));
}

async fn history_is_paged_from_the_newest<S: Inspected>(store: &S) {
    for n in 1..=5 {
        let mut booking = booking(n);
        booking.buyer_id = buyer(if n == 3 { 8 } else { 7 });
        store.decide(new(&booking, None)).await.unwrap();
        if n > 3 {
            store.decide(failed(&booking, at(5))).await.unwrap();
        }
    }
    let page = async |before: Option<u128>, status, limit| {
        let page = History { buyer_id: buyer(7), status, before: before.map(booking_id), limit };
        store.history(page).await.unwrap().iter().map(|booking| booking.id).collect::<Vec<_>>()
    };
    assert_eq!(page(None, None, 2).await, [booking_id(5), booking_id(4)]);
    assert_eq!(page(Some(4), None, 9).await, [booking_id(2), booking_id(1)]);
    assert_eq!(page(None, Some(Status::Failed), 9).await, [booking_id(5), booking_id(4)]);
    assert!(page(None, Some(Status::Paid), 9).await.is_empty());
}

async fn events_and_keys_are_kept_and_forgotten<S: Inspected>(store: &S) {
    assert_eq!(store.event(event_id(), Duration::ZERO).await.unwrap(), None);
    let mut event = event_on_sale();
    store.decide(KeepOutline { event: event.clone(), at: at(1) }).await.unwrap();
    assert_eq!(store.event(event_id(), Duration::ZERO).await.unwrap().as_deref(), Some(&event));
    event.max_seats_per_booking = 2;
    store.decide(KeepOutline { event: event.clone(), at: at(2) }).await.unwrap();
    assert_eq!(store.event(event_id(), Duration::ZERO).await.unwrap().as_deref(), Some(&event));

    store.decide(new(&booking(1), Some(("monday", "a")))).await.unwrap();
    store.decide(ForgetKeys { before: at(0) }).await.unwrap();
    let kept = store.decide(new(&booking(1), Some(("monday", "a")))).await.unwrap();
    assert!(matches!(kept, CreateOutcome::Repeated(_)));
    store.decide(ForgetKeys { before: at(1) }).await.unwrap();
    let mut later = booking(2);
    later.buyer_id = buyer(1);
    let forgotten = store.decide(new(&later, Some(("monday", "a")))).await.unwrap();
    assert!(matches!(forgotten, CreateOutcome::Created(_)), "{forgotten:?}");
}
