//! Builds every test and the program with all faults in them, and runs them with one fault chosen.
//!
//! Promises: a program that does not end in time is killed, and only that.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tests::sabotage::VARIABLE;

use crate::rings::Ring;

const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Programs and their packages' folders, by package and target.
type Built = BTreeMap<(String, String), (PathBuf, PathBuf)>;

/// What was built.
pub(crate) struct Programs {
    tests: Built,
    pub(crate) ticketing: PathBuf,
    /// The simulation's part.
    pub(crate) simulation: PathBuf,
}

/// How a run ended.
pub(crate) struct Run {
    /// None when it did not end in time.
    pub(crate) status: Option<ExitStatus>,
    /// What it said.
    pub(crate) said: String,
}

impl Programs {
    /// Builds the tests of these rings, and the program where they or the operator run it. Without
    /// rings, `TICKETING_BIN` names a program that is built already.
    pub(crate) fn build(rings: &[Ring], for_operator: bool) -> anyhow::Result<Self> {
        let (mut ticketing, mut simulation) = (PathBuf::new(), PathBuf::new());
        let given = std::env::var_os("TICKETING_BIN").filter(|_| rings.is_empty());
        if let Some(given) = given {
            ticketing = given.into();
        } else if for_operator || rings.iter().any(|ring| !ring.of_libraries()) {
            let mut others = cargo(&["build", "--bin", "ticketing", "--bin", "planted"])?;
            let mut other = |package: &str, target: &str| {
                let program = others.remove(&(package.to_owned(), target.to_owned()));
                program.with_context(|| format!("{target} of {package} was not built"))
            };
            (ticketing, _) = other("ticketing", "ticketing")?;
            (simulation, _) = other("sim", "planted")?;
        }
        // A package's unit tests have its name.
        let (units, others): (Vec<_>, Vec<_>) =
            rings.iter().flat_map(|ring| ring.tests).partition(|(package, target)| package == target);
        let mut tests = if units.is_empty() { vec![] } else { vec!["--lib"] };
        tests.extend(others.into_iter().flat_map(|(_, target)| ["--test", target]));
        let tests = if tests.is_empty() {
            Built::new()
        } else {
            cargo(&[&["test", "--no-run"], &tests[..]].concat())?
        };
        Ok(Self { tests, ticketing, simulation })
    }

    /// Runs a test program as Cargo does.
    pub(crate) fn test(
        &self,
        package: &str,
        target: &str,
        arguments: &[String],
        fault: Option<&str>,
        patience: Duration,
    ) -> anyhow::Result<Run> {
        let found = self.tests.get(&(package.to_owned(), target.to_owned()));
        let (program, folder) = found.with_context(|| format!("{target} of {package} was not built"))?;
        let mut test = Command::new(program);
        test.args(arguments).current_dir(folder).env("TICKETING_BIN", &self.ticketing);
        run(&mut test, fault, patience)
    }
}

/// Builds with faults; the compiler's messages go to stderr.
fn cargo(what: &[&str]) -> anyhow::Result<Built> {
    let mut cargo = Command::new("cargo");
    cargo.args(what).args(["--release", "--locked", "--workspace", "--features", "kernel/sabotage"]);
    let cargo = cargo.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit()).output()?;
    ensure!(cargo.status.success(), "the build with faults failed");
    let mut built = Built::new();
    for line in String::from_utf8_lossy(&cargo.stdout).lines() {
        let message: Value = serde_json::from_str(line)?;
        let Some(program) = message["executable"].as_str().map(PathBuf::from) else { continue };
        let target = message["target"]["name"].as_str().unwrap_or_default().to_owned();
        let manifest = Path::new(message["manifest_path"].as_str().unwrap_or_default());
        let folder = manifest.parent().context("a manifest lies in a folder")?.to_path_buf();
        let package = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if what[0] == "build" || message["profile"]["test"] == true {
            built.insert((package, target), (program, folder));
        }
    }
    Ok(built)
}

/// Runs a program with this fault.
pub(crate) fn run(program: &mut Command, fault: Option<&str>, patience: Duration) -> anyhow::Result<Run> {
    let folder = tempfile::tempdir()?;
    let said = folder.path().join("said");
    let output = fs::File::create(&said)?;
    program.env_remove(VARIABLE).envs(fault.map(|fault| (VARIABLE, fault)));
    // What a planted fault breaks is no case to keep.
    program.env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
    program.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    let mut child = program.spawn().with_context(|| format!("{program:?} does not start"))?;
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if began.elapsed() > patience {
            child.kill()?;
            child.wait()?;
            break None;
        }
        thread::sleep(LOOK_AGAIN);
    };
    let said = String::from_utf8_lossy(&fs::read(&said)?).into_owned();
    Ok(Run { status, said })
}
