//! The seat maps of all events (a projection of the seat changelog), and the streams of their
//! viewers.
//!
//! Promises: a map is a function of what was committed; viewers of an event share one frame per
//! tick, at most [`limits::FRAMES_PER_SECOND`] and fewer when frames are large and viewers many;
//! deltas carry the new status, so that getting one twice does no harm. Never: used to decide who
//! gets a seat.

mod watched;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use api::seats::{Counts, EventCounts, SubsectionSeats};
use bytes::Bytes;
use kernel::{EventId, Fault, SectionName, limits};
use parking_lot::{Mutex, MutexGuard, RwLock};
use seat_reservation::row::{self, SeatRow, kind};
use stream::{
    Put,
    port::{Changelog, ChangelogFeed},
};
use tokio::{
    sync::{Notify, broadcast::error::RecvError, watch},
    time::{Instant, interval, sleep},
};

use super::{
    map::{Change, EventMap},
    shapes,
    sse::Source,
};
use watched::{Frame, Watched};

/// The pause between two frames of one event.
pub(super) const TICK: Duration = Duration::from_millis(1_000 / limits::FRAMES_PER_SECOND as u64);
/// The back-off before the changelog is followed again.
const FOLLOW_AGAIN: Duration = Duration::from_millis(500);

/// The seat maps of all events.
pub struct SeatMaps {
    events: RwLock<HashMap<EventId, Arc<EventCell>>>,
    /// Watched events that changed since their last frame.
    changed: Mutex<Vec<Arc<EventCell>>>,
    bell: Notify,
    /// Rings when a section opens anywhere.
    opened: Notify,
    /// True once the stored state was read.
    loaded: watch::Sender<bool>,
}

/// One event's map and its viewers.
struct EventCell {
    id: EventId,
    state: Mutex<EventState>,
    /// Rises with every change of a seat.
    changes: AtomicU64,
}

#[derive(Default)]
struct EventState {
    map: EventMap,
    watched: Option<Watched>,
}

/// A subsection's seats in the form that was asked for.
pub enum Seats {
    Json(SubsectionSeats),
    Compact(Bytes),
}

impl Default for SeatMaps {
    fn default() -> Self {
        Self {
            events: RwLock::default(),
            changed: Mutex::default(),
            bell: Notify::new(),
            opened: Notify::new(),
            loaded: watch::Sender::new(false),
        }
    }
}

impl SeatMaps {
    /// Follows the changelog until the log shuts down. A follower that fell behind starts over, and
    /// its viewers get fresh snapshots.
    pub async fn follow(self: Arc<Self>, changelog: impl Changelog) {
        loop {
            match self.follow_once(&changelog).await {
                Ok(()) => return,
                Err(fault) => {
                    let cause = kernel::fault::chain(&fault);
                    tracing::warn!(
                        cause,
                        "following the changelog failed; seat maps start over from its beginning"
                    );
                    sleep(FOLLOW_AGAIN).await;
                }
            }
        }
    }

    async fn follow_once(&self, changelog: &impl Changelog) -> Result<(), Fault> {
        let (rows, mut feed) = changelog.follow().await?;
        self.reset(rows);
        while let Some(puts) = feed.next().await? {
            self.apply(puts);
        }
        Ok(())
    }

    /// Takes a whole state of the store over.
    fn reset(&self, rows: Vec<stream::Row>) {
        let mut maps: HashMap<EventId, EventMap> = HashMap::new();
        let (sections, seats): (Vec<_>, Vec<_>) =
            rows.into_iter().filter(|(key, _)| is_of_maps(key)).partition(|(key, _)| key[0] == kind::SECTION);
        for (key, value) in sections.into_iter().chain(seats) {
            match understood(&key, &value) {
                Some(SeatRow::Section(row)) => {
                    maps.entry(row.event_id).or_default().apply_section(row);
                }
                Some(SeatRow::Seats(row)) => {
                    maps.entry(row.event_id).or_default().apply_seats(&row);
                }
                _ => {}
            }
        }
        for (event, map) in maps {
            let cell = self.cell(event);
            let mut state = cell.lock();
            state.map = map;
            if let Some(watched) = &mut state.watched {
                watched.restart();
                drop(state);
                self.ring(cell);
            }
        }
        self.opened.notify_waiters();
        self.loaded.send_replace(true);
    }

    /// Waits until the stored state was read: before, every event looks closed.
    pub async fn loaded(&self) {
        // This holds the sender, so waiting cannot fail.
        let _ = self.loaded.subscribe().wait_for(|&loaded| loaded).await;
    }

    /// Takes committed rows over, in their order.
    fn apply(&self, puts: Vec<Put>) {
        for put in puts.into_iter().filter(|put| is_of_maps(&put.key)) {
            let Some(value) = put.value else { continue };
            match understood(&put.key, &value) {
                Some(SeatRow::Section(row)) => {
                    let cell = self.cell(row.event_id);
                    let change = cell.lock().map.apply_section(row);
                    self.note(cell, change);
                    self.opened.notify_waiters();
                }
                Some(SeatRow::Seats(row)) => {
                    let cell = self.cell(row.event_id);
                    let change = cell.lock().map.apply_seats(&row);
                    self.note(cell, change);
                }
                _ => {}
            }
        }
    }

    /// Remembers what changed for the viewers, when there are any.
    fn note(&self, cell: Arc<EventCell>, change: Change) {
        cell.changes.fetch_add(1, Ordering::Relaxed);
        let mut state = cell.lock();
        let Some(watched) = &mut state.watched else { return };
        if watched.note(change) {
            drop(state);
            self.ring(cell);
        }
    }

    fn ring(&self, cell: Arc<EventCell>) {
        self.changed.lock().push(cell);
        self.bell.notify_one();
    }

    /// Makes the frames, until it is dropped. It handles the first change at once, then waits a
    /// tick. Now and then it forgets the streams that nobody has watched for a while.
    pub async fn make_frames(self: Arc<Self>) {
        let mut sweep = interval(limits::FRAMES_KEPT_FOR / 4);
        loop {
            let now = tokio::select! {
                () = self.bell.notified() => Instant::now(),
                now = sweep.tick() => {
                    for cell in self.events.read().values() {
                        cell.lock().watched.take_if(|stream| stream.is_forgotten(now));
                    }
                    now
                }
            };
            let changed = std::mem::take(&mut *self.changed.lock());
            for cell in changed {
                if !cell.make_frame(now) {
                    self.ring(cell);
                }
            }
            sleep(TICK).await;
        }
    }

    /// The counts of an event's open sections; `None` while it has none.
    pub fn counts(&self, event: EventId) -> Option<EventCounts> {
        self.find(event).map(|cell| cell.lock().map.counts())
    }

    /// The counts of the whole event; `None` while it has no open section.
    pub fn total(&self, event: EventId) -> Option<Counts> {
        self.find(event).map(|cell| cell.lock().map.total())
    }

    /// A number that rises whenever a seat of the event changes.
    pub fn changes(&self, event: EventId) -> u64 {
        self.find(event).map_or(0, |cell| cell.changes.load(Ordering::Relaxed))
    }

    /// Waits until that many sections of the event, all it has, are open: what was just put on sale
    /// is about to be. False when time is up.
    pub async fn wait_until_open(&self, event: EventId, sections: usize, longest: Duration) -> bool {
        let open = || self.find(event).is_some_and(|cell| cell.lock().map.open_sections() >= sections);
        self.wait_until(open, longest).await
    }

    /// Waits until the event, and the section if one is named, can be seen. False when time is up:
    /// there is none, as far as this process knows.
    pub async fn wait_for(&self, event: EventId, section: Option<&SectionName>, longest: Duration) -> bool {
        let open = || {
            self.find(event).is_some_and(|cell| {
                let state = cell.lock();
                section.map_or(state.map.open_sections() > 0, |name| state.map.section(name).is_some())
            })
        };
        self.wait_until(open, longest).await
    }

    async fn wait_until(&self, open: impl Fn() -> bool, longest: Duration) -> bool {
        let waiting = async {
            loop {
                let opened = self.opened.notified();
                tokio::pin!(opened);
                // From here on no opening is missed.
                opened.as_mut().enable();
                if open() {
                    return;
                }
                opened.await;
            }
        };
        tokio::time::timeout(longest, waiting).await.is_ok()
    }

    /// Every seat of a subsection; `None` when there is no such subsection.
    pub fn seats(
        &self,
        event: EventId,
        section: &SectionName,
        subsection: u16,
        compact: bool,
    ) -> Option<Seats> {
        let cell = self.find(event)?;
        let state = cell.lock();
        // Reading a map begins no stream, so an event that nobody watches is at its beginning.
        let position = state.watched.as_ref().map_or_else(|| "0.0".to_owned(), Watched::position);
        let section = state.map.section(section)?;
        let view = section.subsection(subsection)?;
        Some(if compact {
            Seats::Compact(shapes::compact(view))
        } else {
            Seats::Json(shapes::subsection_seats(event, position, section, view))
        })
    }

    /// A stream of the event's changes that begins behind `last_seen`, or with a snapshot. `None`
    /// when the event has no open section.
    pub fn watch(&self, event: EventId, last_seen: Option<&str>) -> Option<SeatStream> {
        let cell = self.find(event)?;
        let mut state = cell.lock();
        let watched = state.watched.get_or_insert_with(Watched::new);
        let frames = watched.subscribe();
        let missed = last_seen.and_then(|seen| watched.missed_since(seen));
        drop(state);
        let first = missed.unwrap_or_else(|| vec![cell.snapshot()]);
        Some(SeatStream { cell, frames, first: first.into() })
    }

    fn find(&self, event: EventId) -> Option<Arc<EventCell>> {
        self.events.read().get(&event).map(Arc::clone)
    }

    fn cell(&self, event: EventId) -> Arc<EventCell> {
        if let Some(cell) = self.find(event) {
            return cell;
        }
        let mut events = self.events.write();
        Arc::clone(events.entry(event).or_insert_with(|| {
            Arc::new(EventCell { id: event, state: Mutex::default(), changes: AtomicU64::new(0) })
        }))
    }
}

impl EventCell {
    fn lock(&self) -> MutexGuard<'_, EventState> {
        self.state.lock()
    }

    fn snapshot(&self) -> Frame {
        let mut state = self.lock();
        let EventState { map, watched, .. } = &mut *state;
        watched.get_or_insert_with(Watched::new).snapshot(self.id, map)
    }

    /// Sends what changed to the viewers. False when it is too early for the next frame.
    fn make_frame(&self, now: Instant) -> bool {
        let mut state = self.lock();
        let EventState { map, watched, .. } = &mut *state;
        watched.as_mut().is_none_or(|stream| stream.make_frame(self.id, map, now))
    }
}

/// One viewer's stream of an event.
pub struct SeatStream {
    cell: Arc<EventCell>,
    frames: tokio::sync::broadcast::Receiver<Frame>,
    first: std::collections::VecDeque<Frame>,
}

impl Source for SeatStream {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(frame) = self.first.pop_front() {
            return Some(frame.bytes);
        }
        match self.frames.recv().await {
            Ok(frame) => Some(frame.bytes),
            Err(RecvError::Closed) => None,
            Err(RecvError::Lagged(_)) => {
                metrics::counter!(crate::telemetry::LIVE_SKIPS, "kind" => "seats").increment(1);
                self.frames = self.frames.resubscribe();
                Some(self.cell.snapshot().bytes)
            }
        }
    }
}

/// Seats that changed, by subsection.
type Pending = BTreeMap<(SectionName, u16), Vec<u32>>;

fn is_of_maps(key: &[u8]) -> bool {
    matches!(key.first(), Some(&(kind::SECTION | kind::SEATS)))
}

/// A row that cannot be decoded is logged and left out of the view; the engine itself refuses to
/// start on it.
fn understood(key: &[u8], value: &[u8]) -> Option<SeatRow> {
    row::decode_row(key, value)
        .inspect_err(
            |error| tracing::error!(%error, "seat row could not be decoded; the seat map leaves it out"),
        )
        .ok()
}
