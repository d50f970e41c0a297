//! A member process, from the outside.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

/// A member that is started, disturbed and started again on its folder.
pub(crate) struct Member {
    folder: PathBuf,
    brokers: String,
    child: Option<Child>,
}

impl Member {
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(brokers: &str, folder: PathBuf) -> anyhow::Result<Self> {
        let mut member = Self { folder, brokers: brokers.to_owned(), child: None };
        member.start_again()?;
        Ok(member)
    }

    /// Where its checkpoints are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn start_again(&mut self) -> anyhow::Result<()> {
        let log = File::options().create(true).append(true).open(self.folder.with_extension("log"))?;
        let child = Command::new(std::env::current_exe()?)
            .arg("member")
            .arg(&self.brokers)
            .arg(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        self.child = Some(child);
        Ok(())
    }

    pub(crate) fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let id = self.child.as_ref().and_then(Child::id).context("the member does not run")?;
        let id = Pid::from_raw(id.try_into()?).context("no process has this number")?;
        kill_process(id, signal)?;
        Ok(())
    }

    /// Ends it at once.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        let mut child = self.child.take().context("the member does not run")?;
        child.kill().await?;
        Ok(())
    }

    /// Asks it to end, and waits.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        self.signal(Signal::TERM)?;
        let mut child = self.child.take().context("the member does not run")?;
        let status = child.wait().await?;
        ensure!(status.success(), "a member that was asked to stop ended with {status}");
        Ok(())
    }

    /// Fails when it ended by itself.
    pub(crate) fn must_run(&mut self) -> anyhow::Result<()> {
        let ended = self.child.as_mut().map(Child::try_wait).transpose()?.flatten();
        ensure!(ended.is_none(), "a member ended by itself: {ended:?}, see {}.log", self.folder.display());
        Ok(())
    }
}
