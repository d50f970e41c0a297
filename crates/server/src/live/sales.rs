//! A seller's sales figures as they change: polled while somebody watches, once for all watchers;
//! at most twice a second while seats change, rarely while they are at rest.
//!
//! Promises: a watcher gets the present figures first and later ones when they differ; a slow one
//! skips to the newest. Never: reads anything for an event that nobody watches.

use std::{collections::HashMap, sync::Arc, time::Duration};

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
    watched: Mutex<HashMap<EventId, watch::Sender<Bytes>>>,
}

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
        let Some(figures) = self.reader.figures(seller, event).await? else { return Ok(None) };
        let first = frame(&figures, 0);
        let mut watched = self.watched.lock();
        let newest = if let Some(sender) = watched.get(&event) {
            sender.subscribe()
        } else {
            let (sender, newest) = watch::channel(first.clone());
            watched.insert(event, sender);
            tokio::spawn(Arc::clone(self).follow(seller, event, figures.version));
            newest
        };
        Ok(Some(SalesStream { first: Some(first), newest }))
    }

    /// Reads for the watchers of one event until there are none.
    async fn follow(self: Arc<Self>, seller: UserId, event: EventId, mut version: u64) {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut changes = self.maps.changes(event);
        let (mut changed_at, mut read_at, mut sequence) = (Instant::now(), Instant::now(), 0_u64);
        loop {
            tick.tick().await;
            if self.ends(event) {
                return;
            }
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
                    self.send(event, frame(&figures, sequence));
                }
                Ok(_) => {}
                Err(fault) => {
                    tracing::warn!(cause = chain(&fault), "sales figures could not be read; trying again");
                }
            }
        }
    }

    fn ends(&self, event: EventId) -> bool {
        let mut watched = self.watched.lock();
        let alone = watched.get(&event).is_none_or(|sender| sender.receiver_count() == 0);
        if alone {
            watched.remove(&event);
        }
        alone
    }

    fn send(&self, event: EventId, frame: Bytes) {
        if let Some(sender) = self.watched.lock().get(&event) {
            sender.send_replace(frame);
            metrics::counter!(LIVE_FRAMES, "kind" => "sales").increment(1);
        }
    }
}

/// One watcher's stream.
pub struct SalesStream {
    first: Option<Bytes>,
    newest: watch::Receiver<Bytes>,
}

impl Source for SalesStream {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        self.newest.changed().await.ok()?;
        Some(self.newest.borrow_and_update().clone())
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
    use uuid::Uuid;

    use super::*;

    /// Figures that a test sets, and how often they were read.
    #[derive(Default)]
    struct Shop(Mutex<(u64, usize)>);

    impl SalesReader for Shop {
        fn figures(&self, seller: UserId, _: EventId) -> BoxFuture<'_, Result<Option<Figures>, Fault>> {
            let mut shop = self.0.lock();
            shop.1 += 1;
            let sold = shop.0;
            let own = seller == UserId::new(Uuid::from_u128(1));
            let figures = Figures { json: format!("{{\"sold\":{sold}}}").into(), version: sold };
            Box::pin(async move { Ok(own.then_some(figures)) })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn watchers_hear_of_new_figures_together_and_nobody_reads_for_nobody() {
        let shop = Arc::new(Shop::default());
        let hub = SalesHub::new(Arc::<Shop>::clone(&shop), Arc::default());
        let (seller, event) = (UserId::new(Uuid::from_u128(1)), EventId::new(Uuid::from_u128(2)));
        assert!(hub.watch(UserId::new(Uuid::from_u128(3)), event).await.unwrap().is_none());
        let mut one = hub.watch(seller, event).await.unwrap().unwrap();
        let mut two = hub.watch(seller, event).await.unwrap().unwrap();
        for watcher in [&mut one, &mut two] {
            assert!(watcher.next().await.unwrap().starts_with(b"event: sales\ndata: {\"sold\":0}\n"));
        }
        tokio::time::sleep(TICK * 3).await;
        assert!(one.next().now_or_never().is_none(), "nothing changed");
        shop.0.lock().0 = 5;
        for watcher in [&mut one, &mut two] {
            assert!(watcher.next().await.unwrap().starts_with(b"event: sales\ndata: {\"sold\":5}\n"));
        }
        drop((one, two));
        tokio::time::sleep(TICK * 3).await;
        let read = shop.0.lock().1;
        tokio::time::sleep(Duration::from_mins(5)).await;
        assert_eq!(shop.0.lock().1, read);
        assert!(hub.watched.lock().is_empty());
    }
}
