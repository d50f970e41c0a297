//! HAProxy, on a configuration that the caller wrote.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::process::Signal;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{
    Folder,
    process::{Launch, Process},
};

/// An answer must come within this time.
const ANSWER: Duration = Duration::from_secs(2);

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

    /// Where its configuration and its log `haproxy.log` are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its process, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.process.id()
    }

    /// Ends it as a power cut would (SIGKILL).
    pub fn kill(&self) {
        self.process.kill();
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
        self.process.start(async || answers(address).await).await
    }
}

/// Distributions put it where only root's path leads.
fn program() -> PathBuf {
    let aside = Path::new("/usr/sbin/haproxy");
    if aside.exists() { aside.to_path_buf() } else { PathBuf::from("haproxy") }
}

/// Whether HTTP is spoken there; what is answered is for the servers behind it to say.
async fn answers(address: SocketAddr) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /livez HTTP/1.0\r\n\r\n").await?;
        let mut head = [0; 5];
        stream.read_exact(&mut head).await?;
        std::io::Result::Ok(&head == b"HTTP/")
    };
    matches!(timeout(ANSWER, ask).await, Ok(Ok(true)))
}
