//! Data that was damaged on the disk is refused, not guessed at: exit 5 and a line that says where.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;
use tests::api::Api;
use tests::program::{Start, audit};

use tests::shop::{self, Plan};

/// What a file is, as far as damage goes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// The log's and the seat store's write-ahead log.
    WriteAhead,
    /// Their sorted tables.
    Table,
    /// Their list of tables.
    Manifest,
    /// A service's database.
    Database,
}

fn kind(path: &Path) -> Option<Kind> {
    let name = path.file_name()?.to_str()?;
    let numbered = name.split('.').next()?.chars().all(|c| c.is_ascii_digit());
    if fs::read(path).ok()?.starts_with(b"SQLite format 3\0") {
        Some(Kind::Database)
    } else if name.starts_with("MANIFEST-") {
        Some(Kind::Manifest)
    } else if numbered && path.extension()? == "log" {
        Some(Kind::WriteAhead)
    } else if path.extension()? == "sst" {
        Some(Kind::Table)
    } else {
        None
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Flips a few bytes in the first half of the file. A torn tail is what a power cut leaves and must
/// be cut off silently; damage before acknowledged data must not be.
fn flip(path: &Path, kind: Kind) {
    let mut bytes = fs::read(path).unwrap();
    let at = if kind == Kind::Database { 20 } else { bytes.len() / 4 };
    for byte in bytes.iter_mut().skip(at).take(16) {
        *byte ^= 0xA5;
    }
    fs::write(path, bytes).unwrap();
}

/// A data folder with bookings in it, whose program was killed (so that its write-ahead log is
/// full) or stopped.
async fn used(data: &Path, killed: bool) {
    let plan = Plan { sections: 2, rows: 10, seats_per_row: 20 };
    let program = Start::on(data).start().await.unwrap();
    let api = Api::new(program.address());
    let shop = shop::open(&api, plan, 1).await;
    for n in 0..50 {
        let body = json!({"event_id": shop.event, "section": "A", "mode": "best_available", "quantity": 2});
        shop::book(&api, &shop.buyers[0], &format!("key-{n}"), &body).await.unwrap().expect(200);
    }
    if killed {
        program.kill().await;
    } else {
        assert_eq!(program.terminate().await.code(), Some(0));
    }
}

/// Lets what was on its way arrive, as often as it takes, and audits.
async fn nothing_is_missing(data: &Path) {
    let mut said = String::new();
    for _ in 0..20 {
        let found = audit(data).await;
        if found.status.success() {
            return;
        }
        said = String::from_utf8_lossy(&found.stdout).into_owned();
        let program = Start::on(data).start().await.unwrap();
        assert_eq!(program.terminate().await.code(), Some(0));
    }
    panic!("the audit never comes out clean:\n{said}");
}

#[tokio::test]
async fn damaged_data_is_refused() {
    let folder = TempDir::new().unwrap();
    let mut tried = Vec::new();
    for killed in [false, true] {
        let good = folder.path().join(format!("good-{killed}"));
        used(&good, killed).await;
        for damage in [Kind::WriteAhead, Kind::Table, Kind::Manifest, Kind::Database] {
            let data = folder.path().join(format!("{damage:?}-{killed}"));
            copy(&good, &data);
            let mut all = Vec::new();
            files(&data, &mut all);
            all.retain(|path| kind(path) == Some(damage) && fs::metadata(path).unwrap().len() > 64);
            if all.is_empty() {
                continue;
            }
            for path in &all {
                flip(path, damage);
            }
            let refused = match Start::on(&data).start().await {
                Err(refused) => refused,
                // A killed program's newest pages are in SQLite's own log, which heals the file;
                // then nothing may be missing.
                Ok(program) if damage == Kind::Database && killed => {
                    assert_eq!(program.terminate().await.code(), Some(0));
                    nothing_is_missing(&data).await;
                    continue;
                }
                Ok(program) => {
                    program.kill().await;
                    panic!("it started on damaged {damage:?} files (killed before: {killed}): {all:?}");
                }
            };
            assert_eq!(refused.code, Some(5), "{damage:?} (killed before: {killed}): {refused:?}");
            assert!(!refused.stderr.contains("panicked"), "{}", refused.stderr);
            let clear = refused.stderr.lines().any(|line| {
                let line = line.to_lowercase();
                (line.contains("corrupt") || line.contains("damaged"))
                    && line.contains(&data.display().to_string().to_lowercase())
            });
            assert!(clear, "no line of stderr says where the damage is:\n{}", refused.stderr);
            tried.push(damage);
        }
    }
    assert!(
        tried.contains(&Kind::WriteAhead) || tried.contains(&Kind::Table),
        "nothing of the log was damaged: {tried:?}"
    );
    assert!(tried.contains(&Kind::Database), "no database was damaged: {tried:?}");
}
