//! The rings of tests, from the innermost to the outermost.

use std::{process::Command, time::Duration};

use anyhow::ensure;

use crate::programs::{Programs, Run, run};

/// Seeds that a fault may need.
const SEEDS: &str = "0..400";
const MINUTE: Duration = Duration::from_mins(1);

/// A ring of tests.
#[derive(Clone, Copy)]
pub(crate) struct Ring {
    pub(crate) name: &'static str,
    /// Test programs, by package and target; the simulation has its own.
    pub(crate) tests: &'static [(&'static str, &'static str)],
    /// How long one program may take; without a fault it takes a fraction of this.
    patience: Duration,
    /// What one process never does.
    pub(crate) only_for_a_cluster: bool,
}

pub(crate) const RINGS: [Ring; 7] = [
    Ring {
        name: "units",
        tests: &[
            ("kernel", "kernel"),
            ("kernel", "contracts"),
            ("stream", "stream"),
            ("seat_reservation", "seat_reservation"),
            ("seat_reservation", "engine"),
            ("booking", "booking"),
            ("event_ticketing", "event_ticketing"),
            ("accounts", "accounts"),
        ],
        patience: MINUTE,
        only_for_a_cluster: false,
    },
    Ring { name: "simulation", tests: &[], patience: Duration::from_mins(30), only_for_a_cluster: false },
    Ring {
        name: "contracts",
        tests: &[("adapters", "adapters"), ("server", "server")],
        patience: Duration::from_mins(8),
        only_for_a_cluster: false,
    },
    Ring {
        name: "features",
        tests: &[("tests", "features")],
        patience: Duration::from_mins(5),
        only_for_a_cluster: false,
    },
    Ring {
        name: "faults",
        tests: &[("tests", "faults")],
        patience: Duration::from_mins(5),
        only_for_a_cluster: false,
    },
    Ring {
        name: "client gate",
        tests: &[("tests", "client_gate")],
        patience: Duration::from_mins(12),
        only_for_a_cluster: true,
    },
    Ring {
        name: "cluster",
        tests: &[("tests", "cluster_faults")],
        patience: Duration::from_mins(10),
        only_for_a_cluster: true,
    },
];

/// Whether one process never runs the line that is broken.
pub(crate) fn only_of_a_cluster(fault: &str) -> bool {
    ["kafka.", "postgres.", "relay."].iter().any(|prefix| fault.starts_with(prefix))
}

impl Ring {
    /// Whether its tests run in the libraries, without the program.
    pub(crate) fn of_libraries(&self) -> bool {
        matches!(self.name, "units" | "contracts")
    }

    /// What of this ring fails; none when all of it passes.
    pub(crate) fn catches(
        &self,
        programs: &Programs,
        fault: Option<&str>,
        only: &[String],
    ) -> anyhow::Result<Option<String>> {
        if self.name == "simulation" {
            let mut seeds = Command::new(&programs.simulation);
            let ended = run(seeds.args(["first", SEEDS]), fault, self.patience)?;
            // A seed that hangs says so itself; many seeds on a busy machine only take their time.
            ensure!(ended.status.is_some(), "the seeds took longer than {:?}", self.patience);
            return Ok(failure(&ended));
        }
        let only = if self.of_libraries() { only } else { &[] };
        for (package, target) in self.tests {
            let ended = programs.test(package, target, only, fault, self.patience)?;
            if let Some(by) = failure(&ended) {
                return Ok(Some(format!("{package} {by}")));
            }
        }
        Ok(None)
    }
}

/// The first thing that a failed run said of its failure.
fn failure(run: &Run) -> Option<String> {
    let Some(status) = run.status else { return Some("hangs".to_owned()) };
    if status.success() {
        return None;
    }
    let lines = || run.said.lines().map(str::trim);
    let test = lines().find_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
    let seed = || lines().find(|line| line.starts_with("seed "));
    let step = || lines().find(|line| line.starts_with('✘'));
    let other = || lines().find(|line| line.contains("panicked") || line.contains("rror"));
    let said = test.or_else(seed).or_else(step).or_else(other);
    Some(said.map_or_else(|| format!("{status}"), |said| said.chars().take(110).collect()))
}
