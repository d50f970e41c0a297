//! `ticketing doctor`: looks at what the server needs from its machine, and says what is missing
//! before a rush does.
//!
//! Promises: changes nothing but one file of its own in the data folder, which it removes. Never:
//! starts anything.

use std::{
    fs,
    io::{self, ErrorKind, Write as _},
    net::{SocketAddr, TcpListener},
    path::Path,
    time::{Duration, Instant},
};

use serde::Serialize;
use server::{config::Config, listen::Listen, wiring::folder::Held};

/// Files that a rush of some thousand buyers needs open.
const FILES: u64 = 10_000;
const SPACE_NEEDED: u64 = 1024 * 1024 * 1024;
const SPACE_LEAST: u64 = 128 * 1024 * 1024;
/// Slower than this, every commit of a booking waits.
const SYNC: Duration = Duration::from_millis(20);
/// The clock cannot be before the program was written: 2026-01-01T00:00:00Z.
const EARLIEST_MS: i64 = 1_767_225_600_000;

/// How good a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Good,
    /// It works, not well.
    Poor,
    /// The server will not work.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    pub(crate) what: &'static str,
    pub(crate) verdict: Verdict,
    /// A sentence with the figure.
    pub(crate) detail: String,
}

/// Looks at everything.
pub(crate) fn examine(config: &Config) -> Vec<Finding> {
    let data = &config.data.value;
    vec![
        data_folder(data),
        disk_space(data),
        disk_sync(data),
        port(&config.listen.value),
        open_files(),
        clock(),
    ]
}

/// Findings as lines for people.
pub(crate) fn table(findings: &[Finding]) -> String {
    let mark = |verdict| match verdict {
        Verdict::Good => "good",
        Verdict::Poor => "poor",
        Verdict::Bad => "BAD",
    };
    let line = |f: &Finding| format!("{:<5} {:<12} {}", mark(f.verdict), f.what, f.detail);
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn finding(what: &'static str, verdict: Verdict, detail: String) -> Finding {
    Finding { what, verdict, detail }
}

fn data_folder(data: &Path) -> Finding {
    let what = "data folder";
    let shown = data.display();
    if !data.exists() {
        return finding(what, Verdict::Good, format!("{shown} does not exist yet; it will be made."));
    }
    match Held::take(data) {
        Ok(_) => finding(what, Verdict::Good, format!("{shown} is free to use.")),
        Err(fs::TryLockError::WouldBlock) => finding(
            what,
            Verdict::Poor,
            format!("{shown} is in use by another process, which may be the server."),
        ),
        Err(fs::TryLockError::Error(error)) => {
            finding(what, Verdict::Bad, format!("{shown} cannot be used: {error}."))
        }
    }
}

fn existing(data: &Path) -> &Path {
    let found = data.ancestors().find(|folder| folder.exists());
    found.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn disk_space(data: &Path) -> Finding {
    let what = "disk space";
    match fs4::available_space(existing(data)) {
        Err(error) => finding(what, Verdict::Poor, format!("it cannot be read: {error}.")),
        Ok(free) => {
            let verdict = match free {
                SPACE_NEEDED.. => Verdict::Good,
                SPACE_LEAST.. => Verdict::Poor,
                _ => Verdict::Bad,
            };
            finding(what, verdict, format!("{} MiB are free.", free / 1024 / 1024))
        }
    }
}

fn disk_sync(data: &Path) -> Finding {
    let what = "disk sync";
    match time_sync(existing(data)) {
        Err(error) => finding(what, Verdict::Bad, format!("a file cannot be written: {error}.")),
        Ok(took) => {
            let verdict = if took <= SYNC { Verdict::Good } else { Verdict::Poor };
            finding(
                what,
                verdict,
                format!("storing a small write for good takes {:.1} ms.", took.as_secs_f64() * 1e3),
            )
        }
    }
}

/// The middle of seven synced writes.
fn time_sync(folder: &Path) -> std::io::Result<Duration> {
    let path = folder.join(format!(".ticketing-doctor-{}", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
    let mut write = || {
        let begun = Instant::now();
        file.write_all(&[0; 4096]).and_then(|()| file.sync_data()).map(|()| begun.elapsed())
    };
    let times: io::Result<Vec<Duration>> = (0..7).map(|_| write()).collect();
    fs::remove_file(&path)?;
    let mut times = times?;
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

fn port(listen: &Listen) -> Finding {
    let what = "port";
    match listen.resolve().and_then(bind) {
        Ok(()) => finding(what, Verdict::Good, format!("{listen} is free.")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            finding(what, Verdict::Poor, format!("{listen} is in use, perhaps by the server."))
        }
        Err(error) => finding(what, Verdict::Bad, format!("{listen} cannot be listened on: {error}.")),
    }
}

/// As the server does: the first that can be, not one behind an address that is in use.
fn bind(addresses: Vec<SocketAddr>) -> io::Result<()> {
    let mut bound = Err(io::Error::from(ErrorKind::AddrNotAvailable));
    for address in addresses {
        bound = TcpListener::bind(address).map(drop);
        if bound.as_ref().map_or_else(|error| error.kind() == ErrorKind::AddrInUse, |()| true) {
            break;
        }
    }
    bound
}

fn open_files() -> Finding {
    let what = "open files";
    match rlimit::Resource::NOFILE.get_hard() {
        Err(error) => finding(what, Verdict::Poor, format!("the limit cannot be read: {error}.")),
        Ok(hard) => {
            let verdict = if hard >= FILES { Verdict::Good } else { Verdict::Poor };
            finding(what, verdict, format!("{hard} may be open at once."))
        }
    }
}

fn clock() -> Finding {
    let now = jiff::Timestamp::now();
    let verdict = if now.as_millisecond() >= EARLIEST_MS { Verdict::Good } else { Verdict::Bad };
    finding("clock", verdict, format!("it says {now:.0}."))
}
