//! The encoding of the log as keys and values of its column families. Keys are big endian, so their
//! byte order is their numeric order.
//!
//! Promises: what one function writes its twin reads; a value that is too short is a named error.
//! Never: touches the database.

use bytes::Bytes;
use kernel::{
    message::Source,
    topic::{Service, Topic},
};
use stream::{DeadLetter, Record};

/// A topic's number in this log, given when the topic is first written to and never again.
pub(super) type TopicNumber = u32;

/// One partition of one topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct TopicPartition {
    pub(super) topic: TopicNumber,
    pub(super) partition: u16,
}

/// A key or value that this program did not write, or that was damaged since.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unreadable(pub(super) String);

/// Bytes of a record's key.
pub(super) const RECORD_KEY_BYTES: usize = 14;

pub(super) fn record_key(at: TopicPartition, offset: u64) -> [u8; RECORD_KEY_BYTES] {
    let mut key = [0; RECORD_KEY_BYTES];
    key[..4].copy_from_slice(&at.topic.to_be_bytes());
    key[4..6].copy_from_slice(&at.partition.to_be_bytes());
    key[6..].copy_from_slice(&offset.to_be_bytes());
    key
}

pub(super) fn parse_record_key(key: &[u8]) -> Result<(TopicPartition, u64), Unreadable> {
    let mut rest = Rest(key);
    let at = TopicPartition {
        topic: u32::from_be_bytes(rest.take()?),
        partition: u16::from_be_bytes(rest.take()?),
    };
    Ok((at, u64::from_be_bytes(rest.take()?)))
}

/// Append time (UTC milliseconds), length of the key, key, payload.
pub(super) fn write_record(value: &mut Vec<u8>, at_millis: i64, key: &[u8], payload: &[u8]) {
    value.clear();
    value.extend_from_slice(&at_millis.to_be_bytes());
    put_sized(value, key);
    value.extend_from_slice(payload);
}

/// The append time (UTC milliseconds), key and payload of a record.
pub(super) fn parse_record(value: &[u8]) -> Result<(i64, Bytes, Bytes), Unreadable> {
    let mut rest = Rest(value);
    let at = i64::from_be_bytes(rest.take()?);
    let key = rest.take_sized()?;
    // One allocation for both: the key is a view into the same bytes.
    let both = Bytes::copy_from_slice(&value[12..]);
    Ok((at, both.slice(..key.len()), both.slice(key.len()..)))
}

pub(super) fn topic_value(number: TopicNumber, partitions: u16) -> Vec<u8> {
    [&number.to_be_bytes()[..], &partitions.to_be_bytes()[..]].concat()
}

pub(super) fn parse_topic(key: &[u8], value: &[u8]) -> Result<(Topic, TopicNumber), Unreadable> {
    let name = std::str::from_utf8(key).map_err(|_| Unreadable(format!("topic name {key:?}")))?;
    let topic = name.parse().map_err(|_| Unreadable(format!("topic name {name}")))?;
    Ok((topic, u32::from_be_bytes(Rest(value).take()?)))
}

/// All positions of one reader group begin with its name and a zero byte.
pub(super) fn positions_prefix(group: Service) -> Vec<u8> {
    [group.as_str().as_bytes(), &[0]].concat()
}

pub(super) fn position_key(group: Service, at: TopicPartition) -> Vec<u8> {
    [&positions_prefix(group)[..], &at.topic.to_be_bytes(), &at.partition.to_be_bytes()].concat()
}

/// The group's name, the topic's partition and the next offset.
pub(super) fn parse_position(key: &[u8], value: &[u8]) -> Result<(String, TopicPartition, u64), Unreadable> {
    let end =
        key.iter().position(|byte| *byte == 0).ok_or_else(|| Unreadable(format!("position {key:?}")))?;
    let group = String::from_utf8_lossy(&key[..end]).into_owned();
    let mut rest = Rest(&key[end + 1..]);
    let at = TopicPartition {
        topic: u32::from_be_bytes(rest.take()?),
        partition: u16::from_be_bytes(rest.take()?),
    };
    Ok((group, at, u64::from_be_bytes(Rest(value).take()?)))
}

pub(super) fn state_key(partition: u16, row: &[u8]) -> Vec<u8> {
    [&partition.to_be_bytes()[..], row].concat()
}

pub(super) fn parse_state_key(key: &[u8]) -> Result<(u16, Bytes), Unreadable> {
    let mut rest = Rest(key);
    let partition = u16::from_be_bytes(rest.take()?);
    Ok((partition, Bytes::copy_from_slice(rest.0)))
}

/// Length of the reason, reason, length of the key, key, payload. Its key is the record's own.
pub(super) fn dead_letter_value(letter: &DeadLetter) -> Vec<u8> {
    let mut value = Vec::new();
    put_sized(&mut value, letter.reason.as_bytes());
    put_sized(&mut value, &letter.record.key);
    value.extend_from_slice(&letter.record.payload);
    value
}

pub(super) fn parse_dead_letter(source: Source, value: &[u8]) -> Result<DeadLetter, Unreadable> {
    let mut rest = Rest(value);
    let reason = String::from_utf8_lossy(rest.take_sized()?).into_owned();
    let key = Bytes::copy_from_slice(rest.take_sized()?);
    let payload = Bytes::copy_from_slice(rest.0);
    Ok(DeadLetter { record: Record { source, key, payload }, reason })
}

/// No single key or payload comes near 4 GiB: requests are limited to a megabyte.
fn put_sized(value: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or_else(|_| unreachable!("a message of 4 GiB"));
    value.extend_from_slice(&length.to_be_bytes());
    value.extend_from_slice(bytes);
}

/// What is still to be read of a key or value.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        let Some((head, tail)) = self.0.split_first_chunk::<N>() else {
            return Err(Unreadable(format!("{} bytes where {N} were due", self.0.len())));
        };
        self.0 = tail;
        Ok(*head)
    }

    fn take_sized(&mut self) -> Result<&'a [u8], Unreadable> {
        let length = u32::from_be_bytes(self.take()?) as usize;
        let Some((head, tail)) = self.0.split_at_checked(length) else {
            return Err(Unreadable(format!("{} bytes where {length} were due", self.0.len())));
        };
        self.0 = tail;
        Ok(head)
    }
}

#[cfg(test)]
mod tests {
    use kernel::topic::{Action, Lane};

    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let at = TopicPartition { topic: 7, partition: 9 };
        assert_eq!(parse_record_key(&record_key(at, 300)), Ok((at, 300)));
        let mut value = Vec::new();
        write_record(&mut value, -5, b"key", b"payload");
        assert_eq!(parse_record(&value), Ok((-5, Bytes::from("key"), Bytes::from("payload"))));
        let position = position_key(Service::Booking, at);
        assert_eq!(parse_position(&position, &3u64.to_be_bytes()), Ok(("booking-service".to_owned(), at, 3)));
        assert_eq!(parse_state_key(&state_key(9, b"row")), Ok((9, Bytes::from("row"))));
        let topic = Topic::new(Lane::Shared, Action::FinalizeTicketToPaid);
        assert_eq!(parse_topic(topic.to_string().as_bytes(), &topic_value(7, 10)), Ok((topic, 7)));
        let source = Source { topic, partition: 9, offset: 300 };
        let record = Record { source, key: Bytes::from("key"), payload: Bytes::from("payload") };
        let letter = DeadLetter { record, reason: "because".to_owned() };
        assert_eq!(parse_dead_letter(source, &dead_letter_value(&letter)), Ok(letter));
    }

    #[test]
    fn keys_sort_as_they_count() {
        let at = |topic, partition| TopicPartition { topic, partition };
        assert!(record_key(at(1, 2), 255) < record_key(at(1, 2), 256));
        assert!(record_key(at(1, 9), u64::MAX) < record_key(at(1, 10), 0));
        assert!(record_key(at(255, 9), 1) < record_key(at(256, 0), 0));
    }

    #[test]
    fn what_is_cut_short_is_refused() {
        let mut value = Vec::new();
        write_record(&mut value, 1, b"key", b"");
        for length in 0..value.len() {
            assert!(parse_record(&value[..length]).is_err(), "{length}");
        }
        assert!(parse_record_key(&[0; 13]).is_err());
    }
}
