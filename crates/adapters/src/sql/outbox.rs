//! The transactional outbox: messages stored beside the rows that caused them, and the relay that
//! publishes them to the log.
//!
//! Promises: what is committed is published, in the order of its ids, and removed only after the
//! log's acknowledgement. A message may be published again after a crash, never lost. [`delivered`]
//! waits until a message is in the log.
//!
//! Of several processes on one server's database one relays, by a lock of its session, which it
//! keeps while it publishes. That is no fence: a relay that is frozen or cut off loses the lock,
//! and may publish one batch behind newer messages (ADR 013).

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Fault, limits};
use stream::{Outgoing, port::Publisher, relay};
use tokio::{
    sync::{Mutex, Notify, watch},
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{Database, SqlFault, Tx, args, postgres::Turn, table};
use crate::failpoint::{Point, hit};

/// The first wait after a fault; it doubles up to the longest, within which the turn is not lost.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);
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
    fn outgoing(self) -> Result<(i64, Outgoing), SqlFault> {
        let impossible = |column| SqlFault::impossible("outbox", &self.id.to_string(), column);
        let message = Outgoing {
            topic: self.topic.parse().map_err(|_| impossible("topic"))?,
            partition: u16::try_from(self.partition_no).map_err(|_| impossible("partition_no"))?,
            key: self.message_key.clone().into(),
            payload: STANDARD.decode(&self.payload_base64).map_err(|_| impossible("payload_base64"))?.into(),
        };
        Ok((self.id, message))
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
    let mut stored = Stored { shared: turn.is_shared(), turn: Mutex::new(turn), database, stop };
    if let Err(fault) = relay::run(&mut stored, &*publisher).await {
        tracing::info!(
            cause = kernel::fault::chain(&fault),
            "published messages could not be deleted from the outbox; they will be published again"
        );
    }
    stored.turn.into_inner().give().await;
    stored.database.outbox().relayed.store(false, Ordering::Release);
}

/// The table of a database, as its relay sees it.
struct Stored {
    database: Database,
    /// Nobody waits for it: it is held while messages are published, and taken before.
    turn: Mutex<Turn>,
    shared: bool,
    stop: CancellationToken,
}

impl relay::Outbox for Stored {
    async fn hold(&mut self) -> Result<bool, Fault> {
        let held = self.turn.get_mut().hold().await;
        held.map_err(|fault| fault.doing("acquire the relay's lock"))
    }

    async fn keep(&self) -> Infallible {
        self.turn.lock().await.keep().await
    }

    /// Reading after an id also skips the dead tuples of deleted rows in PostgreSQL.
    async fn after(&self, id: i64) -> Result<Vec<(i64, Outgoing)>, Fault> {
        let rows = self.database.all::<StoredRow>(
            "SELECT id, topic, partition_no, message_key, payload_base64 FROM outbox
             WHERE id > $1 ORDER BY id LIMIT $2",
            args![id, limits::MESSAGES_PER_PUBLISH],
        );
        let rows = rows.await.and_then(|rows| rows.into_iter().map(StoredRow::outgoing).collect());
        let messages: Vec<_> = rows.map_err(|fault| fault.doing("read the outbox"))?;
        if !messages.is_empty() {
            hit(Point::OutboxRead);
        }
        Ok(messages)
    }

    fn published(&self, id: i64) {
        hit(Point::OutboxPublished);
        self.database.outbox().published.send_if_modified(|published| {
            let newer = id > *published;
            *published = id.max(*published);
            newer
        });
    }

    async fn remove(&self, id: i64) -> Result<(), Fault> {
        self.database
            .write(id, |id, tx| {
                Box::pin(async move {
                    tx.execute("DELETE FROM outbox WHERE id <= $1", args![*id]).await?;
                    hit(Point::OutboxRemoved);
                    Ok(())
                })
            })
            .await
            .map_err(|fault| fault.doing("remove published messages"))?;
        hit(Point::OutboxCommitted);
        Ok(())
    }

    async fn written(&self) {
        let written = self.database.outbox().written.notified();
        if self.shared {
            // Other processes write, too: nothing heard means that it is time to look.
            let _ = self.stop.run_until_cancelled(timeout(LOOK, written)).await;
        } else {
            self.stop.run_until_cancelled(written).await;
        }
    }

    async fn back_off(&self, fault: Fault, attempt: u32) {
        tracing::warn!(
            cause = kernel::fault::chain(&fault),
            attempt,
            "messages could not be published and stay in the outbox; trying again"
        );
        let wait = FIRST_WAIT.saturating_mul(1 << (attempt - 1).min(10)).min(LONGEST_WAIT);
        self.stop.run_until_cancelled(sleep(wait)).await;
    }

    fn stopped(&self) -> bool {
        self.stop.is_cancelled()
    }
}
