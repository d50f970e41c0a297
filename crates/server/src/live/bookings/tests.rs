//! Buyers receive every change of their own bookings, in order, whenever they connect.

use futures::FutureExt as _;
use uuid::Uuid;

use super::*;

/// A booking's first, second and third revision.
#[derive(Debug, Clone, Copy)]
enum Stage {
    Processing = 1,
    PendingPayment,
    Final,
}

/// The truth, which a test changes.
#[derive(Default)]
struct Truth(Mutex<Vec<Update>>);

impl Truth {
    fn set(&self, update: &Update) {
        let mut all = self.0.lock();
        all.retain(|other| other.booking_id != update.booking_id);
        all.push(update.clone());
    }
}

impl OwnBookings for Truth {
    fn of_buyer(&self, buyer: UserId, recent: bool) -> BoxFuture<'_, Result<Vec<Update>, Fault>> {
        let all = self.0.lock().clone();
        let open = |update: &Update| update.revision < revision(Final);
        let mine = all.into_iter().filter(|u| u.buyer_id == buyer && (recent || open(u))).collect();
        Box::pin(async move { Ok(mine) })
    }

    fn one(&self, buyer: UserId, booking: BookingId) -> BoxFuture<'_, Result<Option<Update>, Fault>> {
        let all = self.0.lock().clone();
        let one = all.into_iter().find(|update| update.buyer_id == buyer && update.booking_id == booking);
        Box::pin(async move { Ok(one) })
    }
}

fn buyer(number: u128) -> UserId {
    UserId::new(Uuid::from_u128(number))
}

fn revision(stage: Stage) -> Revision {
    Revision::read(stage as i64).unwrap()
}

fn update(booking: u128, buyer_number: u128, stage: Stage) -> Update {
    Update {
        booking_id: BookingId::new(Uuid::from_u128(booking)),
        buyer_id: buyer(buyer_number),
        revision: revision(stage),
        decided: !matches!(stage, Processing),
        json: format!("{{\"b\":{booking},\"s\":\"{stage:?}\"}}").into(),
    }
}

struct Rig {
    hub: Arc<BookingHub>,
    truth: Arc<Truth>,
}

impl Rig {
    fn new() -> Self {
        Self { hub: Arc::default(), truth: Arc::default() }
    }

    fn commit(&self, update: &Update) {
        self.truth.set(update);
        self.hub.notify(update);
    }

    fn watch(&self, only: Option<u128>, last: Option<&str>) -> BookingStream {
        let only = only.map(|n| BookingId::new(Uuid::from_u128(n)));
        self.hub.watch(buyer(1), only, last, Arc::<Truth>::clone(&self.truth))
    }
}

/// What waits for the stream: its data and events without the ids, and the last id.
fn heard(stream: &mut BookingStream) -> (Vec<String>, Option<String>) {
    let (mut lines, mut id) = (Vec::new(), None);
    while let Some(bytes) = stream.next().now_or_never() {
        for line in String::from_utf8(bytes.unwrap().to_vec()).unwrap().lines() {
            match line.split_once(": ") {
                Some(("id", seen)) => id = Some(seen.to_owned()),
                Some(("data", data)) if data != "{}" => lines.push(data.to_owned()),
                Some(("event", "reset")) => lines.push("reset".to_owned()),
                _ => {}
            }
        }
    }
    (lines, id)
}

fn lines(expected: &[&str]) -> Vec<String> {
    expected.iter().map(|&line| line.to_owned()).collect()
}

use Stage::{Final, PendingPayment, Processing};

#[tokio::test]
async fn a_buyer_hears_the_present_and_then_every_change_of_own_bookings() {
    let rig = Rig::new();
    rig.commit(&update(1, 1, Processing));
    rig.commit(&update(2, 1, Final));
    rig.commit(&update(3, 2, Processing));
    let mut stream = rig.watch(None, None);
    assert_eq!(heard(&mut stream).0, lines(&[r#"{"b":1,"s":"Processing"}"#]));
    rig.commit(&update(1, 1, PendingPayment));
    rig.commit(&update(3, 2, PendingPayment));
    rig.commit(&update(4, 1, Processing));
    let expected = [r#"{"b":1,"s":"PendingPayment"}"#, r#"{"b":4,"s":"Processing"}"#];
    assert_eq!(heard(&mut stream).0, lines(&expected));
}

#[tokio::test]
async fn a_stream_of_one_booking_speaks_of_no_other() {
    let rig = Rig::new();
    rig.commit(&update(1, 1, Processing));
    rig.commit(&update(2, 1, Processing));
    let mut stream = rig.watch(Some(2), None);
    rig.commit(&update(1, 1, PendingPayment));
    rig.commit(&update(2, 1, PendingPayment));
    let heard = heard(&mut stream).0;
    assert!(heard.iter().all(|line| line.contains("\"b\":2")), "{heard:?}");
    assert_eq!(heard.last().unwrap(), r#"{"b":2,"s":"PendingPayment"}"#);
}

#[tokio::test]
async fn news_that_come_late_do_not_turn_a_booking_back() {
    let rig = Rig::new();
    let mut early = rig.watch(None, None);
    assert!(heard(&mut early).0.is_empty());
    // The truth is ahead of the updates, and the updates come in the wrong order.
    rig.truth.set(&update(1, 1, PendingPayment));
    let mut late = rig.watch(None, None);
    assert_eq!(heard(&mut late).0, lines(&[r#"{"b":1,"s":"PendingPayment"}"#]));
    rig.hub.notify(&update(1, 1, Processing));
    rig.hub.notify(&update(1, 1, Final));
    rig.hub.notify(&update(1, 1, Final));
    rig.hub.notify(&update(1, 1, PendingPayment));
    assert_eq!(heard(&mut early).0, lines(&[r#"{"b":1,"s":"Processing"}"#, r#"{"b":1,"s":"Final"}"#]));
    assert_eq!(heard(&mut late).0, lines(&[r#"{"b":1,"s":"Final"}"#]));
}

#[tokio::test]
async fn who_comes_back_gets_what_was_missed() {
    let rig = Rig::new();
    let mut stream = rig.watch(None, None);
    rig.commit(&update(1, 1, Processing));
    let (_, id) = heard(&mut stream);
    drop(stream);
    rig.commit(&update(1, 1, PendingPayment));
    rig.commit(&update(1, 1, Final));
    let mut back = rig.watch(None, id.as_deref());
    assert_eq!(heard(&mut back).0, lines(&[r#"{"b":1,"s":"PendingPayment"}"#, r#"{"b":1,"s":"Final"}"#]));
    for unknown in ["rubbish", "00000000.1", "ffffffff.9"] {
        let mut stranger = rig.watch(None, Some(unknown));
        assert_eq!(heard(&mut stranger).0, lines(&["reset", r#"{"b":1,"s":"Final"}"#]), "{unknown}");
    }
}

#[tokio::test]
async fn a_slow_stream_is_reset_to_the_present() {
    let rig = Rig::new();
    let mut slow = rig.watch(None, None);
    assert!(heard(&mut slow).0.is_empty());
    for booking in 0..300 {
        rig.commit(&update(booking, 1, Processing));
    }
    let heard = heard(&mut slow).0;
    assert_eq!((heard.len(), heard[0].as_str()), (301, "reset"));
    assert!(slow.cell.state.lock().frames.len() <= limits::FRAMES_KEPT_PER_BUYER);
}

#[tokio::test(start_paused = true)]
async fn a_buyer_without_streams_is_forgotten_after_a_while() {
    let rig = Rig::new();
    tokio::spawn(Arc::clone(&rig.hub).sweep());
    let known = || rig.hub.buyers.iter().map(|shard| shard.lock().len()).sum::<usize>();
    let stream = rig.watch(None, None);
    tokio::time::sleep(3 * limits::FRAMES_KEPT_FOR).await;
    assert_eq!(known(), 1);
    drop(stream);
    tokio::time::sleep(2 * limits::FRAMES_KEPT_FOR).await;
    assert_eq!(known(), 0);
}

#[tokio::test(start_paused = true)]
async fn frames_that_a_stream_is_about_to_read_are_not_forgotten() {
    let rig = Rig::new();
    drop(rig.watch(None, None));
    tokio::time::sleep(2 * limits::FRAMES_KEPT_FOR).await;
    // A stream that begins, as far as it gets before the sweep comes between.
    let cell = rig.hub.cell(buyer(1));
    tokio::spawn(Arc::clone(&rig.hub).sweep());
    tokio::time::sleep(limits::FRAMES_KEPT_FOR).await;
    assert!(Arc::ptr_eq(&cell, &rig.hub.cell(buyer(1))), "its buyer's news go to other frames");
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_decision_is_woken_by_it_and_leaves_nothing_behind() {
    let rig = Rig::new();
    let id = update(1, 1, Processing).booking_id;
    tokio::spawn(Arc::clone(&rig.hub).sweep());
    let (mut first, second) = (Box::pin(rig.hub.decision_of(id)), rig.hub.decision_of(id));
    rig.hub.notify(&update(1, 1, Processing));
    assert!(first.as_mut().now_or_never().is_none(), "a booking that is still processing is no decision");
    tokio::time::sleep(limits::FRAMES_KEPT_FOR).await;
    rig.hub.notify(&update(1, 1, PendingPayment));
    assert!(first.now_or_never().is_some(), "the sweep forgets who waits");
    assert!(second.now_or_never().is_some());
    for _ in 0..1_000 {
        let both = std::sync::Barrier::new(2);
        let leave = || {
            let decision = rig.hub.decision_of(id);
            both.wait();
            drop(decision);
        };
        std::thread::scope(|scope| {
            scope.spawn(leave);
            scope.spawn(leave);
        });
    }
    tokio::time::sleep(limits::FRAMES_KEPT_FOR).await;
    assert!(rig.hub.waiting.lock().is_empty(), "two that leave at once leave an entry behind");
}
