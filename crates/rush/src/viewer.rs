//! A viewer who watches the event's live seat map and recounts the seats.
//!
//! Promises: after each change the counts that were sent are those of the seats that were sent;
//! otherwise it is an error.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use anyhow::{Context as _, bail};
use http_body_util::BodyExt as _;
use hyper::StatusCode;
use serde::Deserialize;

use super::client::{Call, Connection};
use super::rush::Rush;
use super::sse::SseReader;
use super::tally::Trouble;

const SILENCE: Duration = Duration::from_secs(45);
const PAUSE: Duration = Duration::from_millis(200);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
struct Counts {
    available: u64,
    reserved: u64,
    sold: u64,
}

#[derive(Debug, Deserialize)]
struct SnapshotEvent {
    #[serde(flatten)]
    counts: Counts,
    sections: Vec<SnapshotSection>,
}

#[derive(Debug, Deserialize)]
struct SnapshotSection {
    name: String,
    subsections: Vec<SnapshotBlock>,
}

#[derive(Debug, Deserialize)]
struct SnapshotBlock {
    number: u32,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Debug, Deserialize)]
struct CountsEvent {
    section: String,
    subsection: u32,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Debug, Deserialize)]
struct SeatsEvent {
    section: String,
    subsection: u32,
    changes: Vec<SeatChange>,
}

#[derive(Debug, Deserialize)]
struct SeatChange {
    id: String,
    status: String,
}

/// What the viewer has seen of one subsection.
#[derive(Debug)]
struct Block {
    counts: Counts,
    /// The statuses of the seats that changed since the last snapshot.
    seen: HashMap<String, String>,
}

/// What the viewer has seen of the event.
#[derive(Debug, Default)]
struct Seen {
    blocks: HashMap<(String, u32), Block>,
    changes: u64,
}

impl Seen {
    /// Takes in one event of the stream.
    fn take(&mut self, name: &str, data: &str) -> Result<(), Trouble> {
        let unreadable = |error: serde_json::Error| Trouble::new("unreadable-view", error.to_string());
        match name {
            "snapshot" => self.begin(serde_json::from_str(data).map_err(unreadable)?),
            "subsection" => self.count(serde_json::from_str(data).map_err(unreadable)?),
            "seats" => self.change(serde_json::from_str(data).map_err(unreadable)?),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, snapshot: SnapshotEvent) -> Result<(), Trouble> {
        let mut sum = Counts { available: 0, reserved: 0, sold: 0 };
        self.blocks.clear();
        for section in snapshot.sections {
            for block in section.subsections {
                let counts = block.counts;
                sum.available += counts.available;
                sum.reserved += counts.reserved;
                sum.sold += counts.sold;
                let seen = Block { counts, seen: HashMap::new() };
                self.blocks.insert((section.name.clone(), block.number), seen);
            }
        }
        if sum == snapshot.counts {
            return Ok(());
        }
        Err(Trouble::new("view-is-not-the-sum", format!("{:?}, sum {sum:?}", snapshot.counts)))
    }

    fn count(&mut self, event: CountsEvent) -> Result<(), Trouble> {
        let Some(block) = self.blocks.get_mut(&(event.section, event.subsection)) else {
            return Err(Trouble::new("view-before-its-snapshot", event.subsection.to_string()));
        };
        let total = |counts: Counts| counts.available + counts.reserved + counts.sold;
        if total(block.counts) != total(event.counts) {
            return Err(Trouble::new("view-loses-seats", format!("{:?}: {:?}", block.counts, event.counts)));
        }
        block.counts = event.counts;
        Ok(())
    }

    /// The seats come after their counts: those that were seen must fit in.
    fn change(&mut self, event: SeatsEvent) -> Result<(), Trouble> {
        let Some(block) = self.blocks.get_mut(&(event.section, event.subsection)) else {
            return Err(Trouble::new("view-before-its-snapshot", event.subsection.to_string()));
        };
        for change in event.changes {
            block.seen.insert(change.id, change.status);
            self.changes += 1;
        }
        let of = |status: &str| block.seen.values().filter(|seen| *seen == status).count() as u64;
        let seen = Counts { available: of("available"), reserved: of("reserved"), sold: of("sold") };
        let counts = block.counts;
        let fits = seen.available <= counts.available
            && seen.reserved <= counts.reserved
            && seen.sold <= counts.sold;
        if fits {
            Ok(())
        } else {
            Err(Trouble::new("view-counts-other-seats", format!("{counts:?}, seen {seen:?}")))
        }
    }
}

/// Watches until aborted; a stream that ends is opened again where it ended.
pub(super) async fn watch(rush: Arc<Rush>) {
    let mut reader = SseReader::default();
    let mut seen = Seen::default();
    loop {
        // Not being able to connect is no news while the server starts again; the lines say so when
        // it lasts.
        if let Err(error) = one_stream(&rush, &mut reader, &mut seen).await
            && !rush.args.through_restarts
        {
            rush.tally.error(Trouble::new("view-does-not-open", format!("{error:#}")));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn one_stream(rush: &Rush, reader: &mut SseReader, seen: &mut Seen) -> anyhow::Result<()> {
    let mut connection = Connection::new(Arc::clone(&rush.target), None);
    reader.reconnect();
    let path = format!("/v1/events/{}/live", rush.outline.event_id);
    let response = connection.stream(&Call::get(path), reader.last_id()).await?;
    if response.status() != StatusCode::OK {
        bail!("the live map answered {}", response.status());
    }
    let mut body = response.into_body();
    while let Ok(Some(Ok(frame))) = tokio::time::timeout(SILENCE, body.frame()).await {
        let Some(bytes) = frame.data_ref() else { continue };
        let before = seen.changes;
        reader
            .feed(bytes, |name, data| {
                if let Err(trouble) = seen.take(name, data) {
                    rush.tally.error(trouble);
                }
            })
            .ok()
            .context("an event without an end")?;
        rush.tally.mix.changes_seen.fetch_add(seen.changes - before, Relaxed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SNAPSHOT: &str = r#"{"available":3,"reserved":1,"sold":0,"sections":[
        {"name":"A","subsections":[{"number":1,"available":3,"reserved":1,"sold":0,"states":"BA=="}]}]}"#;

    fn check(events: &[(&str, &str)], expect: Result<(), &str>) {
        let mut seen = Seen::default();
        let mut last = Ok(());
        for (name, data) in events {
            last = seen.take(name, data);
        }
        assert_eq!(last.as_ref().map_err(|trouble| trouble.kind.as_str()).copied(), expect, "{events:?}");
    }

    #[test]
    fn counts_are_those_of_the_seats() {
        let counts = r#"{"section":"A","subsection":1,"available":2,"reserved":2,"sold":0}"#;
        let seats = r#"{"section":"A","subsection":1,"changes":[{"id":"A-1-1-1","status":"reserved"}]}"#;
        check(&[("snapshot", SNAPSHOT), ("subsection", counts), ("seats", seats)], Ok(()));
        let sold = r#"{"section":"A","subsection":1,"changes":[{"id":"A-1-1-1","status":"sold"}]}"#;
        check(
            &[("snapshot", SNAPSHOT), ("subsection", counts), ("seats", sold)],
            Err("view-counts-other-seats"),
        );
        let lost = r#"{"section":"A","subsection":1,"available":2,"reserved":1,"sold":0}"#;
        check(&[("snapshot", SNAPSHOT), ("subsection", lost)], Err("view-loses-seats"));
        check(&[("seats", seats)], Err("view-before-its-snapshot"));
        let sum = SNAPSHOT.replacen("\"reserved\":1", "\"reserved\":2", 1);
        check(&[("snapshot", &sum)], Err("view-is-not-the-sum"));
    }
}
