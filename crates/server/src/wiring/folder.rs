//! The data folder: one process at a time.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

/// Takes an existing folder, until the file is dropped or the process ends.
///
/// # Errors
/// When another process has it, or it cannot be written.
pub fn lock(folder: &Path) -> Result<File, TryLockError> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(folder.join("in-use"));
    let file = file.map_err(TryLockError::Error)?;
    file.try_lock()?;
    Ok(file)
}
