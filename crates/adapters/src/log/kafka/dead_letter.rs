//! A record that a seat loop could not decode, as the topic of dead letters holds it: unchanged,
//! with headers that say where it comes from and why.
//!
//! Promises: what `headers` writes `parse` reads.

use bytes::Bytes;
use confluent_kafka::{
    common::header::{Header, Headers, RecordHeader, RecordHeaders},
    consumer::ConsumerRecord,
};
use kernel::message::Source;
use stream::{DeadLetter, Record};

const TOPIC: &str = "topic";
const PARTITION: &str = "partition";
const OFFSET: &str = "offset";
const REASON: &str = "reason";

pub(super) fn headers(letter: &DeadLetter) -> RecordHeaders {
    let source = letter.record.source;
    let header = |key: &str, value: String| RecordHeader::new(key.to_owned(), Some(value.into_bytes()));
    RecordHeaders::with_header_iter([
        header(TOPIC, source.topic.to_string()),
        header(PARTITION, source.partition.to_string()),
        header(OFFSET, source.offset.to_string()),
        header(REASON, letter.reason.clone()),
    ])
}

/// `None` for what this program did not write.
pub(super) fn parse(record: &ConsumerRecord<Bytes, Bytes>) -> Option<DeadLetter> {
    let text = |key: &str| {
        let header = record.headers().last_header(key)?;
        std::str::from_utf8(header.value()?).ok()
    };
    let source = Source {
        topic: text(TOPIC)?.parse().ok()?,
        partition: text(PARTITION)?.parse().ok()?,
        offset: text(OFFSET)?.parse().ok()?,
    };
    let part = |part: Option<&Bytes>| part.cloned().unwrap_or_default();
    let record = Record { source, key: part(record.key()), payload: part(record.value()) };
    Some(DeadLetter { record, reason: text(REASON)?.to_owned() })
}
