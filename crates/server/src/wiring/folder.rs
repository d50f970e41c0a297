//! The data folder: one process at a time, for as long as it stays where it is.
//!
//! Databases open files by their path. In a folder that was moved they would write into whatever
//! came into its place.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::ErrorKind,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

/// How often a folder is looked for.
const LOOK: Duration = Duration::from_millis(500);

/// A folder that this process has, until this is dropped or the process ends.
pub struct Held {
    path: PathBuf,
    folder: File,
    _lock: File,
}

impl Held {
    /// Takes an existing folder.
    ///
    /// # Errors
    /// When another process has it, or it cannot be written.
    pub fn take(path: &Path) -> Result<Self, TryLockError> {
        let folder = File::open(path).map_err(TryLockError::Error)?;
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(path.join("in-use"));
        let lock = lock.map_err(TryLockError::Error)?;
        lock.try_lock()?;
        Ok(Self { path: path.to_owned(), folder, _lock: lock })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether its path names another folder, or none.
    pub fn is_moved(&self) -> bool {
        let Ok(held) = self.folder.metadata() else { return false };
        match fs::metadata(&self.path) {
            Ok(there) => (there.dev(), there.ino()) != (held.dev(), held.ino()),
            Err(error) => error.kind() == ErrorKind::NotFound,
        }
    }

    /// Waits until it is moved.
    pub async fn moved(&self) {
        while !self.is_moved() {
            tokio::time::sleep(LOOK).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_holder_and_is_known_when_it_is_moved() {
        let parent = tempfile::tempdir().unwrap();
        let (here, there) = (parent.path().join("here"), parent.path().join("there"));
        fs::create_dir(&here).unwrap();
        let held = Held::take(&here).unwrap();
        assert!(matches!(Held::take(&here), Err(TryLockError::WouldBlock)));
        assert!(!held.is_moved());
        fs::rename(&here, &there).unwrap();
        assert!(held.is_moved(), "it is gone");
        fs::create_dir(&here).unwrap();
        assert!(held.is_moved(), "another has its place");
        fs::remove_dir(&here).unwrap();
        fs::rename(&there, &here).unwrap();
        assert!(!held.is_moved(), "it is back");
    }
}
