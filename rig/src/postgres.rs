//! PostgreSQL. Its superuser connects by a socket in a private folder; everybody else over TCP with
//! a password.
//!
//! PostgreSQL refuses to run as root: there it runs as the user `postgres`, which the package
//! creates.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use rustix::process::{Signal, geteuid};
use tokio::{io::AsyncWriteExt as _, process::Command};

use crate::{
    Folder, free_port,
    process::{Launch, Process, as_user, signals},
};

/// Who runs the server when root may not.
const SERVER_USER: &str = "postgres";
/// The superuser in the database.
const SUPERUSER: &str = "postgres";
/// The password of the roles that [`Postgres::create_database`] makes.
const PASSWORD: &str = "rig";
/// Holds the files when the server's user cannot reach the folder that was asked for.
const ELSEWHERE: &str = "/var/lib/ticketing-rig";
/// How often a start is tried: after a kill, the server's children need a moment to notice, and
/// nothing starts before they are gone.
const TRIES: usize = 10;
const TRY_AGAIN: Duration = Duration::from_millis(200);

/// How a PostgreSQL is started.
#[derive(Clone, Debug, Default)]
pub struct PostgresOptions {
    /// Kept when it ends; without one, the data goes with it.
    pub data: Option<PathBuf>,
    /// Where it listens; without one, on a free port.
    pub port: Option<u16>,
    /// Sync every commit to disk. What is killed keeps its commits either way; only a power cut
    /// shows the difference.
    pub synced: bool,
}

/// A PostgreSQL. Frozen, it serves no new connection; the open ones have processes of their own.
#[derive(Debug)]
pub struct Postgres {
    process: Process,
    port: u16,
    folder: Folder,
    data: PathBuf,
    /// Holds the socket: a short path, since a socket's may not be long.
    socket: Folder,
}

signals!(Postgres);

impl Postgres {
    /// Starts one and waits until it answers.
    ///
    /// # Errors
    /// When it is not installed, does not start, or its user cannot reach the folder.
    pub async fn start(options: &PostgresOptions) -> anyhow::Result<Self> {
        let folder = Folder::new(options.data.as_deref())?;
        let socket = Folder::temporary()?;
        let port = options.port.map_or_else(free_port, Ok)?;
        let data = data_folder(&folder).await?;
        let private = socket.path().join("socket");
        for path in [&data, &private] {
            make_private(path).await?;
        }
        if !data.join("PG_VERSION").exists() {
            make_cluster(&data).await?;
        }
        let settings = [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={port}"),
            format!("unix_socket_directories={}", private.display()),
            format!("fsync={}", if options.synced { "on" } else { "off" }),
            "max_connections=200".to_owned(),
            // Logs belong to the user who started it, beside the data.
            "logging_collector=off".to_owned(),
        ];
        let mut arguments: Vec<_> = vec!["-D".into(), data.clone().into()];
        for setting in settings {
            arguments.extend(["-c".into(), setting.into()]);
        }
        let process = Process::new(Launch {
            name: "postgres",
            program: program("postgres")?,
            arguments,
            environment: Vec::new(),
            user: server_user().map(str::to_owned),
            log: folder.path().join("postgres.log"),
            output: None,
            // The immediate shutdown: gone at once, and without traces in the system's shared
            // memory.
            farewell: "QUIT",
        });
        let postgres = Self { process, port, folder, data, socket };
        postgres.start_again().await?;
        Ok(postgres)
    }

    /// Where the files of a server with this folder are, when its user cannot reach the folder.
    pub(crate) fn elsewhere(folder: &Path) -> anyhow::Result<PathBuf> {
        let place = std::path::absolute(folder)?.display().to_string();
        Ok(Path::new(ELSEWHERE).join(place.trim_start_matches('/').replace('/', "-")))
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its files are.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Where its log `postgres.log` is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The superuser's way into a database, by the socket.
    pub fn admin_url(&self, database: &str) -> String {
        format!(
            "postgres://{SUPERUSER}@localhost:{}/{database}?host={}",
            self.port,
            self.socket.path().join("socket").display()
        )
    }

    /// Makes a database that belongs to a role of its own, and that nobody else may enter, and
    /// answers with that role's way in. The role is made when it is missing.
    ///
    /// # Errors
    /// When the database exists.
    pub async fn create_database(&self, name: &str, owner: &str) -> anyhow::Result<String> {
        self.execute(
            "postgres",
            &format!(
                "DO $$ BEGIN CREATE ROLE \"{owner}\" LOGIN PASSWORD '{PASSWORD}'; \
                 EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
            ),
        )
        .await?;
        self.execute("postgres", &format!("CREATE DATABASE \"{name}\" OWNER \"{owner}\"")).await?;
        self.execute("postgres", &format!("REVOKE ALL ON DATABASE \"{name}\" FROM PUBLIC")).await?;
        Ok(self.url(owner, PASSWORD, name))
    }

    /// A role's way into a database, over TCP.
    pub fn url(&self, role: &str, password: &str, database: &str) -> String {
        format!("postgres://{role}:{password}@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs statements as the superuser and answers with the rows, one a line, columns parted by
    /// `|`.
    ///
    /// # Errors
    /// With PostgreSQL's words, when one fails.
    pub async fn execute(&self, database: &str, statements: &str) -> anyhow::Result<String> {
        self.execute_as(&self.admin_url(database), statements).await
    }

    /// The same as somebody else, who comes in by this way.
    ///
    /// # Errors
    /// With PostgreSQL's words, when one fails.
    pub async fn execute_as(&self, url: &str, statements: &str) -> anyhow::Result<String> {
        answer(psql(url)?.args(["-c", statements]).output().await?)
    }

    /// Runs a script of psql as the superuser, with variables for its `\\getenv`.
    ///
    /// # Errors
    /// With PostgreSQL's words, when a statement fails.
    pub async fn run_script(
        &self,
        database: &str,
        script: &str,
        environment: &[(&str, &str)],
    ) -> anyhow::Result<()> {
        let mut command = psql(&self.admin_url(database))?;
        command.envs(environment.iter().copied()).args(["-f", "-"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut input = child.stdin.take().context("psql has no input")?;
        input.write_all(script.as_bytes()).await?;
        drop(input);
        answer(child.wait_with_output().await?)?;
        Ok(())
    }

    /// Asks it to end, breaking off what runs, and waits for that.
    ///
    /// # Errors
    /// When it had to be killed.
    pub async fn stop(&self) -> anyhow::Result<()> {
        self.process.stop(Signal::INT).await
    }

    /// Ends it without a checkpoint and starts it, so that it recovers.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restart_immediate(&self) -> anyhow::Result<()> {
        self.process.stop(Signal::QUIT).await?;
        self.start_again().await
    }

    /// Starts it after a stop or a kill, on the same data and port, and waits until it answers.
    ///
    /// # Errors
    /// When it runs or does not start.
    pub async fn start_again(&self) -> anyhow::Result<()> {
        let mut tried = self.try_start().await;
        for _ in 1..TRIES {
            if tried.is_ok() || self.id().is_some() {
                break;
            }
            tokio::time::sleep(TRY_AGAIN).await;
            tried = self.try_start().await;
        }
        tried
    }

    async fn try_start(&self) -> anyhow::Result<()> {
        let answers = async || self.execute("postgres", "SELECT 1").await.is_ok_and(|answer| answer == "1");
        self.process.start(answers).await
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.process.stop_blocking(if self.folder.is_temporary() { Signal::QUIT } else { Signal::INT });
    }
}

/// PostgreSQL's own client, which comes in by this way and stops at the first statement that fails.
fn psql(url: &str) -> anyhow::Result<Command> {
    let mut command = Command::new(program("psql")?);
    command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url]).kill_on_drop(true);
    Ok(command)
}

/// What psql printed, or why it failed.
fn answer(output: Output) -> anyhow::Result<String> {
    ensure!(output.status.success(), "postgres refused: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// As whom the server runs, when not as ourselves.
fn server_user() -> Option<&'static str> {
    geteuid().is_root().then_some(SERVER_USER)
}

/// A program of PostgreSQL: of the newest version that is installed, or in
/// `TICKETING_POSTGRES_BIN`.
fn program(name: &str) -> anyhow::Result<PathBuf> {
    if let Some(named) = std::env::var_os("TICKETING_POSTGRES_BIN") {
        return Ok(PathBuf::from(named).join(name));
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let program = entry.path().join("bin").join(name);
            program.exists().then_some((version, program))
        })
        .max();
    match newest {
        Some((_, program)) => Ok(program),
        None => bail!("no {name} in /usr/lib/postgresql: run `make setup-cluster`"),
    }
}

/// Where the server keeps its files: in its folder, unless it runs as a user who cannot get there,
/// such as below the home of root.
async fn data_folder(folder: &Folder) -> anyhow::Result<PathBuf> {
    let reachable = match server_user() {
        Some(user) => {
            let mut reach = Command::new("setpriv");
            reach.args(as_user(user)).args(["--", "test", "-x"]).arg(folder.path());
            reach.status().await?.success()
        }
        None => true,
    };
    if reachable {
        return Ok(folder.path().join("data"));
    }
    ensure!(
        !folder.is_temporary(),
        "the user {SERVER_USER} cannot reach {}: set TMPDIR to a folder for all",
        folder.path().display()
    );
    Postgres::elsewhere(folder.path())
}

/// Makes a folder that only the server's user enters.
async fn make_private(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    match server_user() {
        Some(user) => run(Command::new("chown").arg(format!("{user}:")).arg(folder)).await,
        None => Ok(()),
    }
}

/// Makes the files of a new database server.
async fn make_cluster(data: &Path) -> anyhow::Result<()> {
    let initdb = program("initdb")?;
    let mut command = match server_user() {
        Some(user) => {
            let mut command = Command::new("setpriv");
            command.args(as_user(user)).arg("--").arg(initdb);
            command
        }
        None => Command::new(initdb),
    };
    command
        .args(["--no-sync", "--encoding=UTF8", "--locale=C", "--username", SUPERUSER])
        .args(["--auth-local=trust", "--auth-host=scram-sha-256", "--pgdata"])
        .arg(data)
        .current_dir("/");
    run(&mut command).await
}

async fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().await?;
    let words = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} failed: {words}", command.as_std().get_program().display());
    Ok(())
}
