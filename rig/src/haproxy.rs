//! HAProxy, on a configuration that the caller wrote.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::bail;
use rustix::process::Signal;

use crate::{
    Folder, http,
    process::{Launch, Process, signals},
};

/// How long it may take until it has found its servers ready.
const READY: Duration = Duration::from_secs(30);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// How an HAProxy is started.
#[derive(Clone, Debug)]
pub struct HaProxyOptions {
    /// Gets its configuration and its log; without one, they go with it.
    pub data: Option<PathBuf>,
    /// The text of its configuration, which listens on `port`.
    pub configuration: String,
    /// What the configuration's `getenv` variables are.
    pub environment: Vec<(String, String)>,
    /// Where its front listens.
    pub port: u16,
}

/// An HAProxy.
#[derive(Debug)]
pub struct HaProxy {
    process: Process,
    port: u16,
    folder: Folder,
}

signals!(HaProxy);

impl HaProxy {
    /// Starts one and waits until it answers.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub async fn start(options: &HaProxyOptions) -> anyhow::Result<Self> {
        let folder = Folder::new(options.data.as_deref())?;
        let file = folder.path().join("haproxy.cfg");
        fs::write(&file, &options.configuration)?;
        let process = Process::new(Launch {
            name: "haproxy",
            program: program(),
            arguments: vec!["-db".into(), "-f".into(), file.into()],
            environment: options.environment.iter().map(|(key, value)| (key.into(), value.into())).collect(),
            user: None,
            output: None,
            log: folder.path().join("haproxy.log"),
            farewell: "KILL",
        });
        let haproxy = Self { process, port: options.port, folder };
        haproxy.start_again().await?;
        Ok(haproxy)
    }

    /// Where clients reach it, such as `http://127.0.0.1:23003`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Waits until it finds every role behind it.
    ///
    /// # Errors
    /// When that takes longer than [`READY`].
    pub async fn ready(&self) -> anyhow::Result<()> {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        let asked = Instant::now();
        loop {
            match http::status(address, "/readyz").await {
                Some(200) => return Ok(()),
                status if asked.elapsed() > READY => {
                    bail!("{} is not ready after {READY:?}: {status:?}", self.url())
                }
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// Where its configuration and its log `haproxy.log` are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Asks it to end at once and waits for that.
    ///
    /// # Errors
    /// When it had to be killed.
    pub async fn stop(&self) -> anyhow::Result<()> {
        self.process.stop(Signal::TERM).await
    }

    /// Starts it after a stop or a kill, on the same port, and waits until it answers.
    ///
    /// # Errors
    /// When it runs or does not start.
    pub async fn start_again(&self) -> anyhow::Result<()> {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        // Any status will do: what it is, is for the servers behind to say.
        self.process.start(async || http::status(address, "/livez").await.is_some()).await
    }
}

/// Distributions put it where only root's path leads.
fn program() -> PathBuf {
    let aside = Path::new("/usr/sbin/haproxy");
    if aside.exists() { aside.to_path_buf() } else { PathBuf::from("haproxy") }
}
