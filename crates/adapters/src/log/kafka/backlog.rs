//! Records that were fetched and not handed out yet.
//!
//! Promises: order within each partition; a lane with much to read leaves room for the others in
//! every batch.

use std::collections::VecDeque;

use bytes::Bytes;
use confluent_kafka::consumer::{ConsumerRecord, ConsumerRecords};
use kernel::{Fault, message::Source};
use stream::Record;

use super::names::Names;

#[derive(Default)]
pub(super) struct Backlog {
    /// Of each partition that something was fetched of, its records.
    queues: VecDeque<VecDeque<Record>>,
}

/// What a record of a message topic says.
pub(super) fn record(names: &Names, raw: &ConsumerRecord<Bytes, Bytes>) -> Result<Record, Fault> {
    let unreadable = |what: &str| {
        let place = format!("{} partition {} offset {}: {what}", raw.topic(), raw.partition(), raw.offset());
        Fault::new("read a record", place)
    };
    let source = Source {
        topic: names.parse(raw.topic()).ok_or_else(|| unreadable("not a topic of this log"))?,
        partition: u16::try_from(raw.partition()).map_err(|_| unreadable("no such partition"))?,
        offset: u64::try_from(raw.offset()).map_err(|_| unreadable("no such offset"))?,
    };
    // A record without key or payload decodes to nothing, and so ends among the dead letters.
    let part = |part: Option<&Bytes>| part.cloned().unwrap_or_default();
    Ok(Record { source, key: part(raw.key()), payload: part(raw.value()) })
}

impl Backlog {
    pub(super) fn is_empty(&self) -> bool {
        self.queues.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.queues.clear();
    }

    /// Adds what was fetched. To be called only when nothing is left, so that one partition has one
    /// queue.
    pub(super) fn fill(
        &mut self,
        names: &Names,
        fetched: &ConsumerRecords<Bytes, Bytes>,
    ) -> Result<(), Fault> {
        assert!(self.is_empty(), "a partition would have two queues");
        for at in fetched.partitions() {
            let records = fetched.records_with_partition(at).iter().map(|raw| record(names, raw));
            let queue: VecDeque<_> = records.collect::<Result<_, _>>()?;
            if !queue.is_empty() {
                self.queues.push_back(queue);
            }
        }
        Ok(())
    }

    /// At most `most` records, one equal share of each queue. What short queues leave of their
    /// shares stays free.
    pub(super) fn take(&mut self, most: usize) -> Vec<Record> {
        let mut batch = Vec::new();
        let share = (most / self.queues.len().max(1)).max(1);
        for _ in 0..self.queues.len() {
            let Some(mut queue) = self.queues.pop_front() else { break };
            let count = share.min(queue.len()).min(most - batch.len());
            batch.extend(queue.drain(..count));
            if !queue.is_empty() {
                self.queues.push_back(queue);
            }
            if batch.len() == most {
                break;
            }
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use kernel::topic::{Action, Lane, Topic};

    use super::*;

    fn queue(partition: u16, count: u64) -> VecDeque<Record> {
        let topic = Topic::new(Lane::Shared, Action::TicketReserveRequest);
        let record = |offset| Record {
            source: Source { topic, partition, offset },
            key: Bytes::new(),
            payload: Bytes::new(),
        };
        (0..count).map(record).collect()
    }

    #[test]
    fn everyone_gets_a_share_and_order_holds() {
        let mut backlog = Backlog { queues: [queue(0, 100), queue(1, 3), queue(2, 100)].into() };
        let mut next = [0; 3];
        let mut batches = 0;
        while !backlog.is_empty() {
            let batch = backlog.take(30);
            assert!(!batch.is_empty() && batch.len() <= 30);
            if batches == 0 {
                assert!((0..3).all(|n| batch.iter().any(|record| record.source.partition == n)));
            }
            for record in batch {
                let next = &mut next[usize::from(record.source.partition)];
                assert_eq!(record.source.offset, *next);
                *next += 1;
            }
            batches += 1;
        }
        assert_eq!(next, [100, 3, 100]);
    }

    #[test]
    fn a_long_queue_does_not_fill_the_shares_of_short_ones() {
        let queues = (0..10).map(|n| queue(n, if n == 0 { 1_000 } else { 1 }));
        let mut backlog = Backlog { queues: queues.collect() };
        assert_eq!(backlog.take(1_000).len(), 109);
        assert_eq!(backlog.take(1_000).len(), 900, "alone it gets all");
    }

    #[test]
    fn more_queues_than_a_batch_holds_still_all_get_their_turn() {
        let mut backlog = Backlog { queues: (0..5).map(|n| queue(n, 2)).collect() };
        let first: Vec<_> = backlog.take(2).iter().map(|record| record.source.partition).collect();
        let second: Vec<_> = backlog.take(2).iter().map(|record| record.source.partition).collect();
        assert_eq!((first, second), (vec![0, 1], vec![2, 3]));
    }
}
