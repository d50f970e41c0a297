//! Reading a `text/event-stream`: bytes in, whole events out, however the bytes were cut.
//!
//! Keeps the last event id for the next connection. Ignores comments and unknown fields, as the
//! standard says. Pure: no I/O.

use bytes::{Buf as _, BytesMut};

/// An unfinished event may not grow beyond this; the stream is broken then.
const EVENT_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// Collects bytes and cuts them into events.
#[derive(Debug, Default)]
pub(super) struct SseReader {
    buffer: BytesMut,
    /// How far the buffer is known to hold no end of an event.
    searched: usize,
    last_id: String,
}

/// An event larger than any that the server may send.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EventTooLarge;

impl SseReader {
    /// The id to send as `Last-Event-ID`; empty before the first.
    pub(super) fn last_id(&self) -> &str {
        &self.last_id
    }

    /// Forgets a half-read event: a new connection begins.
    pub(super) fn reconnect(&mut self) {
        self.buffer.clear();
        self.searched = 0;
    }

    /// Takes the next bytes and calls `each` with the name and the data of every event that they
    /// complete.
    pub(super) fn feed(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(&str, &str),
    ) -> Result<(), EventTooLarge> {
        self.buffer.extend_from_slice(bytes);
        while let Some((length, gap)) = self.end_of_event() {
            let block = self.buffer.split_to(length);
            self.buffer.advance(gap);
            self.searched = 0;
            read_event(&String::from_utf8_lossy(&block), &mut self.last_id, &mut each);
        }
        if self.buffer.len() > EVENT_LIMIT_BYTES { Err(EventTooLarge) } else { Ok(()) }
    }

    /// Length of the first whole event, and of the blank line after it.
    fn end_of_event(&mut self) -> Option<(usize, usize)> {
        let bytes = &self.buffer[..];
        let mut at = self.searched;
        while let Some(offset) = bytes[at..].iter().position(|byte| *byte == b'\n') {
            let newline = at + offset;
            match &bytes[newline + 1..] {
                [b'\n', ..] => return Some((newline, 2)),
                [b'\r', b'\n', ..] => return Some((newline, 3)),
                // The next bytes decide whether this was the end.
                [] | [b'\r'] => {
                    self.searched = newline;
                    return None;
                }
                _ => at = newline + 1,
            }
        }
        self.searched = bytes.len();
        None
    }
}

fn read_event(block: &str, last_id: &mut String, each: &mut impl FnMut(&str, &str)) {
    let mut name = "message";
    let mut first: Option<&str> = None;
    let mut joined = String::new();
    // A lone `\r` is left over when the blank line began with one.
    for line in block.trim_end_matches('\r').lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => name = value,
            "id" => value.clone_into(last_id),
            "data" => match first {
                None => first = Some(value),
                Some(begun) => {
                    if joined.is_empty() {
                        joined.push_str(begun);
                    }
                    joined.push('\n');
                    joined.push_str(value);
                }
            },
            _ => {}
        }
    }
    if let Some(data) = first {
        each(name, if joined.is_empty() { data } else { &joined });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const STREAM: &str = ": hello\nretry: 1000\n\nid: 7\nevent: booking\ndata: {\"id\":1}\n\nid: 8\r\nevent: booking\r\ndata: a\r\ndata: b\r\n\r\n: beat\n\ndata: last\n\n";

    fn read(pieces: impl Iterator<Item = Vec<u8>>) -> (Vec<(String, String)>, String) {
        let mut reader = SseReader::default();
        let mut events = Vec::new();
        for piece in pieces {
            reader.feed(&piece, |name, data| events.push((name.to_owned(), data.to_owned()))).unwrap();
        }
        (events, reader.last_id().to_owned())
    }

    #[test]
    fn events_are_the_same_however_the_bytes_were_cut() {
        let event = |name: &str, data: &str| (name.to_owned(), data.to_owned());
        let expected = (
            vec![event("booking", "{\"id\":1}"), event("booking", "a\nb"), event("message", "last")],
            "8".to_owned(),
        );
        for size in 1..STREAM.len() {
            let pieces = STREAM.as_bytes().chunks(size).map(<[u8]>::to_vec);
            assert_eq!(read(pieces), expected, "pieces of {size}");
        }
    }

    #[test]
    fn a_new_connection_forgets_a_half_read_event_but_not_the_last_id() {
        let mut reader = SseReader::default();
        reader.feed(b"id: 3\ndata: x\n\nid: 4\ndata: ha", |_, _| {}).unwrap();
        reader.reconnect();
        let mut seen = Vec::new();
        reader.feed(b"data: y\n\n", |_, data| seen.push(data.to_owned())).unwrap();
        assert_eq!((seen, reader.last_id()), (vec!["y".to_owned()], "3"));
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut reader = SseReader::default();
        let bytes = vec![b'x'; EVENT_LIMIT_BYTES + 1];
        assert_eq!(reader.feed(&bytes, |_, _| {}), Err(EventTooLarge));
    }
}
