//! What members decide in the gate: each stream counts its inputs. Small, and every mistake of the
//! log shows in it.
//!
//! A stream is one topic's partition; its inputs carry the numbers 1, 2, 3… A repeated number (the
//! publisher may repeat) changes nothing. The state is the last number and a chain over all of
//! them; each input is answered with both.

use std::{collections::BTreeMap, fmt};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use kernel::{
    Fault,
    topic::{Action, Lane, Topic},
};
use stream::{
    Outgoing, Record, Row,
    exactly_once::{Effects, Handler},
};

/// One topic's partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stream {
    pub(crate) topic: Topic,
    pub(crate) partition: u16,
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.partition)
    }
}

impl Stream {
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let (topic, partition) = std::str::from_utf8(text).ok()?.rsplit_once('/')?;
        Some(Self { topic: topic.parse().ok()?, partition: partition.parse().ok()? })
    }

    pub(crate) fn input(self, number: u64) -> Outgoing {
        Outgoing {
            topic: self.topic,
            partition: self.partition,
            key: self.to_string().into(),
            payload: Bytes::copy_from_slice(&number.to_be_bytes()),
        }
    }
}

/// How far a stream was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) last: u64,
    chain: u64,
}

impl Count {
    /// After the next number.
    pub(crate) fn next(self) -> Self {
        let last = self.last + 1;
        Self { last, chain: (self.chain.rotate_left(5) ^ last).wrapping_mul(0x9e37_79b9_7f4a_7c15) }
    }

    pub(crate) fn encode(self) -> Bytes {
        let mut bytes = BytesMut::new();
        bytes.put_u64(self.last);
        bytes.put_u64(self.chain);
        bytes.freeze()
    }

    pub(crate) fn parse(mut bytes: Bytes) -> Option<Self> {
        (bytes.len() == 16).then(|| Self { last: bytes.get_u64(), chain: bytes.get_u64() })
    }
}

/// The state of one partition.
pub(crate) struct Counter(BTreeMap<Stream, Count>);

impl Handler for Counter {
    fn restore(rows: Vec<Row>) -> Result<Self, Fault> {
        let unreadable = || Fault::new("restore the counts", "a row that nobody wrote");
        let counts = rows.into_iter().map(|(key, value)| {
            Ok((Stream::parse(&key).ok_or_else(unreadable)?, Count::parse(value).ok_or_else(unreadable)?))
        });
        counts.collect::<Result<_, _>>().map(Self)
    }

    fn handle(&mut self, record: &Record, effects: &mut Effects) -> Result<(), String> {
        let stream = Stream { topic: record.source.topic, partition: record.source.partition };
        let number = record.payload.first_chunk().copied().map(u64::from_be_bytes);
        let number = number.ok_or_else(|| "no number".to_owned())?;
        let count = self.0.entry(stream).or_default();
        if number <= count.last {
            return Ok(());
        }
        let next = count.next();
        if number != next.last {
            return Err(format!("{stream} went from {} to {number}", count.last));
        }
        *count = next;
        effects.put(stream.to_string().into(), next.encode());
        effects.send(Outgoing {
            topic: Topic::new(Lane::Shared, Action::BookingStatusToFailed),
            partition: stream.partition,
            key: stream.to_string().into(),
            payload: next.encode(),
        });
        Ok(())
    }
}
