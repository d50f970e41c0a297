//! The systems under test: one for most scenarios, one whose buyers have little time to pay.
//!
//! Each is started when the first scenario asks for it and stopped after the last one; then the data it leaves behind
//! is audited. Never starts anything when an address was given.

use std::sync::Mutex;

use tempfile::TempDir;
use tests::api::Api;
use tests::program::{self, Program, Start};
use tokio::sync::OnceCell;

/// Scenarios with this tag need a system where a buyer has [`SHORT_WINDOW`] to pay.
const SHORT_TAG: &str = "short-time-to-pay";

/// Long enough to pay in on a busy machine, short enough to wait for. The features name it in words.
pub(crate) const SHORT_WINDOW: &str = "4s";

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// The usual 15 minutes to pay.
    Usual,
    /// [`SHORT_WINDOW`] to pay.
    Short,
}

/// A system that we started ourselves.
struct Own {
    program: Program,
    data: TempDir,
}

static USUAL: OnceCell<Api> = OnceCell::const_new();
static SHORT: OnceCell<Api> = OnceCell::const_new();
static OWN: Mutex<Vec<Own>> = Mutex::new(Vec::new());

fn given(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|address| !address.is_empty())
}

/// Whether a scenario with these tags can run here.
pub(crate) fn offers<'a>(mut tags: impl Iterator<Item = &'a String>) -> bool {
    let short = tags.any(|tag| tag == SHORT_TAG);
    !short || given("TICKETING_URL").is_none() || given("TICKETING_SHORT_URL").is_some()
}

/// The system of this kind, started if need be.
pub(crate) async fn open(kind: Kind) -> Api {
    let (cell, variable) = match kind {
        Kind::Usual => (&USUAL, "TICKETING_URL"),
        Kind::Short => (&SHORT, "TICKETING_SHORT_URL"),
    };
    let opened = cell.get_or_init(|| async move {
        if let Some(address) = given(variable) {
            return Api::new(&address);
        }
        let data = TempDir::new().unwrap();
        let mut start = Start::on(&data.path().join("data"));
        if kind == Kind::Short {
            start = start.with(&["--payment-window", SHORT_WINDOW]);
        }
        let program =
            start.start().await.unwrap_or_else(|refused| panic!("the program did not start: {refused:?}"));
        let api = Api::new(program.address());
        OWN.lock().unwrap().push(Own { program, data });
        api
    });
    opened.await.clone()
}

/// Stops what was started, and audits what it leaves behind.
pub(crate) async fn close() -> Result<(), String> {
    let own: Vec<Own> = std::mem::take(&mut *OWN.lock().unwrap());
    for Own { program, data } in own {
        let status = program.terminate().await;
        if !status.success() {
            return Err(format!("the program ended with {status} on SIGTERM"));
        }
        let audit = program::audit(&data.path().join("data")).await;
        if !audit.status.success() {
            let (out, err) = (String::from_utf8_lossy(&audit.stdout), String::from_utf8_lossy(&audit.stderr));
            let kept = data.keep();
            return Err(format!("the audit of {} ended with {}\n{out}\n{err}", kept.display(), audit.status));
        }
    }
    Ok(())
}
