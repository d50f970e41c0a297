//! The data folder: one process at a time.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::Path,
};

/// Why a folder cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("in use by another process")]
    InUse,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The lock of a data folder; it ends with this value, or with the process.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

/// Takes an existing folder.
///
/// # Errors
/// When another process has it, or it cannot be written.
pub fn lock(folder: &Path) -> Result<FolderLock, LockError> {
    let file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(folder.join("in-use"))?;
    match file.try_lock() {
        Ok(()) => Ok(FolderLock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(LockError::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}
