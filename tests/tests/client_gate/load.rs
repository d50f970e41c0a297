//! The load: each stream gets its next number again and again, as an outbox would send it.
//!
//! Promises: what was not acknowledged is sent again before anything newer, so that only the log
//! can make a gap.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use adapters::log::kafka::KafkaLog;
use kernel::{
    EventId,
    topic::{Action, Lane, PARTITIONS, Topic},
};
use stream::port::Publisher as _;
use uuid::Uuid;

use crate::counter::Stream;

/// Between two rounds of numbers.
const PACE: Duration = Duration::from_millis(40);

pub(crate) struct Load {
    log: KafkaLog,
    /// The last number of each stream that was acknowledged.
    sent: Mutex<BTreeMap<Stream, u64>>,
    stop: AtomicBool,
    repeated: AtomicU64,
}

impl Load {
    pub(crate) fn new(log: KafkaLog) -> Arc<Self> {
        let load =
            Self { log, sent: Mutex::default(), stop: AtomicBool::new(false), repeated: AtomicU64::new(0) };
        load.add_lane(Lane::Shared);
        load.add_lane(own_lane(1));
        Arc::new(load)
    }

    /// From now on numbers go to this lane as well.
    pub(crate) fn add_lane(&self, lane: Lane) {
        let actions =
            [Action::TicketReserveRequest, Action::ReleaseTicketToAvailable, Action::FinalizeTicketToPaid];
        let mut sent = self.sent.lock().unwrap();
        for action in actions {
            for partition in 0..PARTITIONS {
                sent.entry(Stream { topic: Topic::new(lane, action), partition }).or_default();
            }
        }
    }

    pub(crate) fn sent(&self) -> BTreeMap<Stream, u64> {
        self.sent.lock().unwrap().clone()
    }

    pub(crate) fn repeated(&self) -> u64 {
        self.repeated.load(Ordering::Relaxed)
    }

    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(crate) async fn run(self: Arc<Self>) {
        let mut pace = tokio::time::interval(PACE);
        pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !self.stop.load(Ordering::Relaxed) {
            pace.tick().await;
            let numbers: Vec<_> =
                self.sent().into_iter().map(|(stream, number)| (stream, number + 1)).collect();
            let inputs = || numbers.iter().map(|(stream, number)| stream.input(*number)).collect::<Vec<_>>();
            while let Err(fault) = self.log.publish(inputs()).await {
                eprintln!("  sent again: {}", std::error::Error::source(&fault).unwrap());
                self.repeated.fetch_add(numbers.len() as u64, Ordering::Relaxed);
            }
            self.sent.lock().unwrap().extend(numbers);
        }
    }
}

pub(crate) fn own_lane(number: u128) -> Lane {
    Lane::Own(EventId::new(Uuid::from_u128(number)))
}
