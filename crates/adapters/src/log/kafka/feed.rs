//! Change data capture of the seat state, for live views: a snapshot from the changelog, then every
//! change.
//!
//! Promises: the snapshot and the feed meet without gap or overlap, since one tail reads both.
//! Never: part of the group of owners; any process may follow.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use confluent_kafka::consumer::ConsumerRecords;
use kernel::{Fault, topic::PARTITIONS};
use stream::{
    Put, Row,
    port::{Changelog, ChangelogFeed},
};
use tokio::time::{Instant, sleep_until};

use super::{Core, KafkaLog, change::Change, client::Tail, session::changes, topics::all_partitions};

/// The shortest time between two polls: under load one fetch brings more changes.
/// Viewers get ten frames a second.
const PACE: Duration = Duration::from_millis(50);
/// Longest wait for news, after which the wait starts over.
const NEWS: Duration = Duration::from_secs(1);

/// The commits after a snapshot.
pub struct KafkaFeed {
    core: Arc<Core>,
    tail: Tail,
    next_look: Instant,
}

impl ChangelogFeed for KafkaFeed {
    async fn next(&mut self) -> Result<Option<Vec<Put>>, Fault> {
        loop {
            let core = Arc::clone(&self.core);
            let look = async {
                sleep_until(self.next_look).await;
                self.tail.poll(NEWS).await
            };
            let Some(records) = core.stop.run_until_cancelled(look).await else { return Ok(None) };
            self.next_look = Instant::now() + PACE;
            let puts: Vec<_> = changes(&records?)?.into_iter().filter_map(row).collect();
            if !puts.is_empty() {
                return Ok(Some(puts));
            }
        }
    }
}

fn row(change: Change) -> Option<Put> {
    match change {
        Change::Row(put) => Some(put),
        Change::Position(_) => None,
    }
}

/// The rows of all partitions, as far as the changelog was read.
type Rows = BTreeMap<(i32, Bytes), Bytes>;

fn fold(rows: &mut Rows, records: &ConsumerRecords<Bytes, Bytes>) -> Result<(), Fault> {
    for (record, change) in records.into_iter().zip(changes(records)?) {
        let Some(put) = row(change) else { continue };
        let key = (record.partition(), put.key);
        match put.value {
            Some(value) => rows.insert(key, value),
            None => rows.remove(&key),
        };
    }
    Ok(())
}

/// Reads the committed changelog from its beginning up to where it ends now.
async fn snapshot(core: &Core, tail: &mut Tail) -> Result<Rows, Fault> {
    let changelog = all_partitions(&core.names.changelog(), PARTITIONS).collect();
    let mut rows = Rows::new();
    tail.read_all(&core.topics, changelog, |records| fold(&mut rows, records)).await?;
    Ok(rows)
}

impl Changelog for KafkaLog {
    type Feed = KafkaFeed;

    async fn follow(&self) -> Result<(Vec<Row>, KafkaFeed), Fault> {
        let core = Arc::clone(&self.core);
        let mut tail = core.clients.tail()?;
        let rows = match core.stop.run_until_cancelled(snapshot(&core, &mut tail)).await {
            Some(rows) => rows?,
            // The feed says that the log stops.
            None => Rows::new(),
        };
        let rows = rows.into_iter().map(|((_, key), value)| (key, value)).collect();
        Ok((rows, KafkaFeed { core, tail, next_look: Instant::now() }))
    }
}
