//! The stream of one event that somebody watches: what changed since the last frame, the frames to
//! come back to, the snapshot.
//!
//! Promises: frames are numbered without a gap within one epoch; the snapshot and all frames after
//! it give the map. Bounded in bytes.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use kernel::{EventId, limits};
use tokio::{sync::broadcast, time::Instant};

use super::{
    super::{
        map::{Change, EventMap},
        new_epoch, shapes,
    },
    Pending, TICK,
};
use crate::telemetry::LIVE_FRAMES;

/// One tick's changes, shared by all viewers.
#[derive(Clone)]
pub(super) struct Frame {
    sequence: u64,
    pub(super) bytes: Bytes,
}

/// A stream that somebody watches, or did a moment ago.
pub(super) struct Watched {
    epoch: u32,
    sequence: u64,
    pending: Pending,
    pending_seats: usize,
    /// The next frame must be a snapshot.
    whole: bool,
    /// It waits for its next frame already.
    rung: bool,
    frames: broadcast::Sender<Frame>,
    kept: VecDeque<Frame>,
    kept_bytes: usize,
    next_frame_at: Instant,
    kept_until: Instant,
    snapshot: Option<Bytes>,
}

impl Watched {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            epoch: new_epoch(),
            sequence: 0,
            pending: Pending::new(),
            pending_seats: 0,
            whole: false,
            rung: false,
            frames: broadcast::Sender::new(limits::FRAMES_WAITING_PER_VIEWER),
            kept: VecDeque::new(),
            kept_bytes: 0,
            next_frame_at: now,
            kept_until: now + limits::FRAMES_KEPT_FOR,
            snapshot: None,
        }
    }

    /// The map was replaced: the state of all viewers is stale.
    pub(super) fn restart(&mut self) {
        self.epoch = new_epoch();
        self.kept.clear();
        self.kept_bytes = 0;
        self.snapshot = None;
        self.whole = true;
        self.rung = true;
    }

    /// Remembers a change; true when the stream must be rung for.
    pub(super) fn note(&mut self, change: Change) -> bool {
        match change {
            Change::Nothing => return false,
            Change::Section => self.whole = true,
            Change::Seats { section, subsection, numbers } => {
                self.pending_seats += numbers.len();
                self.whole |= self.pending_seats > limits::SEATS_PER_FRAME;
                if !self.whole {
                    self.pending.entry((section, subsection)).or_default().extend(numbers);
                }
            }
        }
        self.snapshot = None;
        !std::mem::replace(&mut self.rung, true)
    }

    pub(super) fn position(&self) -> String {
        format!("{:08x}.{}", self.epoch, self.sequence)
    }

    pub(super) fn subscribe(&mut self) -> broadcast::Receiver<Frame> {
        self.kept_until = Instant::now() + limits::FRAMES_KEPT_FOR;
        self.frames.subscribe()
    }

    /// The frames after the one with this id; `None` when they are not all kept.
    pub(super) fn missed_since(&self, id: &str) -> Option<Vec<Frame>> {
        let (epoch, sequence) = id.split_once('.')?;
        if u32::from_str_radix(epoch, 16) != Ok(self.epoch) {
            return None;
        }
        let seen: u64 = sequence.parse().ok()?;
        let oldest = self.kept.front().map_or(self.sequence + 1, |frame| frame.sequence);
        if seen > self.sequence || seen + 1 < oldest {
            return None;
        }
        Some(self.kept.iter().filter(|frame| frame.sequence > seen).cloned().collect())
    }

    /// The map as it stands. It may hold changes of the next frame already; getting them again does
    /// no harm.
    pub(super) fn snapshot(&mut self, event: EventId, map: &EventMap) -> Frame {
        let (sequence, position) = (self.sequence, self.position());
        let bytes = self.snapshot.get_or_insert_with(|| {
            let mut text = String::new();
            shapes::write_event(&mut text, "snapshot", &shapes::snapshot(event, position.clone(), map));
            shapes::with_id(text, &position)
        });
        Frame { sequence, bytes: bytes.clone() }
    }

    /// Nobody has watched for a while.
    pub(super) fn is_forgotten(&mut self, now: Instant) -> bool {
        if self.frames.receiver_count() > 0 {
            self.kept_until = now + limits::FRAMES_KEPT_FOR;
        }
        now > self.kept_until
    }

    /// Makes the next frame and sends it; false when it is too early.
    pub(super) fn make_frame(&mut self, event: EventId, map: &EventMap, now: Instant) -> bool {
        if now < self.next_frame_at {
            return false;
        }
        self.rung = false;
        self.sequence += 1;
        self.snapshot = None;
        let bytes = if std::mem::take(&mut self.whole) {
            self.pending.clear();
            self.snapshot(event, map).bytes
        } else {
            self.changes(map)
        };
        self.pending_seats = 0;
        let viewers = self.frames.receiver_count();
        self.next_frame_at = now + pause(bytes.len() * viewers);
        let frame = Frame { sequence: self.sequence, bytes };
        self.keep(frame.clone());
        metrics::counter!(LIVE_FRAMES, "kind" => "seats").increment(1);
        // Without listeners the frame is kept for viewers that reconnect.
        let _ = self.frames.send(frame);
        true
    }

    fn changes(&mut self, map: &EventMap) -> Bytes {
        let mut text = String::new();
        for ((name, number), mut seats) in std::mem::take(&mut self.pending) {
            seats.sort_unstable();
            seats.dedup();
            let section = map.section(&name);
            if let Some((name, view)) = section.and_then(|s| Some((s.name(), s.subsection(number)?))) {
                shapes::write_changes(&mut text, name, view, &seats);
            }
        }
        shapes::with_id(text, &self.position())
    }

    fn keep(&mut self, frame: Frame) {
        self.kept_bytes += frame.bytes.len();
        self.kept.push_back(frame);
        while self.kept.len() > limits::FRAMES_KEPT_PER_EVENT
            || self.kept_bytes > limits::FRAME_BYTES_KEPT_PER_EVENT
        {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.kept_bytes -= oldest.bytes.len();
        }
    }
}

/// The pause after a frame that cost so many bytes for all its viewers together. A little less than
/// a tick, so that the next tick is not too early.
fn pause(bytes: usize) -> Duration {
    let micros =
        u64::try_from(bytes.saturating_mul(1_000_000) / limits::FRAME_BYTES_PER_SECOND).unwrap_or(u64::MAX);
    Duration::from_micros(micros).clamp(TICK / 2, limits::FRAME_PAUSE)
}
