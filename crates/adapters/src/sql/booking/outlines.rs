//! A cache of the outlines of events: checking a request costs no statement.
//!
//! Promises: an outline that is committed replaces the one that is cached; one that is awaited is
//! found as soon as it is committed.

use std::{collections::HashMap, future::Future, sync::Arc, time::Duration};

use booking::decision::Changes;
use kernel::{EventId, message::EventOnSale};
use parking_lot::RwLock;
use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

use crate::sql::SqlFault;

#[derive(Default)]
pub(super) struct Outlines {
    known: RwLock<HashMap<EventId, Arc<EventOnSale>>>,
    arrived: Notify,
}

impl Outlines {
    /// Keeps the outlines of changes that are committed.
    pub(super) fn committed(&self, changes: Changes) {
        if changes.events.is_empty() {
            return;
        }
        let mut known = self.known.write();
        known.extend(changes.events.into_iter().map(|(event, _)| (event.event_id, Arc::new(event))));
        drop(known);
        self.arrived.notify_waiters();
    }

    /// The outline of an event, from here or by `read`. One that is absent is awaited, at most so
    /// long.
    pub(super) async fn within<F: Future<Output = Result<Option<EventOnSale>, SqlFault>>>(
        &self,
        longest: Duration,
        read: impl Fn() -> F,
        id: EventId,
    ) -> Result<Option<Arc<EventOnSale>>, SqlFault> {
        let until = Instant::now() + longest;
        loop {
            let arrived = self.arrived.notified();
            if let Some(event) = self.get(id) {
                return Ok(Some(event));
            }
            if let Some(event) = read().await? {
                return Ok(Some(self.put_read(event)));
            }
            if timeout_at(until, arrived).await.is_err() {
                return Ok(None);
            }
        }
    }

    fn get(&self, id: EventId) -> Option<Arc<EventOnSale>> {
        self.known.read().get(&id).cloned()
    }

    /// Keeps an outline that was read, unless a newer one has come meanwhile.
    fn put_read(&self, event: EventOnSale) -> Arc<EventOnSale> {
        let mut known = self.known.write();
        Arc::clone(known.entry(event.event_id).or_insert_with(|| Arc::new(event)))
    }
}
