//! A seller's sales figures as they change: polled while somebody watches, once for all watchers;
//! at most twice a second while seats change, rarely while they are at rest.
//!
//! Promises: a watcher gets the present figures first and later ones when they differ; a slow one
//! skips to the newest; when the task that reads panics, its streams end and the next watcher
//! starts another. Never: reads anything for an event that nobody watches.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use bytes::Bytes;
use futures::future::BoxFuture;
use kernel::{EventId, Fault, UserId, fault::chain};
use parking_lot::Mutex;
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};

use super::{SeatMaps, sse::Source};
use crate::telemetry::LIVE_FRAMES;

/// The pause between two readings.
const TICK: Duration = Duration::from_millis(500);
/// How long after the last change of a seat the figures may still move: tickets follow the seats.
const SETTLING: Duration = Duration::from_secs(5);
/// Figures are read this often even when no seat changed.
const AT_REST: Duration = Duration::from_secs(15);

/// Sales figures, in the shape of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// JSON without line breaks.
    pub json: Bytes,
    /// Equal when nothing but the time of reading differs.
    pub version: u64,
}

/// Reads the figures.
pub trait SalesReader: Send + Sync + 'static {
    /// `None` when there is no such event, or it is another seller's.
    fn figures(&self, seller: UserId, event: EventId) -> BoxFuture<'_, Result<Option<Figures>, Fault>>;
}

/// The figures of all events that somebody watches.
pub struct SalesHub {
    reader: Arc<dyn SalesReader>,
    maps: Arc<SeatMaps>,
    watched: Mutex<HashMap<EventId, Weak<Newest>>>,
}

/// The newest frame of an event, and when its reading began. Only the task that reads keeps it, so
/// the streams end with that task.
type Newest = watch::Sender<(Instant, Bytes)>;

impl SalesHub {
    pub fn new(reader: Arc<dyn SalesReader>, maps: Arc<SeatMaps>) -> Arc<Self> {
        Arc::new(Self { reader, maps, watched: Mutex::default() })
    }

    /// The figures of a seller's event from now on; `None` when it is not the seller's.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn watch(
        self: &Arc<Self>,
        seller: UserId,
        event: EventId,
    ) -> Result<Option<SalesStream>, Fault> {
        let began = Instant::now();
        let Some(figures) = self.reader.figures(seller, event).await? else { return Ok(None) };
        let first = frame(&figures, 0);
        let mut watched = self.watched.lock();
        let mut newest = if let Some(sender) = watched.get(&event).and_then(Weak::upgrade) {
            sender.subscribe()
        } else {
            let sender = Arc::new(Newest::new((began, first.clone())));
            watched.insert(event, Arc::downgrade(&sender));
            let newest = sender.subscribe();
            tokio::spawn(Arc::clone(self).follow(sender, seller, event, figures.version));
            newest
        };
        // A frame that was read later is news, also when it was sent before this subscription.
        if newest.borrow().0 > began {
            newest.mark_changed();
        }
        Ok(Some(SalesStream { first: Some(first), newest }))
    }

    /// Reads for the watchers of one event until there are none.
    async fn follow(self: Arc<Self>, sender: Arc<Newest>, seller: UserId, event: EventId, mut version: u64) {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut changes = self.maps.changes(event);
        let (mut changed_at, mut read_at, mut sequence) = (Instant::now(), Instant::now(), 0_u64);
        loop {
            tick.tick().await;
            let mut watched = self.watched.lock();
            if sender.receiver_count() == 0 {
                watched.remove(&event);
                return;
            }
            drop(watched);
            let now = Instant::now();
            let seen = self.maps.changes(event);
            if seen != changes {
                (changes, changed_at) = (seen, now);
            }
            if now - changed_at > SETTLING && now - read_at < AT_REST {
                continue;
            }
            read_at = now;
            match self.reader.figures(seller, event).await {
                Ok(Some(figures)) if figures.version != version => {
                    version = figures.version;
                    sequence += 1;
                    sender.send_replace((now, frame(&figures, sequence)));
                    metrics::counter!(LIVE_FRAMES, "kind" => "sales").increment(1);
                }
                Ok(_) => {}
                Err(fault) => {
                    tracing::warn!(cause = chain(&fault), "sales figures could not be read; trying again");
                }
            }
        }
    }
}

/// One watcher's stream.
pub struct SalesStream {
    first: Option<Bytes>,
    newest: watch::Receiver<(Instant, Bytes)>,
}

impl Source for SalesStream {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        self.newest.changed().await.ok()?;
        Some(self.newest.borrow_and_update().1.clone())
    }
}

fn frame(figures: &Figures, sequence: u64) -> Bytes {
    let mut bytes = Vec::with_capacity(figures.json.len() + 48);
    bytes.extend_from_slice(b"event: sales\ndata: ");
    bytes.extend_from_slice(&figures.json);
    bytes.extend_from_slice(format!("\nid: {sequence}\n\n").as_bytes());
    bytes.into()
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use tokio::sync::oneshot;
    use uuid::Uuid;

    use super::*;

    /// Figures that a test sets, and how often they were read.
    #[derive(Default)]
    struct Shop(Mutex<(u64, usize)>, Mutex<Option<Slow>>);

    /// The next reading answers after this, or panics when its other end is gone.
    type Slow = oneshot::Receiver<()>;

    impl SalesReader for Shop {
        fn figures(&self, seller: UserId, _: EventId) -> BoxFuture<'_, Result<Option<Figures>, Fault>> {
            let mut shop = self.0.lock();
            shop.1 += 1;
            let sold = shop.0;
            let own = seller == UserId::new(Uuid::from_u128(1));
            let figures = Figures { json: format!("{{\"sold\":{sold}}}").into(), version: sold };
            let slow = self.1.lock().take();
            Box::pin(async move {
                if let Some(slow) = slow {
                    slow.await.expect("planned");
                }
                Ok(own.then_some(figures))
            })
        }
    }

    /// A shop, its hub, and the seller of its event.
    fn house() -> (Arc<Shop>, Arc<SalesHub>, UserId, EventId) {
        let shop = Arc::new(Shop::default());
        let hub = SalesHub::new(Arc::<Shop>::clone(&shop), Arc::default());
        (shop, hub, UserId::new(Uuid::from_u128(1)), EventId::new(Uuid::from_u128(2)))
    }

    fn says(frame: Option<Bytes>, sold: u64) -> bool {
        frame.is_some_and(|frame| {
            frame.starts_with(format!("event: sales\ndata: {{\"sold\":{sold}}}\n").as_bytes())
        })
    }

    #[tokio::test(start_paused = true)]
    async fn what_changes_while_a_watcher_joins_reaches_it() {
        let (shop, hub, seller, event) = house();
        let mut one = hub.watch(seller, event).await.unwrap().unwrap();
        assert!(says(one.next().await, 0));
        tokio::time::sleep(TICK / 2).await;
        let (read, slow) = oneshot::channel();
        *shop.1.lock() = Some(slow);
        let mut joins = Box::pin(hub.watch(seller, event));
        assert!(joins.as_mut().now_or_never().is_none(), "its reading is slow");
        shop.0.lock().0 = 5;
        assert!(says(one.next().await, 5));
        read.send(()).unwrap();
        let mut two = joins.await.unwrap().unwrap();
        assert!(says(two.next().await, 0));
        assert!(says(two.next().now_or_never().flatten(), 5), "it keeps the old figures");
        let mut three = hub.watch(seller, event).await.unwrap().unwrap();
        assert!(says(three.next().await, 5));
        assert!(three.next().now_or_never().is_none(), "nothing changed since");
    }

    #[tokio::test(start_paused = true)]
    async fn a_reading_that_panics_ends_its_streams_and_the_next_watcher_is_served() {
        let (shop, hub, seller, event) = house();
        let mut one = hub.watch(seller, event).await.unwrap().unwrap();
        assert!(says(one.next().await, 0));
        *shop.1.lock() = Some(oneshot::channel().1);
        tokio::time::sleep(TICK * 3).await;
        assert_eq!(one.next().now_or_never(), Some(None), "the stream does not end");
        let mut two = hub.watch(seller, event).await.unwrap().unwrap();
        assert!(says(two.next().await, 0));
        shop.0.lock().0 = 5;
        tokio::time::sleep(TICK * 3).await;
        assert!(says(two.next().now_or_never().flatten(), 5));
    }

    #[tokio::test(start_paused = true)]
    async fn watchers_hear_of_new_figures_together_and_nobody_reads_for_nobody() {
        let (shop, hub, seller, event) = house();
        assert!(hub.watch(UserId::new(Uuid::from_u128(3)), event).await.unwrap().is_none());
        let mut one = hub.watch(seller, event).await.unwrap().unwrap();
        let mut two = hub.watch(seller, event).await.unwrap().unwrap();
        for watcher in [&mut one, &mut two] {
            assert!(says(watcher.next().await, 0));
        }
        tokio::time::sleep(TICK * 3).await;
        assert!(one.next().now_or_never().is_none(), "nothing changed");
        shop.0.lock().0 = 5;
        for watcher in [&mut one, &mut two] {
            assert!(says(watcher.next().await, 5));
        }
        drop((one, two));
        tokio::time::sleep(TICK * 3).await;
        let read = shop.0.lock().1;
        tokio::time::sleep(Duration::from_mins(5)).await;
        assert_eq!(shop.0.lock().1, read);
        assert!(hub.watched.lock().is_empty());
    }
}
