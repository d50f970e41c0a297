//! What every store must keep. Each check wants a fresh store.

use std::{future::Future, sync::Arc, time::Duration};

use kernel::{
    limits,
    message::{Envelope, Message, Selection},
    topic::{Action, Topic},
};
use stream::Outgoing;

use super::{at, booking, booking_id, buyer, event_id, event_on_sale, failed, grant_for, granted};
use crate::{
    AttemptId, Booking, CancelReason, ChargeAnswer, PaymentStatus, State, Status,
    app::{
        cancel::{CancelBooking, Cancelling},
        create_booking::{Creation, NewBooking},
        pay::{BeginPayment, Beginning, PayRefusal},
        settle_payment::{Report, Settled},
        working_set::RequestKey,
    },
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
    of_pay_cancel_and_expiry_one_wins(&*fresh().await).await;
    payments_are_found_settled_and_refunded(&*fresh().await).await;
    a_payment_key_names_one_attempt(&*fresh().await).await;
    expiry_is_never_early_and_waits_for_payments(&*fresh().await).await;
    stuck_bookings_end(&*fresh().await).await;
    history_is_paged_from_the_newest(&*fresh().await).await;
    events_and_keys_are_kept_and_forgotten(&*fresh().await).await;
}

fn new(booking: &Booking, key: Option<(&str, &str)>) -> NewBooking {
    let key = key.map(|(key, hash)| RequestKey { key: key.to_owned(), body_hash: hash.to_owned() });
    NewBooking { booking: booking.clone(), partition: 3, key }
}

async fn create<S: Inspected>(store: &S, n: u128) -> Booking {
    let booking = booking(n);
    assert_eq!(store.create(new(&booking, None)).await.unwrap(), Creation::Created(booking.clone()));
    booking
}

/// Booking `n`, granted hold 1 at time 0: to be paid by 100 000.
async fn pending<S: Inspected>(store: &S, n: u128) -> Booking {
    let booking = create(store, n).await;
    store.answer(vec![granted(&booking, 1)], at(0)).await.unwrap().remove(0)
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
    let begun = store.begin_payment(payment(booking, n, now)).await.unwrap();
    assert!(matches!(begun, Beginning::Begun(_)), "{begun:?}");
}

async fn settle<S: Inspected>(store: &S, n: u32, answer: ChargeAnswer, now: i64) -> Settled {
    store.settle_payment(Report { attempt_id: attempt(n), answer, now: at(now) }).await.unwrap()
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
    store.create(new(&manual, None)).await.unwrap();
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
    store.create(new(&first, Some(("monday", "a")))).await.unwrap();
    let mut again = booking(2);
    again.buyer_id = first.buyer_id;
    let repeated = store.create(new(&again, Some(("monday", "a")))).await.unwrap();
    assert_eq!(repeated, Creation::Repeated(first.clone()));
    let reused = store.create(new(&again, Some(("monday", "b")))).await.unwrap();
    assert_eq!(reused, Creation::KeyReused);
    let other_buyer = store.create(new(&booking(3), Some(("monday", "a")))).await.unwrap();
    assert!(matches!(other_buyer, Creation::Created(_)), "a key is its user's own");
    assert_eq!(store.booking(again.id).await.unwrap(), None);
    assert_eq!(store.sent().await.len(), 2);
}

async fn answers_count_once_and_orphans_go_back<S: Inspected>(store: &S) {
    let (held, none) = (create(store, 1).await, create(store, 2).await);
    let answers = vec![granted(&held, 1), failed(&none), granted(&held, 1), failed(&held)];
    let changed = store.answer(answers, at(50)).await.unwrap();
    assert_eq!(changed.len(), 2);
    let held = stored(store, &held).await;
    assert_eq!(held.grant(), Some(&grant_for(&held, 1, 2)));
    assert_eq!(held.pay_by(), Some(at(50) + super::WINDOW));
    assert!(
        matches!(stored(store, &none).await.state, State::Failed { failed_at, .. } if failed_at == at(50))
    );
    assert_eq!(store.sent().await.len(), 2, "nothing but the two requests");

    let gone = create(store, 3).await;
    store.cancel(cancel(&gone, 60)).await.unwrap();
    let late = vec![granted(&gone, 5), granted(&held, 9), granted(&booking(99), 3), granted(&held, 1)];
    assert_eq!(store.answer(late, at(70)).await.unwrap(), []);
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
    store.answer(vec![granted(&held, 1)], at(1)).await.unwrap();
    begin(store, &held, 1, 10).await;
    assert_eq!(revision().await, 2, "what changes nothing is no revision");
    let told = settle(store, 1, ChargeAnswer::Unknown, 20).await.known.unwrap().1;
    assert_eq!((told.revision.get(), revision().await), (3, 3), "what is answered is what is stored");
    settle(store, 1, ChargeAnswer::Declined, 30).await;
    assert_eq!(revision().await, 4);
    store.cancel(cancel(&held, 40)).await.unwrap();
    store.cancel(cancel(&held, 41)).await.unwrap();
    assert_eq!(revision().await, 5);
}

async fn of_pay_cancel_and_expiry_one_wins<S: Inspected>(store: &S) {
    let paid = pending(store, 1).await;
    begin(store, &paid, 1, 10).await;
    let settled = settle(store, 1, ChargeAnswer::Charged { at: at(20) }, 30).await;
    assert!(settled.changed);
    let refused = store.cancel(cancel(&paid, 40)).await.unwrap();
    assert!(matches!(refused, Cancelling::WrongState(wrong) if wrong.is == Status::Paid), "{refused:?}");
    assert_eq!(store.expire(at(1_000_000), 10).await.unwrap(), []);
    assert!(matches!(stored(store, &paid).await.state, State::Paid { paid_at, .. } if paid_at == at(30)));

    let given_back = pending(store, 2).await;
    begin(store, &given_back, 2, 10).await;
    let cancelled = store.cancel(cancel(&given_back, 20)).await.unwrap();
    assert!(
        matches!(&cancelled, Cancelling::Cancelled(b) if b.status() == Status::Cancelled),
        "{cancelled:?}"
    );
    let again = store.cancel(cancel(&given_back, 21)).await.unwrap();
    assert!(matches!(again, Cancelling::AlreadyCancelled(_)));
    let other = CancelBooking { buyer_id: buyer(9), ..cancel(&given_back, 22) };
    assert_eq!(store.cancel(other).await.unwrap(), Cancelling::NotFound);
    let late = settle(store, 2, ChargeAnswer::Charged { at: at(15) }, 30).await;
    let (_, closed) = late.known.unwrap();
    assert_eq!((closed.status(), closed.payment), (Status::Cancelled, Some(PaymentStatus::Refunding)));
    let refunds = store.refunds_due(10).await.unwrap();
    assert_eq!(refunds.len(), 1);
    assert_eq!((refunds[0].key(), refunds[0].amount.amount_minor), ("refund:pay_2".to_owned(), 6_000));
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
    let second = store.begin_payment(payment(&held, 2, 11)).await.unwrap();
    assert_eq!(second, Beginning::Refused(PayRefusal::PaymentUnderWay));
    assert_eq!(store.attempts_to_poll(at(11), 10).await.unwrap(), [], "the call is still running");
    settle(store, 1, ChargeAnswer::Unknown, 12).await;
    assert_eq!(stored(store, &held).await.payment, Some(PaymentStatus::Unknown));
    let due = store.attempts_to_poll(at(60_000), 10).await.unwrap();
    assert_eq!((due.len(), &due[0].id, due[0].polls), (1, &attempt(1), 1));
    assert!(
        store.attempts_to_poll(due[0].next_poll_at - Duration::from_millis(1), 10).await.unwrap().is_empty()
    );

    settle(store, 1, ChargeAnswer::Declined, 13).await;
    assert_eq!(stored(store, &held).await.payment, Some(PaymentStatus::Declined));
    assert!(store.attempts_to_poll(at(9_000_000), 10).await.unwrap().is_empty());
    begin(store, &held, 3, 14).await;
    let settled = settle(store, 3, ChargeAnswer::Charged { at: at(100_001) }, 100_002).await;
    assert!(settled.changed, "too late: cancelled, and the money goes back");
    let again = settle(store, 3, ChargeAnswer::Charged { at: at(100_001) }, 100_003).await;
    assert!(!again.changed);
    assert_eq!(store.refunds_due(10).await.unwrap().len(), 1);
    let shown = store.refunded(attempt(3)).await.unwrap().unwrap();
    assert_eq!((shown.status(), shown.payment), (Status::Cancelled, Some(PaymentStatus::Refunded)));
    assert_eq!(store.refunded(attempt(3)).await.unwrap(), None);
    assert!(store.refunds_due(10).await.unwrap().is_empty());
    let nobody = settle(store, 77, ChargeAnswer::Declined, 15).await;
    assert_eq!(nobody, Settled::default());
}

async fn a_payment_key_names_one_attempt<S: Inspected>(store: &S) {
    let held = pending(store, 1).await;
    begin(store, &held, 1, 10).await;
    let mut again = payment(&held, 1, 20);
    again.attempt_id = attempt(2);
    let repeated = store.begin_payment(again.clone()).await.unwrap();
    assert!(matches!(&repeated, Beginning::Repeated(first, _) if first.id == attempt(1)), "{repeated:?}");
    "other".clone_into(&mut again.key.body_hash);
    let reused = store.begin_payment(again.clone()).await.unwrap();
    assert_eq!(reused, Beginning::Refused(PayRefusal::KeyReused));
    again.buyer_id = buyer(5);
    assert_eq!(store.begin_payment(again).await.unwrap(), Beginning::Refused(PayRefusal::NotFound));

    let processing = create(store, 2).await;
    let early = store.begin_payment(payment(&processing, 5, 10)).await.unwrap();
    assert!(
        matches!(early, Beginning::Refused(PayRefusal::WrongState(wrong)) if wrong.is == Status::Processing)
    );
    let late = pending(store, 3).await;
    let late = store.begin_payment(payment(&late, 6, 100_000)).await.unwrap();
    assert_eq!(late, Beginning::Refused(PayRefusal::Expired), "the deadline itself is too late");
}

async fn expiry_is_never_early_and_waits_for_payments<S: Inspected>(store: &S) {
    let (plain, unknown) = (pending(store, 1).await, pending(store, 2).await);
    let (deferred, third) = (pending(store, 3).await, pending(store, 4).await);
    begin(store, &unknown, 2, 10).await;
    begin(store, &deferred, 3, 10).await;
    settle(store, 3, ChargeAnswer::Pending, 11).await;
    assert_eq!(store.next_deadline().await.unwrap(), Some(at(100_000)));
    assert_eq!(store.expire(at(99_999), 10).await.unwrap(), []);
    let mut ended: Vec<_> = Vec::new();
    for _ in 0..3 {
        let some = store.expire(at(100_000), 2).await.unwrap();
        assert!(some.len() <= 2);
        ended.extend(some.into_iter().map(|booking| booking.id));
    }
    ended.sort();
    assert_eq!(ended, [plain.id, deferred.id, third.id], "one whose payment is not known is kept");
    let kept_until = at(100_000) + limits::PAYMENT_UNKNOWN_GRACE;
    assert_eq!(store.expire(kept_until - Duration::from_millis(1), 10).await.unwrap(), []);
    assert_eq!(store.expire(kept_until, 10).await.unwrap().len(), 1);
    let shown = stored(store, &unknown).await;
    assert!(
        matches!(shown.state, State::Cancelled { reason: CancelReason::Expired, cancelled_at, .. } if cancelled_at == kept_until)
    );
    let late = settle(store, 2, ChargeAnswer::Charged { at: at(12) }, 1_000_000).await;
    assert_eq!(late.known.unwrap().1.payment, Some(PaymentStatus::Refunding));
    assert_eq!(store.next_deadline().await.unwrap(), None);
    let released = messages(store).await;
    let released = released.iter().filter(|m| matches!(m, Message::BookingExpiredReleaseTickets(_)));
    assert_eq!(released.count(), 4);
}

async fn stuck_bookings_end<S: Inspected>(store: &S) {
    let (stuck, answered) = (create(store, 1).await, pending(store, 2).await);
    assert_eq!(store.cancel_stuck(at(0), at(30_000), 10).await.unwrap(), []);
    let ended = store.cancel_stuck(at(1), at(30_001), 10).await.unwrap();
    assert_eq!(ended.iter().map(|booking| booking.id).collect::<Vec<_>>(), [stuck.id]);
    assert_eq!(ended[0].grant(), None);
    assert_eq!(stored(store, &answered).await.status(), Status::PendingPayment);
    assert_eq!(store.sent().await.len(), 2, "nothing is held, so nothing is released");
}

async fn history_is_paged_from_the_newest<S: Inspected>(store: &S) {
    for n in 1..=5 {
        let mut booking = booking(n);
        booking.buyer_id = buyer(if n == 3 { 8 } else { 7 });
        store.create(new(&booking, None)).await.unwrap();
        if n > 3 {
            store.answer(vec![failed(&booking)], at(5)).await.unwrap();
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
    assert_eq!(store.event(event_id()).await.unwrap(), None);
    let mut event = event_on_sale();
    store.put_event(event.clone(), at(1)).await.unwrap();
    assert_eq!(store.event(event_id()).await.unwrap().as_deref(), Some(&event));
    event.max_seats_per_booking = 2;
    store.put_event(event.clone(), at(2)).await.unwrap();
    assert_eq!(store.event(event_id()).await.unwrap().as_deref(), Some(&event));

    store.create(new(&booking(1), Some(("monday", "a")))).await.unwrap();
    store.forget_keys(at(0)).await.unwrap();
    let kept = store.create(new(&booking(1), Some(("monday", "a")))).await.unwrap();
    assert!(matches!(kept, Creation::Repeated(_)));
    store.forget_keys(at(1)).await.unwrap();
    let mut later = booking(2);
    later.buyer_id = buyer(1);
    let forgotten = store.create(new(&later, Some(("monday", "a")))).await.unwrap();
    assert!(matches!(forgotten, Creation::Created(_)), "{forgotten:?}");
}
