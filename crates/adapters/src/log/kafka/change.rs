//! What a record of the changelog says: a row of seat state, or how far a topic was read.
//!
//! Promises: what `record` writes `parse` reads. A commit's rows and positions are in one
//! transaction, positions last, so that a reader of the changelog knows which input records led to
//! which state. Never: a row of a message topic.

use bytes::{BufMut, Bytes, BytesMut};
use kernel::topic::Topic;
use stream::Put;

/// First byte of a key: how far a topic was read.
const POSITION: u8 = 0;
/// First byte of a key: a row of state.
const ROW: u8 = 1;

/// How far the owner of a partition has read one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReadUpTo {
    pub(super) topic: Topic,
    /// The offset of the next record to read.
    pub(super) next: u64,
    /// Which topic of that name it was, so that one that was deleted and made again is noticed.
    pub(super) topic_id: TopicId,
}

/// The broker's own id of a topic, as text.
pub(super) type TopicId = Bytes;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Row(Put),
    Position(ReadUpTo),
}

/// A record that this program did not write.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unreadable(pub(super) &'static str);

impl Change {
    pub(super) fn key(&self) -> Bytes {
        let mut key = BytesMut::new();
        match self {
            Self::Row(put) => {
                key.put_u8(ROW);
                key.put_slice(&put.key);
            }
            Self::Position(at) => {
                key.put_u8(POSITION);
                key.put_slice(at.topic.to_string().as_bytes());
            }
        }
        key.freeze()
    }

    /// `None` removes the row.
    pub(super) fn value(&self) -> Option<Bytes> {
        match self {
            Self::Row(put) if kernel::planted("kafka.removed-row-empty") => {
                Some(put.value.clone().unwrap_or_default())
            }
            Self::Row(put) => put.value.clone(),
            Self::Position(at) => Some(at.value()),
        }
    }

    pub(super) fn parse(key: &Bytes, value: Option<&Bytes>) -> Result<Self, Unreadable> {
        match key.first() {
            Some(&ROW) => Ok(Self::Row(Put { key: key.slice(1..), value: value.cloned() })),
            Some(&POSITION) => {
                let value = value.ok_or(Unreadable("a position was removed"))?;
                ReadUpTo::parse(&key[1..], value).map(Self::Position)
            }
            _ => Err(Unreadable("a key of an unknown kind")),
        }
    }
}

impl ReadUpTo {
    pub(super) fn value(&self) -> Bytes {
        let mut value = BytesMut::new();
        value.put_u64(self.next);
        value.put_slice(&self.topic_id);
        value.freeze()
    }

    pub(super) fn parse(topic: &[u8], value: &[u8]) -> Result<Self, Unreadable> {
        let (next, topic_id) = value.split_first_chunk().ok_or(Unreadable("a position without an offset"))?;
        let topic = std::str::from_utf8(topic).ok().and_then(|name| name.parse().ok());
        Ok(Self {
            topic: topic.ok_or(Unreadable("a position in an unknown topic"))?,
            next: u64::from_be_bytes(*next),
            topic_id: Bytes::copy_from_slice(topic_id),
        })
    }
}

#[cfg(test)]
mod tests {
    use kernel::topic::{Action, Lane};

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let row = |value| Change::Row(Put { key: "row".into(), value });
        let position = Change::Position(ReadUpTo {
            topic: Topic::new(Lane::Shared, Action::FinalizeTicketToPaid),
            next: 7,
            topic_id: "id".into(),
        });
        for change in [row(Some("value".into())), row(Some(Bytes::new())), row(None), position] {
            assert_eq!(Change::parse(&change.key(), change.value().as_ref()), Ok(change));
        }
    }

    #[test]
    fn what_nobody_wrote_is_refused() {
        for (key, value) in
            [("", Some("v")), ("\u{2}x", Some("v")), ("\0x", Some("12345678id")), ("\0", None)]
        {
            let value = value.map(Bytes::from);
            assert!(Change::parse(&Bytes::from(key), value.as_ref()).is_err(), "{key:?}");
        }
    }
}
