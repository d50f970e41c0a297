//! A listener to Server-Sent Events: keeps all that was heard, in order, and waits for what is to
//! come.
//!
//! It never reconnects by itself: a scenario that wants to resume says so, with the id it heard
//! last.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::StreamExt;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api::Api;
use crate::patience::DEADLINE;

/// One event as it was heard.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The `event:` line; `message` when there was none.
    pub name: String,
    /// The `id:` line, where there was one.
    pub id: Option<String>,
    /// The data as JSON; a JSON string of the raw text where it is none.
    pub data: Value,
}

/// A stream that is being listened to. Dropping it hangs up.
#[derive(Debug)]
pub struct Listener {
    heard: Arc<Mutex<Vec<Heard>>>,
    changes: watch::Receiver<Progress>,
    task: JoinHandle<()>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Progress {
    heard: usize,
    ended: bool,
}

impl Listener {
    /// Opens the stream at `path`; the answer must be 200 with an event stream.
    pub async fn open(api: &Api, path: &str, token: Option<&str>, last_event_id: Option<&str>) -> Self {
        let mut call = api.get(path).token(token).header("accept", "text/event-stream");
        if let Some(id) = last_event_id {
            call = call.header("last-event-id", id);
        }
        let response = call.open().await.unwrap_or_else(|error| panic!("no stream at {path}: {error:?}"));
        let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        assert_eq!(response.status().as_u16(), 200, "the stream at {path} was refused");
        assert!(
            kind.as_deref().is_some_and(|kind| kind.starts_with("text/event-stream")),
            "{path} is {kind:?}"
        );

        let heard = Arc::new(Mutex::new(Vec::new()));
        let (sender, changes) = watch::channel(Progress::default());
        let keep = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            let mut bytes = response.bytes_stream();
            let mut parser = Parser::default();
            while let Some(Ok(chunk)) = bytes.next().await {
                let mut keep = keep.lock().unwrap();
                parser.take(&chunk, &mut keep);
                sender.send_modify(|progress| progress.heard = keep.len());
            }
            sender.send_modify(|progress| progress.ended = true);
        });
        Self { heard, changes, task }
    }

    /// All that was heard so far.
    pub fn all(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// The id that came last, to resume with.
    pub fn last_id(&self) -> Option<String> {
        self.heard.lock().unwrap().iter().rev().find_map(|heard| heard.id.clone())
    }

    /// The first event that `fits`, among those heard already or as soon as it comes.
    pub async fn hear(&self, what: &str, fits: impl Fn(&Heard) -> bool) -> Heard {
        let mut changes = self.changes.clone();
        let waiting = async {
            loop {
                let progress = *changes.borrow_and_update();
                let found = self.heard.lock().unwrap().iter().find(|heard| fits(heard)).cloned();
                if found.is_some() {
                    return found;
                }
                if progress.ended || changes.changed().await.is_err() {
                    return None;
                }
            }
        };
        match tokio::time::timeout(DEADLINE, waiting).await {
            Ok(Some(found)) => found,
            Ok(None) => panic!("the stream ended before {what}; heard: {:#?}", self.latest()),
            Err(elapsed) => panic!("{elapsed} of {DEADLINE:?} for {what}; heard last: {:#?}", self.latest()),
        }
    }

    /// Waits until the server hangs up, for at most `patience`.
    pub async fn ended_within(&self, patience: Duration) -> bool {
        let mut changes = self.changes.clone();
        let ended = async { changes.wait_for(|progress| progress.ended).await.is_ok() };
        tokio::time::timeout(patience, ended).await.unwrap_or(false)
    }

    /// The last few events, for a message that fits on a screen.
    fn latest(&self) -> Vec<Heard> {
        let heard = self.heard.lock().unwrap();
        heard.iter().skip(heard.len().saturating_sub(8)).cloned().collect()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Splits the bytes of an event stream into events, as the standard says.
#[derive(Default)]
struct Parser {
    pending: Vec<u8>,
    name: Option<String>,
    id: Option<String>,
    data: Vec<String>,
}

impl Parser {
    fn take(&mut self, chunk: &[u8], heard: &mut Vec<Heard>) {
        self.pending.extend_from_slice(chunk);
        while let Some(end) = self.pending.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = self.pending.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            self.line(line.trim_end_matches(['\n', '\r']), heard);
        }
    }

    fn line(&mut self, line: &str, heard: &mut Vec<Heard>) {
        if line.is_empty() {
            self.dispatch(heard);
            return;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => self.name = Some(value.to_owned()),
            "id" => self.id = Some(value.to_owned()),
            "data" => self.data.push(value.to_owned()),
            // A comment (an empty field name) is the heartbeat; `retry` is advice to browsers.
            _ => {}
        }
    }

    fn dispatch(&mut self, heard: &mut Vec<Heard>) {
        let name = self.name.take().unwrap_or_else(|| "message".to_owned());
        let id = self.id.take();
        if self.data.is_empty() {
            return;
        }
        let text = self.data.join("\n");
        self.data.clear();
        let data = serde_json::from_str(&text).unwrap_or(Value::String(text));
        heard.push(Heard { name, id, data });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chunks may be cut anywhere, also inside a line.
    #[test]
    fn events_are_the_same_wherever_the_chunks_are_cut() {
        let text = b": beat\n\nevent: seats\r\nid: 7\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\ndata: plain\n\n";
        for cut in 0..text.len() {
            let mut parser = Parser::default();
            let mut heard = Vec::new();
            parser.take(&text[..cut], &mut heard);
            parser.take(&text[cut..], &mut heard);
            let seen: Vec<_> =
                heard.iter().map(|h| (h.name.as_str(), h.id.as_deref(), h.data.to_string())).collect();
            let expected =
                [("seats", Some("7"), "{\"a\":1}".to_owned()), ("message", None, "\"plain\"".to_owned())];
            assert_eq!(seen, expected, "cut at {cut}");
        }
    }
}
