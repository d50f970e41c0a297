//! The checkpoint of seat state on the local disk: rows, positions and the place in the changelog
//! up to which they count, per partition.
//!
//! Promises: rows, positions and place change in one write; they never lead the changelog, since
//! the owner writes them only after the brokers committed. It is a cache: on any doubt it is
//! discarded and rebuilt. Never: syncs; what a crash takes is read again.

use std::{collections::BTreeMap, path::Path};

use bytes::{BufMut, Bytes, BytesMut};
use kernel::{
    Fault,
    topic::{PARTITIONS, Topic},
};
use parking_lot::Mutex;
use rocksdb::{ColumnFamily, ColumnFamilyDescriptor, DB, ErrorKind, ReadOptions, WriteBatch};
use stream::Row;

use super::{
    OpenError,
    change::{Change, ReadUpTo, TopicId, Unreadable},
};
use crate::log::rocks;

/// The column families.
#[derive(Debug, Clone, Copy)]
enum Family {
    /// Partition, row key → row.
    State,
    /// Partition, topic → next offset, the topic's id.
    Positions,
    /// Partition → how far the changelog was read.
    Checkpoints,
}

impl Family {
    const ALL: [Self; 3] = [Self::State, Self::Positions, Self::Checkpoints];

    const fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Positions => "positions",
            Self::Checkpoints => "checkpoints",
        }
    }
}

/// How far into the changelog a partition's rows and positions go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checkpoint {
    /// The offset of the next record of the changelog.
    pub(super) next: u64,
    /// When the newest applied record was written, UTC milliseconds.
    pub(super) at_millis: i64,
    /// Which changelog it was.
    pub(super) topic_id: TopicId,
}

#[derive(Debug, thiserror::Error)]
enum StoreError {
    #[error(transparent)]
    Rocks(#[from] rocksdb::Error),
    #[error(transparent)]
    Row(#[from] Unreadable),
    #[error("somebody else wrote the checkpoint")]
    Moved,
}

/// The open checkpoints of all partitions.
pub(super) struct Store {
    db: DB,
    /// Held from looking at a checkpoint to moving it.
    moving: Mutex<()>,
}

fn families() -> Vec<ColumnFamilyDescriptor> {
    rocks::families(Family::ALL.map(Family::name))
}

impl Store {
    /// Opens the checkpoints in `dir`. Damaged ones are discarded.
    pub(super) fn open(dir: &Path) -> Result<Self, OpenError> {
        let made = std::fs::create_dir_all(dir);
        made.map_err(|error| Fault::new("make the folder of the checkpoints", error))?;
        match open(dir) {
            Err(error) if error.kind() == ErrorKind::Corruption || rocks::lacks_a_file(&error) => {
                tracing::warn!(%error, "checkpoints are damaged; rebuilding them from the changelog");
                let removed = std::fs::remove_dir_all(dir);
                removed.map_err(|error| Fault::new("delete damaged checkpoints", error))?;
                open(dir)
            }
            opened => opened,
        }
        .map(|db| Self { db, moving: Mutex::new(()) })
        .map_err(|error| {
            if error.as_ref().contains("lock file") || error.as_ref().contains("lock hold") {
                OpenError::InUse
            } else {
                OpenError::Fault(Fault::new("open the checkpoints", error))
            }
        })
    }

    /// Opens what is in `dir` at this moment, without a lock and without changing anything.
    pub(super) fn open_read_only(dir: &Path) -> Result<Self, Fault> {
        DB::open_cf_descriptors_read_only(&rocks::options(), dir, families(), false)
            .map(|db| Self { db, moving: Mutex::new(()) })
            .map_err(|error| Fault::new("open the checkpoints for reading", error))
    }

    pub(super) fn checkpoint(&self, partition: u16) -> Result<Option<Checkpoint>, Fault> {
        self.look_up(partition).map_err(|error| Fault::new("read a checkpoint", error))
    }

    fn look_up(&self, partition: u16) -> Result<Option<Checkpoint>, StoreError> {
        let stored = self.db.get_pinned_cf(self.family(Family::Checkpoints), partition.to_be_bytes())?;
        stored.map(|value| parse_checkpoint(&value).map_err(StoreError::from)).transpose()
    }

    /// The rows and positions of one partition.
    pub(super) fn load(&self, partition: u16) -> Result<(Vec<Row>, BTreeMap<Topic, ReadUpTo>), Fault> {
        let mut rows = Vec::new();
        let mut positions = BTreeMap::new();
        self.scan(Family::State, partition, |key, value| {
            rows.push((Bytes::copy_from_slice(key), Bytes::copy_from_slice(value)));
            Ok(())
        })
        .and_then(|()| {
            self.scan(Family::Positions, partition, |key, value| {
                let position = ReadUpTo::parse(key, value)?;
                positions.insert(position.topic, position);
                Ok(())
            })
        })
        .map_err(|error| Fault::new("read a checkpoint", error))?;
        Ok((rows, positions))
    }

    fn scan(
        &self,
        family: Family,
        partition: u16,
        mut each: impl FnMut(&[u8], &[u8]) -> Result<(), Unreadable>,
    ) -> Result<(), StoreError> {
        let mut options = ReadOptions::default();
        options.set_iterate_upper_bound((partition + 1).to_be_bytes());
        let mut rows = self.db.raw_iterator_cf_opt(self.family(family), options);
        rows.seek(partition.to_be_bytes());
        while let Some((key, value)) = rows.item() {
            let key = key.get(2..).ok_or(Unreadable("a key without a partition"))?;
            each(key, value)?;
            rows.next();
        }
        Ok(rows.status()?)
    }

    /// Applies changes and moves the checkpoint from `from` to `to`, in one write.
    pub(super) fn advance(
        &self,
        partition: u16,
        from: Option<u64>,
        to: &Checkpoint,
        changes: &[Change],
    ) -> Result<(), Fault> {
        let mut batch = WriteBatch::default();
        let prefix = partition.to_be_bytes();
        for change in changes {
            match change {
                Change::Row(put) => {
                    let key = [&prefix[..], &put.key[..]].concat();
                    match &put.value {
                        Some(value) => batch.put_cf(self.family(Family::State), key, value),
                        None => batch.delete_cf(self.family(Family::State), key),
                    }
                }
                Change::Position(at) => {
                    let key = [&prefix[..], at.topic.to_string().as_bytes()].concat();
                    batch.put_cf(self.family(Family::Positions), key, at.value());
                }
            }
        }
        batch.put_cf(self.family(Family::Checkpoints), prefix, checkpoint_value(to));
        self.write(partition, from, batch).map_err(|error| Fault::new("write a checkpoint", error))
    }

    fn write(&self, partition: u16, from: Option<u64>, batch: WriteBatch) -> Result<(), StoreError> {
        let _moving = self.moving.lock();
        if self.look_up(partition)?.map(|checkpoint| checkpoint.next) != from {
            return Err(StoreError::Moved);
        }
        Ok(self.db.write(batch)?)
    }

    /// Discards a partition, so that it is rebuilt from the beginning.
    pub(super) fn forget(&self, partition: u16) -> Result<(), Fault> {
        let mut batch = WriteBatch::default();
        let (from, to) = (partition.to_be_bytes(), (partition + 1).to_be_bytes());
        for family in Family::ALL {
            batch.delete_range_cf(self.family(family), from, to);
        }
        let _moving = self.moving.lock();
        self.db.write(batch).map_err(|error| Fault::new("discard a checkpoint", error))
    }

    /// What is there, by partition.
    pub(super) fn checkpoints(&self) -> Result<BTreeMap<u16, Checkpoint>, Fault> {
        let mut found = BTreeMap::new();
        for partition in 0..PARTITIONS {
            if let Some(checkpoint) = self.checkpoint(partition)? {
                found.insert(partition, checkpoint);
            }
        }
        Ok(found)
    }

    fn family(&self, family: Family) -> &ColumnFamily {
        self.db.cf_handle(family.name()).unwrap_or_else(|| unreachable!("every family was opened or made"))
    }
}

fn open(dir: &Path) -> Result<DB, rocksdb::Error> {
    DB::open_cf_descriptors(&rocks::options(), dir, families())
}

fn checkpoint_value(checkpoint: &Checkpoint) -> Bytes {
    let mut value = BytesMut::new();
    value.put_u64(checkpoint.next);
    value.put_i64(checkpoint.at_millis);
    value.put_slice(&checkpoint.topic_id);
    value.freeze()
}

fn parse_checkpoint(value: &[u8]) -> Result<Checkpoint, Unreadable> {
    let short = Unreadable("a checkpoint that is too short");
    let (next, rest) = value.split_first_chunk().ok_or(Unreadable("a checkpoint that is too short"))?;
    let (at, topic_id) = rest.split_first_chunk().ok_or(short)?;
    Ok(Checkpoint {
        next: u64::from_be_bytes(*next),
        at_millis: i64::from_be_bytes(*at),
        topic_id: Bytes::copy_from_slice(topic_id),
    })
}

#[cfg(test)]
mod tests {
    use kernel::topic::{Action, Lane};
    use stream::Put;

    use super::*;

    fn row(key: &'static str, value: Option<&'static str>) -> Change {
        Change::Row(Put { key: key.into(), value: value.map(Bytes::from) })
    }

    fn checkpoint(next: u64) -> Checkpoint {
        Checkpoint { next, at_millis: 5, topic_id: "id".into() }
    }

    #[test]
    fn partitions_are_kept_apart_and_forgotten_alone() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let topic = Topic::new(Lane::Shared, Action::TicketReserveRequest);
        let position = ReadUpTo { topic, next: 3, topic_id: "t".into() };
        let changes = [row("a", Some("1")), row("b", Some("1")), Change::Position(position.clone())];
        store.advance(8, None, &checkpoint(4), &changes).unwrap();
        store.advance(9, None, &checkpoint(2), &[row("a", Some("of nine"))]).unwrap();
        store.advance(8, Some(4), &checkpoint(6), &[row("b", None)]).unwrap();
        let (rows, positions) = store.load(8).unwrap();
        assert_eq!(rows, [("a".into(), "1".into())]);
        assert_eq!(positions, BTreeMap::from([(topic, position)]));
        assert_eq!(store.checkpoint(8).unwrap(), Some(checkpoint(6)));
        store.forget(8).unwrap();
        assert_eq!(store.load(8).unwrap(), (vec![], BTreeMap::new()));
        assert_eq!(store.checkpoints().unwrap(), BTreeMap::from([(9, checkpoint(2))]));
        assert_eq!(store.load(9).unwrap().0, [("a".into(), "of nine".into())]);
    }

    #[test]
    fn an_owner_that_is_behind_writes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.advance(0, None, &checkpoint(4), &[row("a", Some("new"))]).unwrap();
        assert!(store.advance(0, Some(2), &checkpoint(5), &[row("a", Some("old"))]).is_err());
        assert!(store.advance(0, None, &checkpoint(5), &[row("a", Some("old"))]).is_err());
        assert_eq!(store.load(0).unwrap().0, [("a".into(), "new".into())]);
    }

    #[test]
    fn a_damaged_store_is_thrown_away_and_one_in_use_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.advance(0, None, &checkpoint(4), &[row("a", Some("1"))]).unwrap();
        assert!(matches!(Store::open(dir.path()), Err(OpenError::InUse)));
        drop(store);
        std::fs::write(dir.path().join("CURRENT"), "nonsense\n").unwrap();
        let store = Store::open(dir.path()).unwrap();
        assert_eq!(store.checkpoint(0).unwrap(), None);
    }
}
