//! The real program as a child process: started on a port of its own choice, stopped gracefully, or
//! killed.
//!
//! It ends only processes that it started. Where the program is: `TICKETING_BIN`, or `ticketing` in
//! the same target folder as this test.

use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// From the start of the process to its `Listening on` line, and from SIGTERM to its end.
const START_AND_STOP: Duration = Duration::from_mins(1);

/// A program that listens. Dropped while it runs, it is killed.
#[derive(Debug)]
pub struct Program {
    child: Child,
    address: String,
    /// Gets what it says on stderr.
    log: PathBuf,
}

/// A program that ended by itself.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What it said on stderr.
    pub stderr: String,
}

/// Where the program under test is.
pub fn binary() -> PathBuf {
    if let Some(named) = std::env::var_os("TICKETING_BIN") {
        return PathBuf::from(named);
    }
    // target/release/deps/features-… -> target/release/ticketing
    let own = std::env::current_exe().unwrap();
    let built = own.parent().and_then(Path::parent).unwrap().join("ticketing");
    assert!(built.exists(), "no program at {}: build it, or name it in TICKETING_BIN", built.display());
    built
}

/// How the program is started, before it is.
#[derive(Clone, Debug)]
pub struct Start {
    program: PathBuf,
    data: PathBuf,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
}

impl Start {
    /// `ticketing serve` on this data folder and a free port.
    pub fn on(data: &Path) -> Self {
        Self {
            program: binary(),
            data: data.to_path_buf(),
            arguments: vec!["--listen".to_owned(), "127.0.0.1:0".to_owned()],
            variables: Vec::new(),
        }
    }

    /// Listening here instead of on a port of the system's choice.
    #[must_use]
    pub fn listen(mut self, address: &str) -> Self {
        address.clone_into(&mut self.arguments[1]);
        self
    }

    /// With further arguments of `serve`.
    #[must_use]
    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    /// This program instead of the usual one.
    #[must_use]
    pub fn program(mut self, program: &Path) -> Self {
        program.clone_into(&mut self.program);
        self
    }

    /// With this variable set.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it and waits until it accepts requests, or has ended.
    pub async fn start(&self) -> Result<Program, Ended> {
        // The log lies beside the data folder, not in it: what is in there belongs to the program.
        let log = self.data.with_extension("stderr");
        let mut child = Command::new(&self.program)
            .arg("serve")
            .arg("--data")
            .arg(&self.data)
            .args(&self.arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", self.program.display()));

        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let listening = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some(address) = line.strip_prefix("Listening on ") {
                    return Some(address.trim().to_owned());
                }
            }
            None
        };
        match timeout(START_AND_STOP, listening).await {
            Ok(Some(address)) => {
                // Keep reading, so that the program never blocks on a full pipe.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                Ok(Program { child, address, log })
            }
            Ok(None) => {
                let ended = timeout(START_AND_STOP, child.wait())
                    .await
                    .expect("it closed stdout and lives on")
                    .unwrap();
                Err(Ended::of(ended, &log))
            }
            Err(elapsed) => panic!("neither listening nor ended ({elapsed}); stderr:\n{}", read(&log)),
        }
    }
}

fn read(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap_or_default()
}

impl Ended {
    fn of(status: ExitStatus, log: &Path) -> Self {
        Self { code: status.code(), signal: status.signal(), stderr: read(log) }
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let (code, signal) = (output.status.code(), output.status.signal());
        Self { code, signal, stderr: String::from_utf8_lossy(&output.stderr).into_owned() }
    }
}

impl Program {
    /// Where it listens, such as `http://127.0.0.1:40123`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Asks it to stop (SIGTERM) and waits for its end.
    pub async fn terminate(mut self) -> ExitStatus {
        self.signal("TERM").await;
        timeout(START_AND_STOP, self.child.wait()).await.expect("it does not end on SIGTERM").unwrap()
    }

    /// Waits until it ends by itself; not for longer than a minute.
    pub async fn ends(mut self) -> Ended {
        let ended = timeout(START_AND_STOP, self.child.wait()).await;
        let ended = ended.unwrap_or_else(|_| panic!("it does not end; stderr:\n{}", read(&self.log)));
        Ended::of(ended.unwrap(), &self.log)
    }

    /// Kills it (SIGKILL), as a power cut of the process.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    async fn signal(&self, name: &str) {
        let pid = self.child.id().expect("it has ended already").to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status().await.unwrap();
        assert!(sent.success(), "SIG{name} was not sent");
    }
}

/// Runs `ticketing audit --json` over a data folder that no program holds.
pub async fn audit(data: &Path) -> Output {
    audit_with(data, &[]).await
}

/// The same with settings, by the names of their variables.
pub async fn audit_with(data: &Path, settings: &[(String, String)]) -> Output {
    let settings = settings.iter().map(|(key, value)| (key, value));
    let mut audit = Command::new(binary());
    audit.arg("audit").arg("--data").arg(data).arg("--json").envs(settings).output().await.unwrap()
}

/// Whether an audit found nothing wrong; else what it said.
pub fn judged(audit: &Output) -> Result<(), String> {
    if audit.status.success() {
        return Ok(());
    }
    let (out, err) = (String::from_utf8_lossy(&audit.stdout), String::from_utf8_lossy(&audit.stderr));
    Err(format!("it ended with {}\n{out}\n{err}", audit.status))
}
