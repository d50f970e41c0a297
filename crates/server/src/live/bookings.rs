//! Live updates for buyers: each change of a booking, as soon as it is committed.
//!
//! Promises: the revisions of one booking rise on a stream; a buyer who reconnects gets what was
//! missed, or `reset` and the present state from the store; a buyer sees no booking but the own.
//! Never: the source of truth about a booking, which is in SQL.
//!
//! How it hangs together: each buyer with a stream has a short list of frames; streams read it at
//! their own pace, so a slow one costs nothing more. A buyer without streams costs nothing at all.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use kernel::{BookingId, Fault, Revision, UserId, limits};
use parking_lot::Mutex;
use tokio::{
    sync::{Notify, futures::OwnedNotified, watch},
    time::{Instant, interval},
};

use super::{new_epoch, sse::Source};
use crate::telemetry::{LIVE_FRAMES, LIVE_SKIPS};

/// Parts of the table of buyers, so that an update of one buyer waits for no other.
const SHARDS: usize = 16;

/// News of a booking for its buyer.
#[derive(Debug, Clone)]
pub struct Update {
    pub booking_id: BookingId,
    pub buyer_id: UserId,
    /// Orders the news of one booking.
    pub revision: Revision,
    /// Whether it has left `processing`.
    pub decided: bool,
    /// The booking in the shape of the API, JSON without line breaks.
    pub json: Bytes,
}

/// Reads bookings from where the truth is.
pub trait OwnBookings: Send + Sync + 'static {
    /// The buyer's unfinished bookings and, with `recent`, also the latest finished ones, oldest
    /// first. Bounded in number.
    fn of_buyer(&self, buyer: UserId, recent: bool) -> BoxFuture<'_, Result<Vec<Update>, Fault>>;

    /// One booking of this buyer; `None` when there is none, or it is another's.
    fn one(&self, buyer: UserId, booking: BookingId) -> BoxFuture<'_, Result<Option<Update>, Fault>>;
}

/// Takes committed changes to the streams that are open.
pub struct BookingHub {
    buyers: [Mutex<HashMap<UserId, Arc<BuyerCell>>>; SHARDS],
    waiting: Mutex<HashMap<BookingId, Arc<Notify>>>,
}

/// One buyer's frames.
struct BuyerCell {
    epoch: u32,
    state: Mutex<BuyerFrames>,
    /// The latest number; rings for the streams.
    latest: watch::Sender<u64>,
}

struct BuyerFrames {
    sequence: u64,
    frames: VecDeque<Frame>,
    kept_until: Instant,
}

#[derive(Clone)]
struct Frame {
    sequence: u64,
    booking_id: BookingId,
    revision: Revision,
    bytes: Bytes,
}

impl Default for BookingHub {
    fn default() -> Self {
        Self { buyers: std::array::from_fn(|_| Mutex::default()), waiting: Mutex::default() }
    }
}

impl BookingHub {
    /// Publishes an update to its listeners. Call it after the commit.
    pub fn notify(&self, update: &Update) {
        if update.decided
            && let Some(bell) = self.waiting.lock().remove(&update.booking_id)
        {
            bell.notify_waiters();
        }
        let cell = self.shard(update.buyer_id).lock().get(&update.buyer_id).map(Arc::clone);
        if let Some(cell) = cell {
            cell.notify(update);
        }
    }

    /// A notification for when this booking leaves `processing`. Take it, then read the booking,
    /// then wait: so nothing is missed.
    pub fn decision_of(&self, booking: BookingId) -> OwnedNotified {
        Arc::clone(self.waiting.lock().entry(booking).or_default()).notified_owned()
    }

    /// A stream of all bookings of a buyer, or of one of them.
    pub fn watch(
        self: &Arc<Self>,
        buyer: UserId,
        only: Option<BookingId>,
        last_seen: Option<&str>,
        own: Arc<dyn OwnBookings>,
    ) -> BookingStream {
        let cell = self.cell(buyer);
        let bell = cell.latest.subscribe();
        let (seen, start) = {
            let state = cell.state.lock();
            match last_seen {
                None => (state.sequence, Start::Present { reset: false }),
                Some(id) => match state.resume(cell.epoch, id) {
                    Some(seen) => (seen, Start::Frames),
                    None => (state.sequence, Start::Present { reset: true }),
                },
            }
        };
        BookingStream { buyer, only, own, cell, bell, seen, start, known: HashMap::new() }
    }

    /// Forgets buyers that nobody listens for and decisions that nobody waits for, for ever.
    /// A listener clones the table's `Arc` under the table's lock, and this counts the clones under
    /// the same lock, so no listener is overlooked.
    pub async fn sweep(self: Arc<Self>) {
        let mut tick = interval(limits::FRAMES_KEPT_FOR / 4);
        loop {
            tick.tick().await;
            let now = Instant::now();
            self.waiting.lock().retain(|_, bell| Arc::strong_count(bell) > 1);
            for shard in &self.buyers {
                shard.lock().retain(|_, cell| cell.is_wanted(now));
            }
        }
    }

    /// The buyer's frames.
    fn cell(&self, buyer: UserId) -> Arc<BuyerCell> {
        Arc::clone(self.shard(buyer).lock().entry(buyer).or_insert_with(|| Arc::new(BuyerCell::new())))
    }

    fn shard(&self, buyer: UserId) -> &Mutex<HashMap<UserId, Arc<BuyerCell>>> {
        // The last byte of an id is random.
        &self.buyers[usize::from(buyer.as_bytes()[15]) % SHARDS]
    }
}

impl BuyerCell {
    fn new() -> Self {
        let frames = BuyerFrames {
            sequence: 0,
            frames: VecDeque::new(),
            kept_until: Instant::now() + limits::FRAMES_KEPT_FOR,
        };
        Self { epoch: new_epoch(), state: Mutex::new(frames), latest: watch::Sender::new(0) }
    }

    fn notify(&self, update: &Update) {
        let mut state = self.state.lock();
        let latest = state.frames.iter().rev().find(|frame| frame.booking_id == update.booking_id);
        if latest.is_some_and(|frame| frame.revision >= update.revision) {
            return;
        }
        state.sequence += 1;
        let sequence = state.sequence;
        let bytes = event(&update.json, self.epoch, sequence);
        let (booking_id, revision) = (update.booking_id, update.revision);
        state.frames.push_back(Frame { sequence, booking_id, revision, bytes });
        if state.frames.len() > limits::FRAMES_KEPT_PER_BUYER {
            state.frames.pop_front();
        }
        drop(state);
        metrics::counter!(LIVE_FRAMES, "kind" => "bookings").increment(1);
        self.latest.send_replace(sequence);
    }

    fn is_wanted(self: &Arc<Self>, now: Instant) -> bool {
        let mut state = self.state.lock();
        if Arc::strong_count(self) > 1 {
            state.kept_until = now + limits::FRAMES_KEPT_FOR;
        }
        now <= state.kept_until
    }
}

impl BuyerFrames {
    /// The number to resume after; `None` when frames after it are gone, or it is no number of
    /// ours.
    fn resume(&self, epoch: u32, id: &str) -> Option<u64> {
        let (of_epoch, sequence) = id.split_once('.')?;
        let seen: u64 = sequence.parse().ok()?;
        let known = u32::from_str_radix(of_epoch, 16) == Ok(epoch) && seen <= self.sequence;
        (known && self.has_all_after(seen)).then_some(seen)
    }

    fn has_all_after(&self, seen: u64) -> bool {
        kernel::planted("live.gap-unnoticed")
            || self.frames.front().map_or(self.sequence == seen, |oldest| seen + 1 >= oldest.sequence)
    }
}

/// How a stream begins.
#[derive(Debug, Clone, Copy)]
enum Start {
    /// With the present state; `reset` says that something may have been missed.
    Present { reset: bool },
    /// It has begun: the frames after `seen` follow.
    Frames,
}

/// One stream of a buyer's bookings.
pub struct BookingStream {
    buyer: UserId,
    only: Option<BookingId>,
    own: Arc<dyn OwnBookings>,
    cell: Arc<BuyerCell>,
    bell: watch::Receiver<u64>,
    seen: u64,
    start: Start,
    /// The revisions that the stream began with: up to them nothing is sent again.
    known: HashMap<BookingId, Revision>,
}

impl Source for BookingStream {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Start::Present { reset } = self.start {
                match self.present(reset).await {
                    Ok(bytes) => {
                        self.start = Start::Frames;
                        if !bytes.is_empty() {
                            return Some(bytes);
                        }
                    }
                    Err(fault) => {
                        let cause = kernel::fault::chain(&fault);
                        tracing::warn!(
                            cause,
                            "bookings could not be read; closing the stream, its client reconnects"
                        );
                        return None;
                    }
                }
            }
            match self.waiting() {
                Some(bytes) if bytes.is_empty() => {}
                Some(bytes) => return Some(bytes),
                None => {
                    metrics::counter!(LIVE_SKIPS, "kind" => "bookings").increment(1);
                    self.start = Start::Present { reset: true };
                    continue;
                }
            }
            if self.bell.changed().await.is_err() {
                return None;
            }
        }
    }
}

impl BookingStream {
    /// The present state. The frames from `seen` on may repeat parts of it; `known` keeps older
    /// ones back.
    async fn present(&mut self, reset: bool) -> Result<Bytes, Fault> {
        let seen = self.cell.state.lock().sequence;
        let bookings = match self.only {
            Some(booking) => self.own.one(self.buyer, booking).await?.into_iter().collect(),
            None => self.own.of_buyer(self.buyer, reset).await?,
        };
        self.seen = seen;
        self.known = bookings.iter().map(|update| (update.booking_id, update.revision)).collect();
        let mut bytes = BytesMut::new();
        if reset {
            bytes.extend_from_slice(b"event: reset\ndata: {}\n\n");
        }
        for update in &bookings {
            bytes.extend_from_slice(&event(&update.json, self.cell.epoch, seen));
        }
        Ok(bytes.freeze())
    }

    /// The frames that wait for this stream, together; `None` when some are gone already.
    fn waiting(&mut self) -> Option<Bytes> {
        self.bell.mark_unchanged();
        let state = self.cell.state.lock();
        if !state.has_all_after(self.seen) {
            return None;
        }
        let behind = self.seen;
        let mut bytes = BytesMut::new();
        for frame in state.frames.iter().filter(|frame| frame.sequence > behind) {
            if bytes.len() > limits::FRAME_BYTES_AT_ONCE {
                self.bell.mark_changed();
                break;
            }
            self.seen = frame.sequence;
            let mine = self.only.is_none_or(|only| only == frame.booking_id);
            let old = self.known.get(&frame.booking_id).is_some_and(|&known| known >= frame.revision);
            if mine && !old {
                bytes.extend_from_slice(&frame.bytes);
            }
        }
        Some(bytes.freeze())
    }
}

fn event(json: &[u8], epoch: u32, sequence: u64) -> Bytes {
    let mut bytes = Vec::with_capacity(json.len() + 64);
    bytes.extend_from_slice(b"event: booking\ndata: ");
    bytes.extend_from_slice(json);
    bytes.extend_from_slice(format!("\nid: {epoch:08x}.{sequence}\n\n").as_bytes());
    bytes.into()
}

#[cfg(test)]
mod tests;
