//! Redis without persistence: its contents may be lost at any time.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use rustix::process::Signal;
use tokio::{process::Command, time::timeout};

use crate::{
    Folder, free_port,
    process::{Launch, Process, signals},
};

/// An answer must come within this time; a frozen server still takes connections.
const ANSWER: Duration = Duration::from_secs(2);

/// How a Redis is started.
#[derive(Clone, Debug, Default)]
pub struct RedisOptions {
    /// Gets its log; without one, the log goes with it.
    pub data: Option<PathBuf>,
    /// Where it listens; without one, on a free port.
    pub port: Option<u16>,
}

/// A Redis. Whatever ends it, it forgets everything.
#[derive(Debug)]
pub struct Redis {
    process: Process,
    port: u16,
    folder: Folder,
}

signals!(Redis);

impl Redis {
    /// Starts one and waits until it answers.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub async fn start(options: &RedisOptions) -> anyhow::Result<Self> {
        let folder = Folder::new(options.data.as_deref())?;
        let port = options.port.map_or_else(free_port, Ok)?;
        let mut arguments: Vec<_> =
            ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no", "--port"]
                .map(Into::into)
                .to_vec();
        arguments.extend([port.to_string().into(), "--dir".into(), folder.path().into()]);
        let process = Process::new(Launch {
            name: "redis",
            program: "redis-server".into(),
            arguments,
            environment: Vec::new(),
            user: None,
            log: folder.path().join("redis.log"),
            output: None,
            farewell: "KILL",
        });
        let redis = Self { process, port, folder };
        redis.start_again().await?;
        Ok(redis)
    }

    /// Where clients reach it, such as `redis://127.0.0.1:23002`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Where its log `redis.log` is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Deletes everything (FLUSHALL).
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn flush(&self) -> anyhow::Result<()> {
        let answer = ask(self.port, "FLUSHALL").await?;
        ensure!(answer == "OK", "redis answered {answer}");
        Ok(())
    }

    /// Asks it to end and waits for that; it forgets everything.
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
        let answers = async || ask(self.port, "PING").await.is_ok_and(|answer| answer == "PONG");
        self.process.start(answers).await
    }
}

/// Sends a command by Redis' own client.
async fn ask(port: u16, command: &str) -> anyhow::Result<String> {
    let mut client = Command::new("redis-cli");
    client.args(["-p", &port.to_string(), command]).kill_on_drop(true);
    let output = timeout(ANSWER, client.output()).await.context("redis does not answer")?;
    let output = output.context("cannot run redis-cli")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
