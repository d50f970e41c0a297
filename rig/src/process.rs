//! A server as a child process: started, asked until it answers, signalled, started again.
//!
//! Promises: the child dies with this process, however this process ends; only children of this
//! process are signalled. Never: returns from a start before the server answers.

use std::{
    ffi::OsString,
    fs::{self, File},
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};

/// How long a server may take until it answers. Generous: a busy two-core machine starts several at
/// once.
const START: Duration = Duration::from_mins(2);
/// How long a server that was asked to end may take.
const STOP: Duration = Duration::from_secs(30);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);
/// Lines of the log that an error quotes.
const QUOTED: usize = 25;

/// How a server is started.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    pub(crate) name: &'static str,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Vec<(OsString, OsString)>,
    /// As whom, when not as ourselves.
    pub(crate) user: Option<String>,
    /// Gets what it prints, behind what is there.
    pub(crate) log: PathBuf,
    /// Gets what it prints on stdout instead, in the place of what is there.
    pub(crate) output: Option<PathBuf>,
    /// What the kernel sends it when this process ends.
    pub(crate) farewell: &'static str,
}

/// A server that can be started again and again.
#[derive(Debug)]
pub(crate) struct Process {
    launch: Launch,
    child: Mutex<Option<Child>>,
}

impl Process {
    /// A server that is not running yet.
    pub(crate) fn new(launch: Launch) -> Self {
        Self { launch, child: Mutex::new(None) }
    }

    /// Starts it and waits until `answers` says that it does.
    pub(crate) async fn start(&self, answers: impl AsyncFn() -> bool) -> anyhow::Result<()> {
        self.start_with(&[])?;
        let (name, started) = (self.launch.name, Instant::now());
        while !answers().await {
            if let Some(status) = self.ended()? {
                bail!("{name} ended instead of starting ({status}); it said:\n{}", self.launch.last_words());
            }
            if started.elapsed() > START {
                bail!("{name} does not answer after {START:?}; it said:\n{}", self.launch.last_words());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Starts it with further variables. Does not wait: it may end before it answers.
    pub(crate) fn start_with(&self, variables: &[(&str, &str)]) -> anyhow::Result<()> {
        if self.id().is_some() {
            bail!("{} is running already", self.launch.name);
        }
        *self.child() = Some(self.launch.spawn(variables)?);
        Ok(())
    }

    /// Waits until it has ended by itself. Answers how, and what it said last.
    pub(crate) async fn ends(&self, patience: Duration) -> anyhow::Result<(ExitStatus, String)> {
        let asked = Instant::now();
        loop {
            if let Some(status) = self.ended()? {
                return Ok((status, self.launch.last_words()));
            }
            if asked.elapsed() > patience {
                bail!(
                    "{} lives on after {patience:?}; it said:\n{}",
                    self.launch.name,
                    self.launch.last_words()
                );
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Its number, while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        // One that ended by itself is noticed here.
        matches!(self.ended(), Ok(None)).then(|| self.child().as_ref().map(Child::id)).flatten()
    }

    /// How it ended, when it did so by itself.
    fn ended(&self) -> anyhow::Result<Option<ExitStatus>> {
        let mut child = self.child();
        let status = match child.as_mut() {
            Some(running) => running.try_wait()?,
            None => None,
        };
        if status.is_some() {
            *child = None;
        }
        Ok(status)
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let child = self.child();
        let running = child.as_ref().with_context(|| format!("{} is not running", self.launch.name))?;
        kill_process(Pid::from_child(running), signal)?;
        Ok(())
    }

    /// Ends it as a power cut would (SIGKILL). Nothing happens to one that does not run.
    pub(crate) fn kill(&self) {
        if let Some(mut running) = self.child().take() {
            // Either may find it gone already, which is what is wanted.
            let _ = running.kill();
            let _ = running.wait();
        }
    }

    /// Asks it to end with this signal and waits; kills it when it does not. Nothing happens to one
    /// that does not run.
    pub(crate) async fn stop(&self, signal: Signal) -> anyhow::Result<()> {
        if self.id().is_none() {
            return Ok(());
        }
        self.signal(signal)?;
        let asked = Instant::now();
        while self.ended()?.is_none() {
            if asked.elapsed() > STOP {
                self.kill();
                bail!("{} did not end within {STOP:?} and was killed", self.launch.name);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// The same for who cannot wait asynchronously.
    pub(crate) fn stop_blocking(&self, signal: Signal) {
        let asked = Instant::now();
        if self.signal(signal).is_ok() {
            while matches!(self.ended(), Ok(None)) && self.id().is_some() && asked.elapsed() < STOP {
                thread::sleep(PAUSE);
            }
        }
        self.kill();
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is done to every server that has a `process`, whichever server it is.
macro_rules! signals {
    ($server:ty) => {
        impl $server {
            /// Its process, while it runs.
            pub fn id(&self) -> Option<u32> {
                self.process.id()
            }

            /// Ends it as a power cut would (SIGKILL).
            pub fn kill(&self) {
                self.process.kill();
            }

            /// Freezes it (SIGSTOP).
            ///
            /// # Errors
            /// When it does not run.
            pub fn pause(&self) -> anyhow::Result<()> {
                self.process.signal(rustix::process::Signal::STOP)
            }

            /// Resumes it (SIGCONT).
            ///
            /// # Errors
            /// When it does not run.
            pub fn resume(&self) -> anyhow::Result<()> {
                self.process.signal(rustix::process::Signal::CONT)
            }
        }
    };
}
pub(crate) use signals;

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Launch {
    /// `setpriv` sets the parent-death signal, switches to the user, and execs the server: the
    /// child's pid is the server's.
    fn spawn(&self, variables: &[(&str, &str)]) -> anyhow::Result<Child> {
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.with_context(|| format!("cannot write {}", self.log.display()))?;
        let output = match &self.output {
            Some(path) => File::create(path).with_context(|| format!("cannot write {}", path.display()))?,
            None => log.try_clone()?,
        };
        let mut command = Command::new("setpriv");
        command.arg("--pdeathsig").arg(self.farewell);
        if let Some(user) = &self.user {
            command.args(as_user(user));
        }
        command
            .arg("--")
            .arg(&self.program)
            .args(&self.arguments)
            .envs(self.environment.iter().cloned())
            .envs(variables.iter().copied())
            // Ctrl-C in a terminal reaches the owner alone, who ends its servers in order.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(log);
        spawn(command).with_context(|| format!("cannot start {}", self.name))
    }

    /// The end of its log.
    fn last_words(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(QUOTED)..].join("\n")
    }
}

/// The arguments of `setpriv` that make it another user.
pub(crate) fn as_user(user: &str) -> [String; 3] {
    [format!("--reuid={user}"), format!("--regid={user}"), "--init-groups".to_owned()]
}

/// Starts a child from a thread that lives as long as this process: the kernel sends the
/// parent-death signal when the *thread* that started the child ends, and the thread of a test ends
/// long before the server that it shares.
fn spawn(command: Command) -> anyhow::Result<Child> {
    type Request = (Command, mpsc::SyncSender<std::io::Result<Child>>);
    static STARTER: OnceLock<mpsc::Sender<Request>> = OnceLock::new();
    let starter = STARTER.get_or_init(|| {
        let (requests, inbox) = mpsc::channel::<Request>();
        thread::spawn(move || {
            for (mut command, answer) in inbox {
                // The caller may have gone; then the child is dropped, and killed by the
                // parent-death signal at the latest.
                let _ = answer.send(command.spawn());
            }
        });
        requests
    });
    let (answer, started) = mpsc::sync_channel(1);
    starter.send((command, answer)).map_err(|_| anyhow::anyhow!("the starting thread is gone"))?;
    Ok(started.recv().context("the starting thread is gone")??)
}
