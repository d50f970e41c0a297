//! The systems under test: one for most scenarios, one whose buyers have little time to pay.
//!
//! Each is started when the first scenario asks for it and stopped after the last one; then the
//! data it leaves behind is audited. With `TICKETING_FEATURES_ON=cluster` each is a whole cluster
//! behind its load balancer, else one process. Never starts anything when an address was given.

use std::sync::Mutex;

use rig::{Cluster, ClusterOptions};
use tempfile::TempDir;
use tests::api::Api;
use tests::program::{self, Program, Start};
use tokio::sync::OnceCell;

/// Scenarios with this tag need a system where a buyer has [`SHORT_WINDOW`] to pay.
const SHORT_TAG: &str = "short-time-to-pay";

/// Long enough to pay in on a busy machine, short enough to wait for. The features name it in
/// words.
pub(crate) const SHORT_WINDOW: &str = "8s";

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// The usual 15 minutes to pay.
    Usual,
    /// [`SHORT_WINDOW`] to pay.
    Short,
}

/// A system that we started ourselves.
enum Own {
    Alone { program: Box<Program>, data: TempDir },
    Cluster(Box<Cluster>),
}

impl Own {
    async fn start(kind: Kind) -> (Api, Self) {
        if given("TICKETING_FEATURES_ON").is_some_and(|on| on == "cluster") {
            let cluster = start_cluster(kind).await;
            return (Api::new(&cluster.url()), Self::Cluster(Box::new(cluster)));
        }
        let data = TempDir::new().unwrap();
        let mut start = Start::on(&data.path().join("data"));
        if kind == Kind::Short {
            start = start.with(&["--payment-window", SHORT_WINDOW]);
        }
        let program =
            start.start().await.unwrap_or_else(|refused| panic!("the program did not start: {refused:?}"));
        (Api::new(program.address()), Self::Alone { program: Box::new(program), data })
    }

    /// Stops it, and audits what it leaves behind.
    async fn close(self) -> Result<(), String> {
        match self {
            Self::Alone { program, data } => {
                let status = program.terminate().await;
                if !status.success() {
                    return Err(format!("the program ended with {status} on SIGTERM"));
                }
                let audited = program::judged(&program::audit(&data.path().join("data")).await);
                audited.map_err(|said| format!("the audit of {}: {said}", data.keep().display()))
            }
            Self::Cluster(cluster) => {
                cluster.stop_product().await.map_err(|error| error.to_string())?;
                for server in cluster.seats() {
                    program::judged(&program::audit_with(server.folder(), cluster.settings()).await)?;
                }
                cluster.stop().await.map_err(|error| error.to_string())
            }
        }
    }
}

async fn start_cluster(kind: Kind) -> Cluster {
    let window = ("TICKETING_PAYMENT_WINDOW".to_owned(), SHORT_WINDOW.to_owned());
    let options = ClusterOptions {
        program: program::binary(),
        data: None,
        ports: None,
        demo: false,
        long_lived: false,
        settings: if kind == Kind::Short { vec![window] } else { Vec::new() },
    };
    Cluster::start(&options).await.unwrap_or_else(|error| panic!("the cluster did not start: {error:#}"))
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
        let (api, own) = Own::start(kind).await;
        OWN.lock().unwrap().push(own);
        api
    });
    opened.await.clone()
}

/// Stops what was started, and audits what it leaves behind.
pub(crate) async fn close() -> Result<(), String> {
    let own: Vec<Own> = std::mem::take(&mut *OWN.lock().unwrap());
    for own in own {
        own.close().await?;
    }
    Ok(())
}
