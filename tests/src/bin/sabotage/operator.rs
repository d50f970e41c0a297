//! What an operator sees of a fault: `ticketing serve`, `rush --mix real` with a kill in its
//! middle, `audit`.
//!
//! Promises: the rush sells for a fixed time, waits for what is overdue within its patience, and
//! then names it. What does not end by itself long after that has been seen, too. Its folder goes
//! afterwards.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use serde_json::{Map, Value};
use tests::sabotage::VARIABLE;

use crate::programs::{Run, run};

/// The server starts, and stops, well within this, also on a busy machine.
const START_AND_STOP: Duration = Duration::from_secs(40);
/// From the start of the rush to the kill.
const TO_THE_KILL: Duration = Duration::from_secs(6);
/// How long the rush sells, how long it then waits for what is overdue, and the time to pay.
const SELL_S: u64 = 14;
const PATIENCE_S: u64 = 15;
const WINDOW_S: u64 = 8;
/// Far beyond the longest that a rush takes with this patience.
const RUSH: Duration = Duration::from_mins(4);
/// The first kinds of trouble say enough.
const KINDS_NAMED: usize = 4;
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What shows that something is wrong; none when rush and audit are clean.
pub(crate) fn sees(ticketing: &Path, fault: Option<&str>) -> anyhow::Result<Option<String>> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let address = format!("127.0.0.1:{}", rig::free_port()?);
    let serve = || Server::start(ticketing, &data, &address, fault);
    let Some(server) = serve()? else { return Ok(Some("the server does not start".to_owned())) };
    let rush = {
        let (ticketing, address, fault) =
            (ticketing.to_path_buf(), address.clone(), fault.map(str::to_owned));
        thread::spawn(move || {
            let mut rush = Command::new(ticketing);
            rush.args(["rush", "--mix", "real", "--through-restarts", "--json", "--url"]);
            rush.arg(format!("http://{address}")).args(["--buyers", "16", "--in-flight", "2"]);
            for (name, seconds) in
                [("--time-limit", SELL_S), ("--patience", PATIENCE_S), ("--payment-window", WINDOW_S)]
            {
                rush.args([name, &seconds.to_string()]);
            }
            run(&mut rush, fault.as_deref(), RUSH)
        })
    };
    thread::sleep(TO_THE_KILL);
    drop(server);
    let server = serve()?;
    let rushed = rush.join().map_err(|_| anyhow::anyhow!("the rush's thread panicked"))??;
    let Some(server) = server else { return Ok(Some("the server does not start again".to_owned())) };
    if let Some(trouble) = of_rush(&rushed) {
        return Ok(Some(trouble));
    }
    if !server.stop()? {
        return Ok(Some("the server does not stop".to_owned()));
    }
    let mut audit = Command::new(ticketing);
    let audited = run(audit.arg("audit").arg("--data").arg(&data), fault, START_AND_STOP)?;
    Ok(of_audit(&audited))
}

/// A server that listens. Dropped, it is killed.
struct Server(Child);

impl Server {
    /// None when it does not come up.
    fn start(
        ticketing: &Path,
        data: &Path,
        address: &str,
        fault: Option<&str>,
    ) -> anyhow::Result<Option<Self>> {
        let mut serve = Command::new(ticketing);
        serve.args(["serve", "--payment-window", &format!("{WINDOW_S}s"), "--listen", address, "--data"]);
        serve.arg(data);
        serve.env_remove(VARIABLE).envs(fault.map(|fault| (VARIABLE, fault)));
        serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut server = Self(serve.spawn().context("the server does not start")?);
        let began = Instant::now();
        while began.elapsed() < START_AND_STOP && server.0.try_wait()?.is_none() {
            if std::net::TcpStream::connect(address).is_ok() {
                return Ok(Some(server));
            }
            thread::sleep(LOOK_AGAIN);
        }
        Ok(None)
    }

    /// Asks it to stop, and waits for its end. Whether it ended well.
    fn stop(mut self) -> anyhow::Result<bool> {
        Command::new("kill").args(["-s", "TERM", &self.0.id().to_string()]).status()?;
        let began = Instant::now();
        while began.elapsed() < START_AND_STOP {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status.success());
            }
            thread::sleep(LOOK_AGAIN);
        }
        Ok(false)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn of_rush(rushed: &Run) -> Option<String> {
    match rushed.status {
        Some(status) if status.success() => None,
        Some(_) => Some(format!("rush: {}", troubles(&rushed.said))),
        None => Some("rush: it does not come to an end".to_owned()),
    }
}

/// The kinds of trouble that a rush reports, each with how often it met it.
fn troubles(said: &str) -> String {
    let report = said.lines().find_map(|line| serde_json::from_str::<Value>(line).ok()).unwrap_or_default();
    let kinds = report["errors_by_kind"].as_object().into_iter().flat_map(Map::iter);
    let mut kinds: Vec<String> = kinds.map(|(kind, times)| format!("{kind} ({times})")).collect();
    if let Some(seats) = report["double_sold_received"].as_u64().filter(|seats| *seats > 0) {
        kinds.insert(0, format!("seats sold twice ({seats})"));
    }
    if kinds.is_empty() {
        said.lines().last().unwrap_or_default().chars().take(100).collect()
    } else {
        kinds.truncate(KINDS_NAMED);
        kinds.join(", ")
    }
}

fn of_audit(audited: &Run) -> Option<String> {
    let found =
        || audited.said.lines().filter_map(|line| line.strip_prefix("FAIL ").or(line.strip_prefix("wait ")));
    match audited.status {
        Some(status) if status.success() => None,
        Some(_) => Some(format!(
            "audit: {}",
            found().next().unwrap_or(audited.said.lines().next().unwrap_or("fails"))
        )),
        None => Some("audit: it does not come to an end".to_owned()),
    }
}
