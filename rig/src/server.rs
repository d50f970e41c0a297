//! A process of the product: `ticketing serve` with one of the roles.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

use rustix::process::Signal;

use crate::{
    http,
    process::{Launch, Process, signals},
};

/// How a process is started.
#[derive(Clone, Debug)]
pub(crate) struct ServerOptions {
    pub(crate) name: &'static str,
    pub(crate) program: PathBuf,
    pub(crate) role: &'static str,
    pub(crate) demo: bool,
    /// Holds its data, its log `<name>.log` and its announcement `<name>.out`.
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
    /// Its settings, by the names of their variables.
    pub(crate) settings: Vec<(String, String)>,
}

/// A process of the product.
#[derive(Debug)]
pub struct Server {
    process: Process,
    address: SocketAddr,
    folder: PathBuf,
    announcement: PathBuf,
    /// Whether what it keeps is still wanted when it is dropped.
    kept: bool,
}

signals!(Server);

impl Server {
    /// One that is not running yet.
    pub(crate) fn new(options: &ServerOptions, kept: bool) -> Self {
        let ServerOptions { name, folder, .. } = options;
        let address = SocketAddr::from(([127, 0, 0, 1], options.port));
        let data = folder.join(name);
        let mut arguments = vec!["serve".into(), "--listen".into(), address.to_string().into()];
        arguments.extend(["--data".into(), data.clone().into()]);
        arguments.extend(["--role".into(), options.role.into()]);
        if options.demo {
            arguments.push("--demo".into());
        }
        let announcement = folder.join(format!("{name}.out"));
        let process = Process::new(Launch {
            name,
            program: options.program.clone(),
            arguments,
            environment: options.settings.iter().map(|(key, value)| (key.into(), value.into())).collect(),
            user: None,
            log: folder.join(format!("{name}.log")),
            output: Some(announcement.clone()),
            farewell: "KILL",
        });
        Self { process, address, folder: data, announcement, kept }
    }

    /// Where it listens, such as `127.0.0.1:23004`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as the start of a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it keeps.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it said on stdout at its last start.
    pub fn announcement(&self) -> String {
        fs::read_to_string(&self.announcement).unwrap_or_default()
    }

    /// Asks it to end (SIGTERM) and waits for that.
    ///
    /// # Errors
    /// When it had to be killed.
    pub async fn stop(&self) -> anyhow::Result<()> {
        self.process.stop(Signal::TERM).await
    }

    /// Starts it, on the data of its last run, and waits until it is ready.
    ///
    /// # Errors
    /// When it runs or does not start.
    pub async fn start_again(&self) -> anyhow::Result<()> {
        self.process.start(async || http::status(self.address, "/readyz").await == Some(200)).await
    }

    /// Starts it, on the data of its last run, with these variables set as well. Does not wait for
    /// it.
    ///
    /// # Errors
    /// When it runs or does not start.
    pub fn start_with(&self, variables: &[(&str, &str)]) -> anyhow::Result<()> {
        self.process.start_with(variables)
    }

    /// Waits until it has ended by itself. Answers how, and what it said last.
    ///
    /// # Errors
    /// When it lives on for longer than this.
    pub async fn ends(&self, patience: Duration) -> anyhow::Result<(ExitStatus, String)> {
        self.process.ends(patience).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.kept {
            self.process.stop_blocking(Signal::TERM);
        }
    }
}
