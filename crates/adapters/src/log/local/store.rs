//! The folder: who may use it, whether it is sound, and the open database in it.
//!
//! Promises: one process at a time; a folder that lost something is refused with the file that
//! shows it; a torn tail, which was never acknowledged, is truncated. Never: decides what to write.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use kernel::Fault;
use parking_lot::RwLock;
use rocksdb::{DB, ErrorKind};

use super::{
    database::{self, ReadError},
    wal::{self, Tail},
};
use crate::log::rocks;

/// Why a log cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("another process uses the log")]
    InUse,
    /// The stored log was damaged; `what` names the file and says how.
    #[error("the log is corrupted: {what}")]
    Corrupted { what: String },
    #[error(transparent)]
    Fault(Fault),
}

impl OpenError {
    fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Fault(Fault::new(doing, error))
    }
}

/// The open log folder.
pub(super) struct Store {
    dir: PathBuf,
    /// `None` while it is opened again after a failed write, and after the end.
    db: RwLock<Option<DB>>,
    /// Locked as long as this store lives.
    _lock: File,
}

impl Store {
    pub(super) fn open(dir: &Path) -> Result<Self, OpenError> {
        std::fs::create_dir_all(dir).map_err(OpenError::io("make the log's folder"))?;
        let lock = lock(dir)?;
        Ok(Self { dir: dir.to_owned(), db: RwLock::new(Some(open(dir)?)), _lock: lock })
    }

    /// Lets `read` look at the database.
    pub(super) fn read<T>(&self, read: impl FnOnce(&DB) -> Result<T, ReadError>) -> Result<T, Fault> {
        let db = self.db.read();
        let db = db.as_ref().ok_or_else(|| Fault::new("read the log", "it is not open"))?;
        read(db).map_err(|error| Fault::new("read the log", error))
    }

    /// Lets `write` use the database, if it is open.
    pub(super) fn with<T>(&self, with: impl FnOnce(&DB) -> T) -> Option<T> {
        self.db.read().as_ref().map(with)
    }

    /// Closes the database and opens it again, as after a crash: what a failed write left is then
    /// either there or not.
    pub(super) fn reopen(&self) -> Result<(), OpenError> {
        let mut db = self.db.write();
        *db = None;
        *db = Some(open(&self.dir)?);
        Ok(())
    }

    /// Waits for all readers, then closes the database.
    pub(super) fn close(&self) {
        *self.db.write() = None;
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }
}

/// The operating system frees the lock when the process ends, however it ends.
fn lock(dir: &Path) -> Result<File, OpenError> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.join("in-use"))
        .map_err(OpenError::io("open the log's lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
        Err(TryLockError::Error(error)) => Err(OpenError::io("lock the log's folder")(error)),
    }
}

fn open(dir: &Path) -> Result<DB, OpenError> {
    let existed = check_files(dir)?;
    database::open(dir).map_err(|error| match error.kind() {
        ErrorKind::Corruption => OpenError::Corrupted { what: error.into_string() },
        _ if existed && rocks::lacks_a_file(&error) => OpenError::Corrupted { what: error.into_string() },
        _ if error.as_ref().contains("While lock file") => OpenError::InUse,
        _ => OpenError::Fault(Fault::new("open the log", error)),
    })
}

/// Looks at what RocksDB itself would take too lightly. Answers whether there is a log already.
fn check_files(dir: &Path) -> Result<bool, OpenError> {
    let mut current = false;
    let mut part = None;
    for entry in std::fs::read_dir(dir).map_err(OpenError::io("list the log's folder"))? {
        let name =
            entry.map_err(OpenError::io("list the log's folder"))?.file_name().to_string_lossy().into_owned();
        current |= name == "CURRENT";
        if name.starts_with("MANIFEST-") || Path::new(&name).extension().is_some_and(|ext| ext == "sst") {
            part = Some(name);
        }
    }
    if let (false, Some(part)) = (current, part) {
        // RocksDB would begin an empty log beside the old one.
        return Err(OpenError::Corrupted { what: format!("CURRENT is missing, but {part} is there") });
    }
    for path in wal::files(dir).map_err(OpenError::io("list the log's folder"))? {
        check_write_ahead_log(&path)?;
    }
    Ok(current)
}

fn check_write_ahead_log(path: &Path) -> Result<(), OpenError> {
    let log = std::fs::read(path).map_err(OpenError::io("read a write-ahead log"))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match wal::examine(&log) {
        Ok(Tail::Whole) => Ok(()),
        Ok(Tail::Torn { at }) => {
            tracing::warn!(file = %name, at, bytes = log.len() - at, "removed an incomplete write that was never acknowledged");
            wal::cut(path, at).map_err(OpenError::io("cut a torn write-ahead log"))
        }
        Err(damage) if kernel::planted("local.damage-cut-as-a-torn-tail") => {
            wal::cut(path, damage.at).map_err(OpenError::io("cut a torn write-ahead log"))
        }
        Err(damage) => Err(OpenError::Corrupted { what: format!("{name} is damaged at byte {}", damage.at) }),
    }
}
