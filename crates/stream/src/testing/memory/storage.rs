//! What the log in memory keeps: durable records and rows, and writes that are handed over but not
//! durable.
//!
//! Promises: writes become durable in the order in which they were handed over. A commit of an
//! owner that another one followed never does.
//! Never: waits; it keeps the wakers of those who do.

use std::{
    collections::{BTreeMap, VecDeque},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use kernel::{
    Fault,
    message::Source,
    topic::{PARTITIONS, Service, Topic},
};

use super::{Consumed, Counts, Terms};
use crate::{Batch, DeadLetter, Outgoing, Position, Put, Record, Row};

/// The durable state of one partition of the seat topics.
#[derive(Debug, Default)]
pub(super) struct Seats {
    /// Counts the owners; only the latest may commit.
    pub(super) epoch: u64,
    rows: BTreeMap<Bytes, Bytes>,
    pub(super) positions: BTreeMap<Topic, u64>,
    pub(super) dead_letters: Vec<DeadLetter>,
    pub(super) consumed: Vec<Consumed>,
}

impl Seats {
    pub(super) fn rows(&self) -> Vec<Row> {
        self.rows.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

/// One write, all or nothing.
#[derive(Debug)]
pub(super) struct Write {
    messages: Vec<Outgoing>,
    commit: Option<Commit>,
}

#[derive(Debug)]
struct Commit {
    partition: u16,
    epoch: u64,
    puts: Vec<Put>,
    positions: Vec<Position>,
    dead_letters: Vec<DeadLetter>,
    consumed: Vec<Record>,
}

impl Write {
    pub(super) fn messages(messages: Vec<Outgoing>) -> Self {
        Self { messages, commit: None }
    }

    pub(super) fn batch(partition: u16, epoch: u64, batch: Batch, consumed: Vec<Record>) -> Self {
        let Batch { positions, puts, outgoing: messages, dead_letters } = batch;
        Self { messages, commit: Some(Commit { partition, epoch, puts, positions, dead_letters, consumed }) }
    }
}

/// Who waits for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Interest {
    Seats(u16),
    Service(Service),
    Feed(usize),
}

#[derive(Debug)]
pub(super) struct Storage {
    /// Per topic its ten partitions.
    pub(super) topics: BTreeMap<Topic, Vec<Vec<Record>>>,
    pub(super) seats: Vec<Seats>,
    pub(super) owners: Terms,
    pub(super) feeds: BTreeMap<usize, VecDeque<Put>>,
    next_feed: usize,
    unsynced: VecDeque<(u64, u32, Write)>,
    next_write: u64,
    /// The latest writes that a later owner ended before they were durable.
    ended: Vec<u64>,
    waiting: Vec<(Interest, Waker)>,
    pub(super) counts: Counts,
    pub(super) reading_stopped: bool,
    pub(super) stopped: bool,
    /// Somebody has read records that are not there any more.
    pub(super) lost: bool,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            topics: BTreeMap::new(),
            seats: (0..PARTITIONS).map(|_| Seats::default()).collect(),
            owners: None,
            feeds: BTreeMap::new(),
            next_feed: 0,
            unsynced: VecDeque::new(),
            next_write: 0,
            ended: Vec::new(),
            waiting: Vec::new(),
            counts: Counts::default(),
            reading_stopped: false,
            stopped: false,
            lost: false,
        }
    }
}

impl Storage {
    pub(super) fn records(&self, topic: Topic, partition: u16) -> &[Record] {
        self.topics.get(&topic).map_or(&[], |partitions| &partitions[usize::from(partition)])
    }

    /// Takes a write in; it is not durable yet.
    pub(super) fn hand_over(&mut self, member: u32, write: Write) -> Result<u64, Fault> {
        if self.stopped {
            return Err(Fault::new("write to the log", "the log was shut down"));
        }
        if let Some(commit) = &write.commit
            && self.seats[usize::from(commit.partition)].epoch != commit.epoch
        {
            self.counts.fenced += 1;
            return Err(Fault::new("commit to the log", "another owner came later"));
        }
        self.next_write += 1;
        self.unsynced.push_back((self.next_write, member, write));
        Ok(self.next_write)
    }

    /// Makes this write durable, and all that were handed over before it. False when a later owner
    /// has ended it.
    pub(super) fn sync(&mut self, number: u64) -> bool {
        while self.unsynced.front().is_some_and(|(first, ..)| *first <= number) {
            if let Some((_, _, write)) = self.unsynced.pop_front() {
                self.store(write);
            }
        }
        match self.ended.iter().position(|ended| *ended == number) {
            Some(at) => {
                self.ended.remove(at);
                false
            }
            None => true,
        }
    }

    pub(super) fn unsynced_of(&self, member: u32) -> usize {
        self.unsynced.iter().filter(|(_, of, _)| *of == member).count()
    }

    /// Of the member's writes the first `kept` become durable; the rest never do.
    pub(super) fn settle(&mut self, member: u32, mut kept: usize) {
        for (number, of, write) in std::mem::take(&mut self.unsynced) {
            if of != member {
                self.unsynced.push_back((number, of, write));
            } else if kept > 0 {
                kept -= 1;
                self.counts.outlived += 1;
                self.store(write);
            } else {
                self.counts.lost += 1;
            }
        }
    }

    /// A new owner: from here on its predecessors' commits are refused. Their writes that are on
    /// their way are ended, or stored if `stored`.
    pub(super) fn fence(&mut self, partition: u16, stored: bool) -> u64 {
        for (number, of, write) in std::mem::take(&mut self.unsynced) {
            if write.commit.as_ref().is_none_or(|commit| commit.partition != partition) {
                self.unsynced.push_back((number, of, write));
            } else if stored {
                self.counts.found_stored += 1;
                self.store(write);
            } else {
                self.counts.ended += 1;
                self.ended.push(number);
            }
        }
        let seats = &mut self.seats[usize::from(partition)];
        seats.epoch += 1;
        seats.epoch
    }

    fn store(&mut self, write: Write) {
        if let Some(commit) = write.commit {
            for feed in self.feeds.values_mut() {
                feed.extend(commit.puts.iter().cloned());
            }
            let seats = &mut self.seats[usize::from(commit.partition)];
            for put in commit.puts {
                match put.value {
                    Some(value) => seats.rows.insert(put.key, value),
                    None => seats.rows.remove(&put.key),
                };
            }
            seats.positions.extend(commit.positions.iter().map(|position| (position.topic, position.next)));
            seats.dead_letters.extend(commit.dead_letters);
            seats.consumed.push(Consumed { epoch: commit.epoch, records: commit.consumed });
            let fed: Vec<_> = self.feeds.keys().map(|feed| Interest::Feed(*feed)).collect();
            for feed in fed {
                self.wake(feed);
            }
        }
        for Outgoing { topic, partition, key, payload } in write.messages {
            let partitions =
                self.topics.entry(topic).or_insert_with(|| vec![Vec::new(); usize::from(PARTITIONS)]);
            let records = &mut partitions[usize::from(partition)];
            let source = Source { topic, partition, offset: records.len() as u64 };
            records.push(Record { source, key, payload });
            let target = topic.action.target();
            self.wake(if target == Service::SeatReservation {
                Interest::Seats(partition)
            } else {
                Interest::Service(target)
            });
        }
    }

    pub(super) fn wait(&mut self, interest: Interest, cx: &Context<'_>) {
        self.waiting.push((interest, cx.waker().clone()));
    }

    fn wake(&mut self, interest: Interest) {
        self.waiting.extract_if(.., |(waits, _)| *waits == interest).for_each(|(_, waker)| waker.wake());
    }

    pub(super) fn wake_all(&mut self) {
        self.waiting.drain(..).for_each(|(_, waker)| waker.wake());
    }

    pub(super) fn add_feed(&mut self) -> usize {
        self.next_feed += 1;
        self.feeds.insert(self.next_feed, VecDeque::new());
        self.next_feed
    }

    pub(super) fn poll_feed(
        &mut self,
        feed: usize,
        cx: &Context<'_>,
    ) -> Poll<Result<Option<Vec<Put>>, Fault>> {
        let stopped = self.reading_stopped;
        let puts = self.feeds.entry(feed).or_default();
        if !puts.is_empty() {
            return Poll::Ready(Ok(Some(std::mem::take(puts).into())));
        }
        if stopped {
            return Poll::Ready(Ok(None));
        }
        self.wait(Interest::Feed(feed), cx);
        Poll::Pending
    }

    pub(super) fn unread_by_seats(&self) -> u64 {
        let next =
            |topic, partition| self.seats[usize::from(partition)].positions.get(&topic).copied().unwrap_or(0);
        self.unread_by(Service::SeatReservation, next)
    }

    pub(super) fn unread_by(&self, service: Service, next: impl Fn(Topic, u16) -> u64) -> u64 {
        let topics = self.topics.iter().filter(|(topic, _)| topic.action.target() == service);
        let each =
            topics.flat_map(|(topic, partitions)| (0_u16..).zip(partitions).map(move |at| (*topic, at)));
        each.map(|(topic, (partition, records))| records.len() as u64 - next(topic, partition)).sum()
    }
}
