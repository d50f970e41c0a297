//! The loop against a log in memory that fails where the test says.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use kernel::{
    message::Source,
    topic::{Action, Lane, Topic},
};

use super::*;

/// What a commit does: works, fails before anything is stored, or stores and then loses the answer.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Stored,
    Lost,
    Unknown,
}

/// A partition whose state is one counter and whose output is the running total.
struct MemoryLog {
    input: Vec<Record>,
    next: u64,
    rows: BTreeMap<Bytes, Bytes>,
    outgoing: Vec<Outgoing>,
    dead: Vec<DeadLetter>,
    read: u64,
    fates: Vec<Fate>,
    faults: u32,
}

impl PartitionLog for MemoryLog {
    async fn restore(&mut self) -> Result<Vec<Row>, Fault> {
        self.read = self.next;
        Ok(self.rows.clone().into_iter().collect())
    }

    async fn next_batch(&mut self) -> Result<Option<Vec<Record>>, Fault> {
        let from = usize::try_from(self.read).unwrap();
        let batch: Vec<_> = self.input.iter().skip(from).take(2).cloned().collect();
        self.read += batch.len() as u64;
        Ok((!batch.is_empty()).then_some(batch))
    }

    async fn commit(&mut self, batch: Batch) -> Result<(), Fault> {
        let fate = self.fates.pop().unwrap_or(Fate::Stored);
        if fate != Fate::Lost {
            for put in batch.puts {
                self.rows.insert(put.key, put.value.unwrap());
            }
            self.next = batch.positions[0].next;
            self.outgoing.extend(batch.outgoing);
            self.dead.extend(batch.dead_letters);
        }
        if fate == Fate::Stored { Ok(()) } else { Err(Fault::new("commit", "the test says so")) }
    }

    async fn back_off(&mut self, _fault: Fault, _attempt: u32) {
        self.faults += 1;
    }
}

struct Total(u8);

impl Handler for Total {
    fn restore(rows: Vec<Row>) -> Result<Self, Fault> {
        Ok(Self(rows.first().map_or(0, |(_, value)| value[0])))
    }

    fn handle(&mut self, record: &Record, effects: &mut Effects) -> Result<(), String> {
        if record.payload.is_empty() {
            return Err("empty".to_owned());
        }
        self.0 += record.payload[0];
        effects.put(Bytes::from_static(b"total"), vec![self.0].into());
        let payload = vec![self.0].into();
        effects.send(Outgoing { topic: record.source.topic, partition: 0, key: Bytes::new(), payload });
        Ok(())
    }
}

fn record(offset: usize, payload: &[u8]) -> Record {
    let topic = Topic::new(Lane::Shared, Action::TicketReserveRequest);
    let source = Source { topic, partition: 0, offset: offset as u64 };
    Record { source, key: Bytes::new(), payload: payload.to_vec().into() }
}

fn run_with(fates: Vec<Fate>) -> MemoryLog {
    let input = [&[1_u8][..], &[2], &[], &[3], &[4]];
    let input = input.iter().enumerate().map(|(offset, payload)| record(offset, payload)).collect();
    let mut log = MemoryLog {
        input,
        next: 0,
        rows: BTreeMap::new(),
        outgoing: vec![],
        dead: vec![],
        read: 0,
        fates,
        faults: 0,
    };
    {
        let mut looped = pin!(run::<_, Total>(&mut log));
        assert!(matches!(looped.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(()))));
    }
    log
}

#[test]
fn whatever_happens_to_a_commit_each_record_counts_once() {
    let all = [Fate::Stored, Fate::Lost, Fate::Unknown];
    for first in all {
        for second in all {
            for third in all {
                let log = run_with(vec![third, second, first]);
                let totals: Vec<u8> = log.outgoing.iter().map(|message| message.payload[0]).collect();
                assert_eq!(totals, [1, 3, 6, 10]);
                assert_eq!(log.rows.get(&b"total"[..]).map(|value| value[0]), Some(10));
                assert_eq!(log.next, 5);
                assert_eq!(log.dead.iter().map(|dead| dead.record.source.offset).collect::<Vec<_>>(), [2]);
                let faults = [first, second, third].iter().filter(|&&fate| fate != Fate::Stored).count();
                assert_eq!(log.faults as usize, faults);
            }
        }
    }
}
