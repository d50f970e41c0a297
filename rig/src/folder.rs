//! Data folders: given ones, which stay, and temporary ones, which go with their owner.
//!
//! Promises: a temporary folder is removed when it is dropped; one whose process was killed is
//! removed by the next process that makes one.
//! Never: removes a folder that was given.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Once,
};

use anyhow::Context as _;
use tempfile::TempDir;

/// Begins the name of every temporary folder; the number of the owning process follows.
const PREFIX: &str = "ticketing-rig-";

/// Where a server keeps its data.
#[derive(Debug)]
pub enum Folder {
    /// Stays when the server ends.
    Given(PathBuf),
    /// Goes with its owner.
    Temporary(TempDir),
}

impl Folder {
    /// The given folder, made when it is missing; without one, a new temporary folder.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(given: Option<&Path>) -> anyhow::Result<Self> {
        match given {
            Some(path) => {
                fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))?;
                Ok(Self::Given(std::path::absolute(path)?))
            }
            None => Self::temporary(),
        }
    }

    /// A new temporary folder.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn temporary() -> anyhow::Result<Self> {
        static SWEPT: Once = Once::new();
        SWEPT.call_once(sweep);
        let folder = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-", std::process::id()))
            .tempdir()
            .context("cannot make a temporary folder")?;
        // Servers that run as another user must reach their own folder in here.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711))?;
        Ok(Self::Temporary(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }

    /// Whether it goes with its owner.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Temporary(_))
    }
}

/// Removes the folders of processes that are gone.
fn sweep() {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split_once('-'));
        if owner.is_some_and(|(pid, _)| !Path::new("/proc").join(pid).exists()) {
            // Another process may be sweeping too, and another user's folder is not ours to remove.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
