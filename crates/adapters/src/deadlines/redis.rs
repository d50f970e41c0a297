//! Deadlines in Redis, for all processes of booking: a key with a TTL for each booking that awaits
//! payment, and an index by deadline that is polled for what is due.
//!
//! Promises: wakes a sweep soon after a deadline, whichever process heard of the booking; no call
//! waits for Redis or fails with it. Redis may be flushed, stopped or unavailable: then only the
//! store's own sweep wakes, up to a second later, and timers of that time are lost. Never: decides
//! that a booking has expired.
//!
//! | key | what |
//! |---|---|
//! | `{prefix}pending-payment:{booking}` | the deadline in milliseconds; lives until then |
//! | `{prefix}pending-payments` | sorted set of bookings by deadline |

use std::{sync::Arc, time::Duration};

use booking::ports::Deadlines;
use futures::future::BoxFuture;
use kernel::{BookingId, Clock, Timestamp, limits};
use redis::{
    Client, Pipeline, RedisError,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use tokio::{
    sync::{Notify, mpsc},
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use super::{Alarm, local::LocalDeadlines};

/// How often what is due is looked for.
const LOOK: Duration = Duration::from_millis(100);
/// Redis has to answer within this time, or counts as away.
const ANSWER: Duration = Duration::from_millis(500);

/// The URL is no Redis URL. The error does not repeat it, since it may hold a password.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("not a Redis URL such as redis://:password@host:6379/0")]
pub struct BadUrl;

/// The deadlines that all processes share.
pub struct RedisDeadlines {
    /// What this process is reminded of by its own sweep.
    here: LocalDeadlines,
    notes: mpsc::Sender<Note>,
    due: Arc<Notify>,
}

enum Note {
    Pending(BookingId, Timestamp),
    Closed(BookingId),
}

impl RedisDeadlines {
    /// Starts the task that talks to Redis, which may start later. Every key begins with `prefix`,
    /// so deployments can share a Redis.
    ///
    /// # Errors
    /// When the address is none.
    pub fn start(url: &str, prefix: &str, clock: Arc<dyn Clock>) -> Result<Self, BadUrl> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_response_timeout(Some(ANSWER))
            .set_connection_timeout(Some(ANSWER));
        let client = Client::open(url).map_err(|_| BadUrl)?;
        let connection = ConnectionManager::new_lazy_with_config(client, config).map_err(|_| BadUrl)?;
        let (notes, inbox) = mpsc::channel(limits::DEADLINES_WAITING);
        let due = Arc::new(Notify::new());
        let keys = Keys { prefix: prefix.to_owned() };
        let talk = Talk { connection, keys, clock, due: Arc::clone(&due), taken: Vec::new(), away: None };
        tokio::spawn(talk.run(inbox));
        Ok(Self { here: LocalDeadlines::default(), notes, due })
    }

    fn note(&self, notes: impl Iterator<Item = Note>) {
        for note in notes {
            // A full queue means that Redis is away, or slower than the bookings: the sweep will
            // find this one by itself.
            if self.notes.try_send(note).is_err() {
                return;
            }
        }
    }
}

impl Deadlines for RedisDeadlines {
    fn remind(&self, at: Timestamp) {
        self.here.remind(at);
    }

    fn pending(&self, bookings: &[(BookingId, Timestamp)]) {
        self.note(bookings.iter().map(|(id, until)| Note::Pending(*id, *until)));
    }

    fn closed(&self, bookings: &[BookingId]) {
        self.note(bookings.iter().map(|id| Note::Closed(*id)));
    }
}

impl Alarm for RedisDeadlines {
    fn due<'a>(&'a self, clock: &'a dyn Clock, longest: Duration) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            tokio::select! {
                () = self.here.due(clock, longest) => {}
                () = self.due.notified() => {}
            }
        })
    }
}

struct Keys {
    prefix: String,
}

impl Keys {
    fn booking(&self, id: BookingId) -> String {
        format!("{}pending-payment:{id}", self.prefix)
    }

    fn index(&self) -> String {
        format!("{}pending-payments", self.prefix)
    }

    /// All notes, and last the question what is due.
    fn exchange(&self, notes: &[Note], taken: &[String], now: Timestamp) -> Pipeline {
        let (mut pipe, index) = (redis::pipe(), self.index());
        for note in notes {
            match note {
                Note::Pending(id, until) => {
                    let until = until.as_millis();
                    pipe.cmd("SET").arg(self.booking(*id)).arg(until).arg("PXAT").arg(until).ignore();
                    pipe.cmd("ZADD").arg(&index).arg(until).arg(id.to_string()).ignore();
                }
                Note::Closed(id) => {
                    pipe.cmd("DEL").arg(self.booking(*id)).ignore();
                    pipe.cmd("ZREM").arg(&index).arg(id.to_string()).ignore();
                }
            }
        }
        if !taken.is_empty() {
            pipe.cmd("ZREM").arg(&index).arg(taken).ignore();
        }
        pipe.cmd("ZRANGE").arg(&index).arg("-inf").arg(now.as_millis()).arg("BYSCORE");
        pipe.arg("LIMIT").arg(0).arg(limits::DUE_PER_LOOK);
        pipe
    }
}

/// The one who talks to Redis.
struct Talk {
    connection: ConnectionManager,
    keys: Keys,
    clock: Arc<dyn Clock>,
    due: Arc<Notify>,
    /// What was due, and a sweep was woken for it.
    taken: Vec<String>,
    away: Option<Instant>,
}

impl Talk {
    /// Ends when no sender of notes is left.
    async fn run(mut self, mut inbox: mpsc::Receiver<Note>) {
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut notes = Vec::with_capacity(limits::DEADLINES_PER_EXCHANGE);
        loop {
            tokio::select! {
                read = inbox.recv_many(&mut notes, limits::DEADLINES_PER_EXCHANGE) => if read == 0 { return },
                _ = look.tick() => {}
            }
            self.exchange(&notes).await;
            // Notes that Redis did not accept are dropped: their bookings are in the store.
            notes.clear();
        }
    }

    async fn exchange(&mut self, notes: &[Note]) {
        let pipe = self.keys.exchange(notes, &self.taken, self.clock.now());
        let answer = timeout(2 * ANSWER, pipe.query_async(&mut self.connection)).await;
        let answer: Result<(Vec<String>,), RedisError> = answer
            .unwrap_or_else(|_| Err(RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut))));
        match answer {
            Ok((due,)) => {
                if let Some(since) = self.away.take() {
                    tracing::info!(outage = ?since.elapsed(), "connection to Redis restored");
                }
                if !due.is_empty() {
                    self.due.notify_one();
                }
                self.taken = due;
            }
            Err(error) => {
                if self.away.is_none() {
                    tracing::warn!(%error, "connection to Redis lost; overdue bookings are found by the sweep alone");
                    self.away = Some(Instant::now());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use booking::testing::{at, booking_id};
    use kernel::testing::HandClock;
    use rig::{Redis, RedisOptions};
    use uuid::Uuid;

    use super::*;
    use crate::deadlines::contract;

    const LONG: Duration = Duration::from_secs(20);

    struct Now;

    impl Clock for Now {
        fn now(&self) -> Timestamp {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
            Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
        }
    }

    fn prefix() -> String {
        format!("test:{}:", Uuid::new_v4())
    }

    fn started(redis: &Redis, prefix: &str) -> RedisDeadlines {
        RedisDeadlines::start(&redis.url(), prefix, Arc::new(Now)).unwrap()
    }

    async fn keys(redis: &Redis, prefix: &str) -> Vec<(String, i64)> {
        let client = Client::open(redis.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let names: Vec<String> =
            redis::cmd("KEYS").arg(format!("{prefix}*")).query_async(&mut connection).await.unwrap();
        let mut found = Vec::new();
        for name in names {
            let left: i64 = redis::cmd("PTTL").arg(&name).query_async(&mut connection).await.unwrap();
            found.push((name.replace(prefix, ""), left));
        }
        found.sort();
        found
    }

    async fn woken_within(alarm: &RedisDeadlines, longest: Duration) -> bool {
        let begun = Instant::now();
        alarm.due(&Now, longest).await;
        begun.elapsed() < longest
    }

    /// The contract moves a clock by hand; Redis is asked by that clock, too.
    struct Moved(RedisDeadlines, Arc<HandClock>);

    impl Deadlines for Moved {
        fn remind(&self, at: Timestamp) {
            self.0.remind(at);
        }
        fn pending(&self, bookings: &[(BookingId, Timestamp)]) {
            self.0.pending(bookings);
        }
        fn closed(&self, bookings: &[BookingId]) {
            self.0.closed(bookings);
        }
    }

    impl Alarm for Moved {
        fn due<'a>(&'a self, clock: &'a dyn Clock, longest: Duration) -> BoxFuture<'a, ()> {
            self.1.set(clock.now());
            self.0.due(clock, longest)
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn it_keeps_the_contract() {
        let clock = Arc::new(HandClock::default());
        clock.set(at(0));
        let redis = rig::redis().await;
        let alarm = RedisDeadlines::start(&redis.url(), &prefix(), Arc::<HandClock>::clone(&clock)).unwrap();
        contract::wakes_for_the_earliest_and_never_before(&Moved(alarm, clock)).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_booking_has_a_key_that_lives_until_its_deadline_and_goes_when_it_is_closed() {
        let (redis, prefix) = (rig::redis().await, prefix());
        let alarm = started(redis, &prefix);
        let window = Duration::from_mins(15);
        alarm.pending(&[(booking_id(1), Now.now() + window), (booking_id(2), Now.now() + window)]);
        let found = loop {
            let found = keys(redis, &prefix).await;
            if found.len() == 3 {
                break found;
            }
        };
        let name = format!("pending-payment:{}", booking_id(1));
        assert_eq!(found[0].0, name);
        let left = Duration::from_millis(found[0].1.unsigned_abs());
        assert!(left <= window && left > Duration::from_mins(14), "{left:?}");
        assert_eq!(found[2], ("pending-payments".to_owned(), -1));
        alarm.closed(&[booking_id(1), booking_id(2)]);
        while !keys(redis, &prefix).await.is_empty() {}
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn another_process_is_woken_for_what_this_one_heard() {
        let (redis, prefix) = (rig::redis().await, prefix());
        let (one, other) = (started(redis, &prefix), started(redis, &prefix));
        drop(other.due.notified());
        one.pending(&[(booking_id(1), Now.now() + Duration::from_millis(300))]);
        drop(one);
        assert!(woken_within(&other, LONG).await);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn redis_may_be_absent_frozen_flushed_and_killed_and_nobody_waits_for_it() {
        let redis = Redis::start(&RedisOptions::default()).await.unwrap();
        let alarm = started(&redis, "x:");
        let soon = || Now.now() + Duration::from_millis(50);
        let wakes_again = async || {
            // The first notes after an outage may be lost to the reconnection.
            loop {
                alarm.pending(&[(booking_id(9), soon())]);
                if woken_within(&alarm, Duration::from_secs(1)).await {
                    break;
                }
            }
        };
        wakes_again().await;
        let many: Vec<_> = (0..30_000).map(|n| (booking_id(n), Now.now() + LONG)).collect();
        redis.pause().unwrap();
        let begun = Instant::now();
        alarm.pending(&many);
        alarm.closed(&[booking_id(1)]);
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        assert!(!woken_within(&alarm, Duration::from_millis(300)).await);
        redis.resume().unwrap();
        wakes_again().await;
        redis.kill();
        alarm.pending(&many[..10]);
        assert!(!woken_within(&alarm, Duration::from_millis(300)).await, "nothing but the longest wait");
        redis.start_again().await.unwrap();
        wakes_again().await;
        alarm.pending(&[(booking_id(5), Now.now() + Duration::from_millis(700))]);
        while !keys(&redis, "x:").await.iter().any(|(name, _)| name.ends_with(&booking_id(5).to_string())) {}
        redis.flush().await.unwrap();
        assert!(!woken_within(&alarm, Duration::from_secs(1)).await, "what was flushed wakes nobody");
    }

    #[test]
    fn an_address_that_is_none_is_reported_without_its_password() {
        let refused = RedisDeadlines::start("http://:hush@nowhere", "", Arc::new(Now)).err().unwrap();
        assert!(!format!("{refused} {refused:?}").contains("hush"));
    }
}
