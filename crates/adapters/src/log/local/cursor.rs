//! A reader's position in every topic partition that it reads.
//!
//! Promises: offsets are answered in order, each once; a position moves only with the records that
//! were returned, so a dropped future loses nothing; a topic partition with a backlog does not
//! starve the others. Never: looks at a topic partition that did not grow.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use kernel::{Fault, limits, topic::Service};
use stream::Record;

use super::{
    Shared,
    board::{End, Inbox, Interest},
    database::{Records, Share},
    row::TopicPartition,
};

pub(super) struct Cursor {
    shared: Arc<Shared>,
    inbox: Arc<Inbox>,
    batch_records: usize,
    /// The next offset to read; 0 where nothing was read yet.
    next: HashMap<TopicPartition, u64>,
    /// Whose turn it is, each once, and how far there is to read.
    turns: VecDeque<TopicPartition>,
    ends: HashMap<TopicPartition, End>,
}

impl Cursor {
    pub(super) fn new(
        shared: Arc<Shared>,
        service: Service,
        partition: Option<u16>,
        batch_records: usize,
    ) -> Self {
        let inbox = shared.board.lock().listen(Interest { service, partition });
        Self {
            shared,
            inbox,
            batch_records,
            next: HashMap::new(),
            turns: VecDeque::new(),
            ends: HashMap::new(),
        }
    }

    /// Resumes at these offsets, and at 0 everywhere else.
    pub(super) fn seek(&mut self, next: HashMap<TopicPartition, u64>) -> Result<(), Fault> {
        let ends = {
            let board = self.shared.board.lock();
            let lost = next.iter().find(|(at, next)| **next > board.end(**at));
            if let Some((at, next)) = kernel::sabotaged!("local.lost-records-accepted", lost, None) {
                let lost = format!(
                    "topic number {} partition {} ends at {}, before the position {next}: the log lost records",
                    at.topic,
                    at.partition,
                    board.end(*at)
                );
                return Err(self.shared.failure.refuse(lost));
            }
            board.ends_of(self.inbox.interest)
        };
        self.next = next;
        self.turns.clear();
        self.ends.clear();
        self.hear(ends);
        Ok(())
    }

    /// Waits for records and answers with some; `None` when reading shall stop.
    pub(super) async fn next_batch(&mut self) -> Result<Option<Vec<Record>>, Fault> {
        loop {
            let news = self.inbox.take();
            if news.stopped {
                return Ok(None);
            }
            self.hear(news.ends);
            if !self.turns.is_empty() {
                return self.read().map(Some);
            }
            self.inbox.wait().await;
        }
    }

    pub(super) fn stopped(&self) -> bool {
        self.shared.board.lock().stopped()
    }

    fn hear(&mut self, ends: BTreeMap<TopicPartition, End>) {
        for (at, end) in ends {
            let waits = self.ends.contains_key(&at);
            if end.next > self.next_of(at) {
                self.ends.insert(at, end);
                if !waits {
                    self.turns.push_back(at);
                }
            }
        }
    }

    fn next_of(&self, at: TopicPartition) -> u64 {
        self.next.get(&at).copied().unwrap_or(0)
    }

    /// Reads a share of each in turn. Nothing moves unless all could be read.
    fn read(&mut self) -> Result<Vec<Record>, Fault> {
        let mut found = Vec::new();
        let mut moved = Vec::new();
        let each = Share {
            records: (self.batch_records / self.turns.len()).max(1),
            bytes: (limits::LOG_READ_BYTES / self.turns.len()).max(1),
        };
        self.shared.store.read(|db| {
            let (mut records, mut bytes) = (Records::new(db), 0);
            for at in &self.turns {
                if found.len() >= self.batch_records || bytes >= limits::LOG_READ_BYTES {
                    break;
                }
                let (end, from) = (self.ends[at], self.next_of(*at));
                let due = usize::try_from(end.next - from).unwrap_or(usize::MAX);
                let share = Share { records: each.records.min(due), ..each };
                let before = found.len();
                records.take(end.topic, *at, from, share, &mut found)?;
                bytes += found[before..]
                    .iter()
                    .map(|record| record.key.len() + record.payload.len())
                    .sum::<usize>();
                moved.push((*at, from + (found.len() - before) as u64));
                if kernel::planted("local.last-record-of-a-batch-skipped") && found.len() - before > 1 {
                    found.pop();
                }
            }
            Ok(())
        })?;
        self.turns.drain(..moved.len());
        for (at, next) in moved {
            if next < self.ends[&at].next {
                self.turns.push_back(at);
            } else {
                self.ends.remove(&at);
            }
            self.next.insert(at, next);
        }
        assert!(!found.is_empty(), "a topic partition was said to hold records that it does not hold");
        Ok(found)
    }
}
