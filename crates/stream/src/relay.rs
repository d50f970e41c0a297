//! The outbox relay: publishes the messages that a database has committed, and removes them after
//! the log's acknowledgement.
//!
//! Promises: committed messages are published in the order of their ids, at least once, and removed
//! only after that. The turn is kept while messages are published, however slow the log is.
//! Never: a fence. A relay that loses the turn while it publishes, since it was frozen or cut off,
//! may publish that batch behind newer messages (ADR 013).

use std::{convert::Infallible, future::Future, pin::pin};

use futures::future::{Either, join, select};
use kernel::Fault;

use crate::port::{Outgoing, Publisher};

/// The outbox of a database, as one of its processes sees it. Ids rise in the order of the commits,
/// and none is used again.
pub trait Outbox: Send + Sync {
    /// Takes the turn, or checks that this process still has it. False while another has it.
    fn hold(&mut self) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Keeps the turn while messages are published. Never ends by itself; it is dropped.
    fn keep(&self) -> impl Future<Output = Infallible> + Send;

    /// The next messages after `id`, ascending: some, if there are any.
    fn after(&self, id: i64) -> impl Future<Output = Result<Vec<(i64, Outgoing)>, Fault>> + Send;

    /// Those who wait until the messages up to `id` are in the log may continue.
    fn published(&self, id: i64);

    /// Removes the messages up to `id`.
    fn remove(&self, id: i64) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Waits for messages that were committed since [`hold`](Self::hold), for as long as this
    /// process may rely on hearing of them, or until the relay shall stop.
    fn written(&self) -> impl Future<Output = ()> + Send;

    /// Reports the fault and waits a moment that grows with `attempt` (from 1).
    fn back_off(&self, fault: Fault, attempt: u32) -> impl Future<Output = ()> + Send;

    /// Whether the relay shall stop.
    fn stopped(&self) -> bool;
}

/// Runs the relay until it shall stop. Faults are reported and retried with back-off.
///
/// # Errors
/// When published messages could not be removed at the end. The next relay publishes them again.
pub async fn run(outbox: &mut impl Outbox, publisher: &impl Publisher) -> Result<(), Fault> {
    let mut relay = Relay::default();
    let mut attempt = 0;
    while !outbox.stopped() {
        match relay.step(outbox, publisher).await {
            Ok(true) => attempt = 0,
            Ok(false) => outbox.written().await,
            Err(fault) => {
                attempt += 1;
                outbox.back_off(fault, attempt).await;
            }
        }
    }
    relay.remove(outbox).await.map(drop)
}

/// How far the relay is. Since ids rise, one id each is enough: neither a failed removal nor a turn
/// that was lost for a while publishes anything twice.
#[derive(Debug, Default)]
struct Relay {
    /// The last message that is in the log.
    published: i64,
    /// The last message that was removed from the outbox.
    removed: i64,
}

impl Relay {
    /// Publishes the next messages while the ones before them are removed. False when nothing was
    /// left to do.
    async fn step(&mut self, outbox: &mut impl Outbox, publisher: &impl Publisher) -> Result<bool, Fault> {
        if !outbox.hold().await? {
            return Ok(false);
        }
        let before = (self.published, self.removed);
        let work = join(self.remove(outbox), self.publish(outbox, publisher));
        let (removed, published) = match select(pin!(work), pin!(outbox.keep())).await {
            Either::Left((done, _)) => done,
            Either::Right((never, _)) => match never {},
        };
        // Each counts, whether or not the other succeeded.
        self.removed = *removed.as_ref().unwrap_or(&self.removed);
        self.published = *published.as_ref().unwrap_or(&self.published);
        removed.and(published)?;
        Ok(before != (self.published, self.removed))
    }

    /// Publishes the next messages. Returns the id of the last one.
    async fn publish(&self, outbox: &impl Outbox, publisher: &impl Publisher) -> Result<i64, Fault> {
        let (ids, mut messages): (Vec<i64>, Vec<_>) = outbox.after(self.published).await?.into_iter().unzip();
        let Some(&last) = ids.last() else { return Ok(self.published) };
        if kernel::planted("outbox.order-reversed") {
            messages.reverse();
        }
        let published = publisher.publish(messages).await;
        kernel::sabotaged!("outbox.removed-without-acknowledgement", published, Ok(()))?;
        outbox.published(last);
        Ok(last)
    }

    /// Removes what is published. Returns the id of the last removed message.
    async fn remove(&self, outbox: &impl Outbox) -> Result<i64, Fault> {
        if self.removed != self.published && !kernel::planted("outbox.never-emptied") {
            outbox.remove(self.published).await?;
            return Ok(self.published);
        }
        Ok(self.removed)
    }
}
