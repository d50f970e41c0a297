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

const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What was built.
pub(crate) struct Programs {
    /// Test programs and their packages' folders, by package and target.
    tests: BTreeMap<(String, String), (PathBuf, PathBuf)>,
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
    /// Builds. The compiler's messages go to stderr.
    pub(crate) fn build() -> anyhow::Result<Self> {
        let (mut tests, mut others) = (BTreeMap::new(), BTreeMap::new());
        for what in [&["test", "--no-run"][..], &["build", "--bin", "ticketing", "--bin", "planted"]] {
            let mut cargo = Command::new("cargo");
            cargo.args(what).args(["--release", "--locked", "--workspace", "--features", "kernel/sabotage"]);
            cargo.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit());
            let built = cargo.output()?;
            ensure!(built.status.success(), "the build with faults failed");
            for line in String::from_utf8_lossy(&built.stdout).lines() {
                let message: Value = serde_json::from_str(line)?;
                let Some(program) = message["executable"].as_str().map(PathBuf::from) else { continue };
                let target = message["target"]["name"].as_str().unwrap_or_default().to_owned();
                let manifest = Path::new(message["manifest_path"].as_str().unwrap_or_default());
                let folder = manifest.parent().context("a manifest lies in a folder")?;
                let package = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if message["profile"]["test"] == true {
                    tests.insert((package, target), (program, folder.to_path_buf()));
                } else {
                    others.insert((package, target), program);
                }
            }
        }
        let mut other = |package: &str, target: &str| {
            let program = others.remove(&(package.to_owned(), target.to_owned()));
            program.with_context(|| format!("{target} of {package} was not built"))
        };
        Ok(Self { tests, ticketing: other("ticketing", "ticketing")?, simulation: other("sim", "planted")? })
    }

    /// Runs a test program as Cargo does.
    pub(crate) fn test(
        &self,
        package: &str,
        target: &str,
        fault: Option<&str>,
        patience: Duration,
    ) -> anyhow::Result<Run> {
        let found = self.tests.get(&(package.to_owned(), target.to_owned()));
        let (program, folder) = found.with_context(|| format!("{target} of {package} was not built"))?;
        let mut test = Command::new(program);
        test.current_dir(folder).env("TICKETING_BIN", &self.ticketing);
        run(&mut test, fault, patience)
    }
}

/// Runs a program with this fault.
pub(crate) fn run(program: &mut Command, fault: Option<&str>, patience: Duration) -> anyhow::Result<Run> {
    let folder = tempfile::tempdir()?;
    let said = folder.path().join("said");
    let output = fs::File::create(&said)?;
    program.env_remove(VARIABLE).envs(fault.map(|fault| (VARIABLE, fault)));
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
