//! What every alarm must keep.

use std::time::Duration;

use booking::testing::{at, booking_id};
use kernel::testing::HandClock;
use tokio::time::Instant;

use super::Alarm;

/// Far more than an alarm needs that is due.
const LONG: Duration = Duration::from_secs(20);
/// Long enough to notice one that comes too early.
const SHORT: Duration = Duration::from_millis(400);

/// The alarm is new.
pub(super) async fn wakes_for_the_earliest_and_never_before(alarm: &dyn Alarm) {
    let clock = HandClock::default();
    clock.set(at(0));
    let woken_within = async |longest: Duration| {
        let begun = Instant::now();
        alarm.due(&clock, longest).await;
        begun.elapsed() < longest
    };
    assert!(!woken_within(SHORT).await, "there is no deadline");
    alarm.pending(&[(booking_id(1), at(900)), (booking_id(2), at(300)), (booking_id(3), at(600))]);
    assert!(!woken_within(Duration::from_millis(200)).await, "none has come");
    clock.set(at(300));
    assert!(woken_within(LONG).await, "the earliest has come");
    alarm.pending(&[(booking_id(3), at(600))]);
    alarm.closed(&[booking_id(1), booking_id(2)]);
    clock.set(at(700));
    assert!(woken_within(LONG).await, "the next has come");
    alarm.remind(at(700));
    assert!(woken_within(LONG).await, "a reminder is enough");
}
