//! The transactional outbox: messages stored beside the rows that caused them, and the relay that
//! publishes them to the log.
//!
//! Promises: what is committed is published, in the order of its ids, and removed only after the
//! log's acknowledgement. A message may be published again after a crash, never lost. [`delivered`]
//! waits until a message is in the log.
//!
//! Of several processes on one server's database one relays, by a lock of its session. That is no
//! fence: a relay that is frozen until another has the lock, and then wakes, may publish one batch
//! again, behind newer messages (ADR 013).

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Fault, limits};
use stream::{Outgoing, port::Publisher};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    Database, SqlFault, Tx, args,
    postgres::{Held, Turn},
    table,
};
use crate::failpoint::{Point, hit};

/// The first wait after a fault; it doubles up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How long a caller waits for messages to be in the log. They are stored, and are published in any
/// case.
const DELIVERED: Duration = Duration::from_secs(5);
/// How often a shared outbox is polled for messages of other processes, and for the lock.
const LOOK: Duration = Duration::from_millis(500);

/// What this process knows of messages in flight, without the database.
pub struct Outbox {
    written: Notify,
    published: watch::Sender<i64>,
    relayed: AtomicBool,
}

impl Outbox {
    pub(super) fn new() -> Self {
        Self { written: Notify::new(), published: watch::Sender::new(0), relayed: AtomicBool::new(false) }
    }

    pub(super) fn wake(&self) {
        self.written.notify_one();
    }

    /// Waits until this process has published the message and all that were committed before it.
    async fn published(&self, id: i64) {
        // The sender lives in `self`, so waiting cannot fail.
        drop(self.published.subscribe().wait_for(|published| *published >= id).await);
    }
}

table! {
    pub(super) struct NewRow of "outbox" {
        topic: String,
        partition_no: u16,
        message_key: String,
        payload_base64: String,
    }
    insert "";
}

/// Stores the messages in this transaction, in their order.
///
/// # Errors
/// When the database fails.
pub async fn append(tx: &mut Tx, messages: &[Outgoing]) -> Result<(), SqlFault> {
    let skipped = usize::from(kernel::planted("outbox.first-of-several-lost") && messages.len() > 1);
    let rows = messages.iter().skip(skipped).map(|message| NewRow {
        topic: message.topic.to_string(),
        partition_no: message.partition,
        message_key: String::from_utf8_lossy(&message.key).into_owned(),
        payload_base64: STANDARD.encode(&message.payload),
    });
    tx.insert(rows).await?;
    tx.sent |= !messages.is_empty();
    Ok(())
}

/// Waits until everything committed up to now is in the log, whichever process publishes it; but
/// only for a few seconds while the log is unavailable.
///
/// # Errors
/// When the database fails.
pub async fn delivered(database: &Database) -> Result<(), SqlFault> {
    let (last,): (Option<i64>,) = database.one("SELECT MAX(id) FROM outbox", args![]).await?;
    let Some(last) = last else { return Ok(()) };
    let until = Instant::now() + DELIVERED;
    while timeout(LOOK, database.outbox().published(last)).await.is_err() && Instant::now() < until {
        // Another process may relay; it deletes the rows that it published.
        let (left,): (i64,) = database.one("SELECT COUNT(*) FROM outbox WHERE id <= $1", args![last]).await?;
        if left == 0 {
            break;
        }
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct StoredRow {
    id: i64,
    topic: String,
    partition_no: i64,
    message_key: String,
    payload_base64: String,
}

impl StoredRow {
    fn outgoing(self) -> Result<Outgoing, SqlFault> {
        let impossible = |column| SqlFault::impossible("outbox", &self.id.to_string(), column);
        Ok(Outgoing {
            topic: self.topic.parse().map_err(|_| impossible("topic"))?,
            partition: u16::try_from(self.partition_no).map_err(|_| impossible("partition_no"))?,
            key: self.message_key.clone().into(),
            payload: STANDARD.decode(&self.payload_base64).map_err(|_| impossible("payload_base64"))?.into(),
        })
    }
}

/// Publishes committed messages until `stop`. Faults are logged and retried with
/// back-off.
///
/// # Panics
/// When the database has a relay already: two would break the order.
pub async fn run_relay<P: Publisher>(database: Database, publisher: Arc<P>, stop: CancellationToken) {
    let taken = database.outbox().relayed.swap(true, Ordering::AcqRel);
    assert!(!taken, "a database has one relay");
    let turn = database.turn();
    let mut relay = Relay { database, publisher, turn, published: 0, removed: 0 };
    let mut attempt = 0;
    while !stop.is_cancelled() {
        let wait = match relay.step().await {
            Ok(true) => {
                attempt = 0;
                continue;
            }
            Ok(false) => relay.turn.is_shared().then_some(LOOK),
            Err(fault) => {
                attempt += 1;
                tracing::warn!(
                    cause = kernel::fault::chain(&fault),
                    attempt,
                    "messages could not be published and stay in the outbox; trying again"
                );
                let wait = FIRST_WAIT.saturating_mul(1 << (attempt - 1).min(10)).min(LONGEST_WAIT);
                stop.run_until_cancelled(sleep(wait)).await;
                continue;
            }
        };
        stop.run_until_cancelled(woken(relay.database.outbox(), wait)).await;
    }
    // Delete what is published, so that the next relay does not repeat it. Not doing so is
    // harmless.
    if let Err(fault) = relay.remove().await {
        tracing::info!(
            cause = kernel::fault::chain(&fault),
            "published messages could not be deleted from the outbox; they will be published again"
        );
    }
    relay.turn.give().await;
    relay.database.outbox().relayed.store(false, Ordering::Release);
}

/// Waits for a message of this process, at most so long.
async fn woken(outbox: &Outbox, longest: Option<Duration>) {
    match longest {
        // Nothing heard means that it is time to look.
        Some(longest) => drop(timeout(longest, outbox.written.notified()).await),
        None => outbox.written.notified().await,
    }
}

/// Messages after `published` are not in the log yet. Ids are committed in rising order, so one id
/// is enough, and a failed deletion publishes nothing twice.
struct Relay<P> {
    database: Database,
    publisher: Arc<P>,
    turn: Turn,
    /// The last message that is in the log. Reading after it also skips the dead tuples of deleted
    /// rows in PostgreSQL.
    published: i64,
    /// The last message that was taken out of the table.
    removed: i64,
}

impl<P: Publisher> Relay<P> {
    /// Publishes the next messages while the ones before them are removed. False when nothing was
    /// left to do.
    async fn step(&mut self) -> Result<bool, Fault> {
        match self.turn.hold().await.map_err(|fault| fault.doing("acquire the relay's lock"))? {
            Held::Still => {}
            Held::Anew => (self.published, self.removed) = (0, 0),
            Held::ByAnother => return Ok(false),
        }
        let before = (self.published, self.removed);
        let (removed, published) = tokio::join!(self.remove(), self.publish());
        // Each counts, whether or not the other succeeded.
        self.removed = *removed.as_ref().unwrap_or(&self.removed);
        self.published = *published.as_ref().unwrap_or(&self.published);
        removed.and(published)?;
        Ok(before != (self.published, self.removed))
    }

    /// Publishes the next messages. Returns the id of the last one.
    async fn publish(&self) -> Result<i64, Fault> {
        let rows: Vec<StoredRow> = self
            .database
            .all(
                "SELECT id, topic, partition_no, message_key, payload_base64 FROM outbox
                 WHERE id > $1 ORDER BY id LIMIT $2",
                args![self.published, limits::MESSAGES_PER_PUBLISH],
            )
            .await
            .map_err(|fault| fault.doing("read the outbox"))?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(self.published) };
        let mut messages = rows
            .into_iter()
            .map(StoredRow::outgoing)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|fault| fault.doing("read the outbox"))?;
        hit(Point::OutboxRead);
        if kernel::planted("outbox.order-reversed") {
            messages.reverse();
        }
        let published = self.publisher.publish(messages).await;
        kernel::sabotaged!("outbox.removed-without-acknowledgement", published, Ok(()))?;
        hit(Point::OutboxPublished);
        self.database.outbox().published.send_if_modified(|published| {
            let newer = last > *published;
            *published = last.max(*published);
            newer
        });
        Ok(last)
    }

    /// Deletes what is published. Returns the id of the last deleted message.
    async fn remove(&self) -> Result<i64, Fault> {
        if self.removed == self.published || kernel::planted("outbox.never-emptied") {
            return Ok(self.removed);
        }
        self.database
            .write(self.published, |published, tx| {
                Box::pin(async move {
                    tx.execute("DELETE FROM outbox WHERE id <= $1", args![*published]).await?;
                    hit(Point::OutboxRemoved);
                    Ok(())
                })
            })
            .await
            .map_err(|fault| fault.doing("remove published messages"))?;
        hit(Point::OutboxCommitted);
        Ok(self.published)
    }
}
