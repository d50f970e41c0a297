//! One write of the committer: the jobs that it makes durable, as rows, and who waits for it.
//!
//! Promises: offsets without gaps, in the order of the jobs; a commit of someone who no longer owns
//! the partition adds nothing.
//! Never: writes, or answers before the write is known to be done.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use kernel::{
    Fault, Timestamp,
    topic::{PARTITIONS, Topic},
};
use rocksdb::{DB, WriteBatch};
use stream::{Batch, DeadLetter, Outgoing, Position, Put};

use super::{
    board::{Board, End},
    committer::{Answer, Job},
    database::{Family, column},
    partition::GROUP,
    row::{self, TopicPartition},
};

/// Who is answered after the write, and with what.
enum Waiting {
    Stored(Answer<()>),
    Owned(Answer<u64>, u64),
}

/// How much was written since the log was opened.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub(super) commits: AtomicU64,
    pub(super) records: AtomicU64,
}

pub(super) struct Round {
    now: i64,
    batch: WriteBatch,
    grown: BTreeMap<TopicPartition, End>,
    puts: Vec<Put>,
    records: u64,
    waiting: Vec<Waiting>,
    /// Room for one value, used again and again.
    value: Vec<u8>,
}

impl Round {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            now: now.as_millis(),
            batch: WriteBatch::default(),
            grown: BTreeMap::new(),
            puts: Vec::new(),
            records: 0,
            waiting: Vec::new(),
            value: Vec::new(),
        }
    }

    pub(super) fn add(
        &mut self,
        db: &DB,
        board: &mut Board,
        epochs: &mut [u64; PARTITIONS as usize],
        job: Job,
    ) {
        match job {
            Job::Append { messages, answer } => {
                self.append(db, board, &messages);
                self.waiting.push(Waiting::Stored(answer));
            }
            Job::Commit { partition, epoch, batch, answer } => {
                if epoch == epochs[usize::from(partition)] {
                    self.commit(db, board, partition, batch);
                    self.waiting.push(Waiting::Stored(answer));
                } else {
                    let fault = Fault::new(
                        "commit to the log",
                        "the partition has another owner, or must be restored",
                    );
                    // A caller that has gone needs no answer.
                    let _ = answer.send(Err(fault));
                }
            }
            Job::Own { partition, answer } => {
                let epoch = &mut epochs[usize::from(partition)];
                *epoch += kernel::sabotaged!("local.earlier-owner-not-fenced", 1, 0);
                self.waiting.push(Waiting::Owned(answer, *epoch));
            }
            Job::End { .. } => unreachable!("the end is no write"),
        }
    }

    pub(super) fn take_batch(&mut self) -> WriteBatch {
        std::mem::take(&mut self.batch)
    }

    /// Says what was written to those who read.
    pub(super) fn notify(&self, board: &Board, figures: &Figures) {
        board.notify(&self.grown, &self.puts);
        figures.commits.fetch_add(1, Ordering::Relaxed);
        figures.records.fetch_add(self.records, Ordering::Relaxed);
    }

    /// Answers every caller whether its job is durable. Callers that have gone need no answer.
    pub(super) fn answer(self, written: &Result<(), rocksdb::Error>) {
        for waiting in self.waiting {
            let written = written.clone().map_err(|error| Fault::new("write to the log", error));
            let _ = match waiting {
                Waiting::Stored(answer) => answer.send(written).is_ok(),
                Waiting::Owned(answer, epoch) => answer.send(written.map(|()| epoch)).is_ok(),
            };
        }
    }

    fn commit(&mut self, db: &DB, board: &mut Board, partition: u16, batch: Batch) {
        for put in &batch.puts {
            let key = row::state_key(partition, &put.key);
            match &put.value {
                Some(value) => self.batch.put_cf(column(db, Family::State), key, value),
                None if kernel::planted("local.removed-rows-kept") => {}
                None => self.batch.delete_cf(column(db, Family::State), key),
            }
        }
        for position in kernel::sabotaged!("local.positions-not-written", &batch.positions[..], &[]) {
            self.position(db, board, *position);
        }
        for letter in &batch.dead_letters {
            self.dead_letter(db, board, letter);
        }
        let kept =
            batch.outgoing.len().min(kernel::sabotaged!("local.second-message-not-written", usize::MAX, 1));
        self.append(db, board, &batch.outgoing[..kept]);
        self.puts.extend(batch.puts);
    }

    fn position(&mut self, db: &DB, board: &mut Board, position: Position) {
        let topic = self.number(db, board, position.topic);
        let key = row::position_key(GROUP, TopicPartition { topic, partition: position.partition });
        self.batch.put_cf(column(db, Family::Positions), key, position.next.to_be_bytes());
    }

    fn dead_letter(&mut self, db: &DB, board: &mut Board, letter: &DeadLetter) {
        let source = letter.record.source;
        let topic = self.number(db, board, source.topic);
        let key = row::record_key(TopicPartition { topic, partition: source.partition }, source.offset);
        self.batch.put_cf(column(db, Family::DeadLetters), key, row::dead_letter_value(letter));
    }

    fn append(&mut self, db: &DB, board: &mut Board, messages: &[Outgoing]) {
        let records = column(db, Family::Records);
        for message in messages {
            assert!(message.partition < PARTITIONS, "a message to partition {}", message.partition);
            let topic = self.number(db, board, message.topic);
            let at = TopicPartition { topic, partition: message.partition };
            let offset = board.end(at);
            row::write_record(&mut self.value, self.now, &message.key, &message.payload);
            self.batch.put_cf(records, row::record_key(at, offset), &self.value);
            let end = End { topic: message.topic, next: offset + 1 };
            board.set_end(at, end);
            self.grown.insert(at, end);
            self.records += 1;
        }
    }

    /// The topic's number; an unknown topic is registered.
    fn number(&mut self, db: &DB, board: &mut Board, topic: Topic) -> u32 {
        board.number(topic).unwrap_or_else(|| {
            let number = board.add_topic(topic);
            let value = row::topic_value(number, PARTITIONS);
            self.batch.put_cf(column(db, Family::Topics), topic.to_string(), value);
            number
        })
    }
}
