//! The watcher: reads every answer as booking would, and compares it with what must come next.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use adapters::log::kafka::KafkaLog;
use kernel::topic::Service;
use stream::{
    Record,
    port::{Log as _, Reader as _},
};
use tokio::sync::Notify;

use crate::counter::{Count, Stream};

/// What was seen so far.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) counts: BTreeMap<Stream, Count>,
    pub(crate) answers: u64,
    /// Answers that came before.
    pub(crate) twice: u64,
    /// Answers that others should have come before.
    pub(crate) early: u64,
    /// Answers that do not follow from their inputs.
    pub(crate) wrong: u64,
}

#[derive(Default)]
pub(crate) struct Watch {
    seen: Mutex<Seen>,
    grown: Notify,
}

impl Watch {
    pub(crate) fn with<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().unwrap())
    }

    /// Waits until every stream was answered up to these numbers.
    pub(crate) async fn reached(&self, numbers: &BTreeMap<Stream, u64>) {
        loop {
            let grown = self.grown.notified();
            let last = |seen: &Seen, stream| seen.counts.get(stream).map_or(0, |count| count.last);
            if self.with(|seen| numbers.iter().all(|(stream, number)| last(seen, stream) >= *number)) {
                return;
            }
            grown.await;
        }
    }

    pub(crate) async fn run(self: Arc<Self>, log: KafkaLog) {
        let mut reader = log.reader(Service::Booking);
        let mut attempt = 0;
        loop {
            match reader.next_batch().await {
                Ok(None) => return,
                Ok(Some(records)) => {
                    attempt = 0;
                    let mut seen = self.seen.lock().unwrap();
                    for record in &records {
                        seen.add(record);
                    }
                    self.grown.notify_waiters();
                }
                Err(fault) => {
                    attempt += 1;
                    reader.back_off(fault, attempt).await;
                }
            }
        }
    }
}

impl Seen {
    fn add(&mut self, record: &Record) {
        self.answers += 1;
        let (Some(stream), Some(answer)) = (Stream::parse(&record.key), Count::parse(record.payload.clone()))
        else {
            self.wrong += 1;
            return;
        };
        let count = self.counts.entry(stream).or_default();
        let next = count.next();
        if answer == next {
            *count = next;
        } else if answer.last <= count.last {
            self.twice += 1;
        } else if answer.last > next.last {
            self.early += 1;
        } else {
            self.wrong += 1;
        }
    }
}
