//! A log that was cut, flipped or robbed of a file: what was never acknowledged may go, everything
//! else is refused with its place.

use std::{error::Error as _, fs};

use super::*;

/// A folder whose write-ahead log holds 40 acknowledged records, each synced on its own.
async fn crashed() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path()).unwrap();
    publish(&log, 0, 40).await;
    drop(log);
    let path = wal::files(dir.path()).unwrap().pop().unwrap();
    (dir, path)
}

fn corrupted(dir: &Path) -> String {
    match open(dir) {
        Err(OpenError::Corrupted { what }) => what,
        Err(error) => panic!("refused for another reason: {error}"),
        Ok(_) => panic!("opened a damaged log"),
    }
}

#[tokio::test]
async fn a_write_that_was_cut_short_is_gone_and_all_before_it_is_there() {
    let (dir, path) = crashed().await;
    let whole = fs::read(&path).unwrap();
    // 1 and 30 bytes short: the last record is incomplete. It stands for a write that no sync ever
    // followed.
    for missing in [1, 30] {
        fs::write(&path, &whole[..whole.len() - missing]).unwrap();
        let copy = tempfile::tempdir().unwrap();
        copy_folder(dir.path(), copy.path());
        let log = open(copy.path()).unwrap();
        assert_eq!(payloads(&log, 39).await, numbers(39));
        // The offset is given again.
        publish(&log, 39, 2).await;
        assert_eq!(payloads(&log, 41).await, numbers(41));
    }
}

#[tokio::test]
async fn zeros_behind_the_last_write_are_gone() {
    let (dir, path) = crashed().await;
    let mut log = fs::read(&path).unwrap();
    log.resize(log.len() + 5_000, 0);
    fs::write(&path, log).unwrap();
    let log = open(dir.path()).unwrap();
    assert_eq!(payloads(&log, 40).await, numbers(40));
}

#[tokio::test]
async fn a_flipped_bit_in_a_write_ahead_log_is_refused_with_file_and_byte() {
    let (dir, path) = crashed().await;
    let whole = fs::read(&path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    // The header of the first record (checksum, length, type), the middle, and the last byte.
    for at in [0, 3, 4, 5, 6, 20, whole.len() / 2, whole.len() - 1] {
        for bit in 0..8 {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << bit;
            fs::write(&path, flipped).unwrap();
            let what = corrupted(dir.path());
            assert!(what.contains(&name), "byte {at}, bit {bit}: {what}");
        }
    }
    fs::write(&path, &whole).unwrap();
    let log = open(dir.path()).unwrap();
    assert_eq!(payloads(&log, 40).await, numbers(40));
}

/// A process that is killed leaves several write-ahead logs; only of the last one the end may be
/// missing.
#[tokio::test]
async fn an_older_write_ahead_log_that_is_gone_or_short_is_refused() {
    let whole = tempfile::tempdir().unwrap();
    let log = open(whole.path()).unwrap();
    let mib = "x".repeat(1024 * 1024);
    while wal::files(whole.path()).unwrap().len() < 2 {
        log.publish(vec![failed(0, &mib)]).await.unwrap();
    }
    publish(&log, 0, 3).await;
    drop(log);
    let oldest = wal::files(whole.path()).unwrap().remove(0);
    let name = oldest.file_name().unwrap();
    let bytes = fs::read(&oldest).unwrap();
    let copy = || {
        let dir = tempfile::tempdir().unwrap();
        copy_folder(whole.path(), dir.path());
        dir
    };
    let short = copy();
    fs::write(short.path().join(name), &bytes[..bytes.len() - 30]).unwrap();
    corrupted(short.path());
    let missing = copy();
    fs::remove_file(missing.path().join(name)).unwrap();
    corrupted(missing.path());
    assert!(open(copy().path()).is_ok());
}

/// A folder whose 5,000 records all lie in table files.
async fn flushed() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path()).unwrap();
    log.publish((0..5_000).map(|n| failed(0, &n.to_string())).collect()).await.unwrap();
    log.shutdown().await;
    dir
}

fn tables(dir: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut tables: Vec<_> = files.filter(|path| path.extension().is_some_and(|ext| ext == "sst")).collect();
    tables.sort_by_key(|path| path.metadata().unwrap().len());
    tables
}

#[tokio::test]
async fn a_flipped_bit_in_a_table_is_a_fault_that_names_it() {
    let dir = flushed().await;
    let table = tables(dir.path()).pop().unwrap();
    let mut bytes = fs::read(&table).unwrap();
    bytes[5_000] ^= 4;
    fs::write(&table, bytes).unwrap();
    let cause = |fault: Fault| fault.source().unwrap().to_string();
    let name = table.file_name().unwrap().to_str().unwrap();

    let inspected = Inspection::open(dir.path()).unwrap().records(|_| {});
    let inspected = cause(inspected.unwrap_err());
    assert!(inspected.contains(name), "{inspected}");

    let log = open(dir.path()).unwrap();
    let mut reader = log.reader(Service::Booking);
    let (fault, before) = loop_until_fault(&mut reader).await;
    assert!(
        before.iter().map(|record| record.source.offset).eq(0..before.len() as u64),
        "a hole before the damage"
    );
    let fault = cause(fault);
    assert!(fault.contains(name) && fault.contains("offset"), "{fault}");
    // It stays a fault: nothing is skipped.
    assert!(soon(reader.next_batch()).await.is_err());
}

async fn loop_until_fault(reader: &mut LocalReader) -> (Fault, Vec<Record>) {
    let mut before = Vec::new();
    loop {
        match soon(reader.next_batch()).await {
            Ok(records) => before.extend(records.unwrap()),
            Err(fault) => return (fault, before),
        }
    }
}

#[tokio::test]
async fn a_missing_file_is_refused() {
    let whole = flushed().await;
    let table = tables(whole.path()).pop().unwrap();
    let manifest = fs::read_to_string(whole.path().join("CURRENT")).unwrap();
    for missing in [table.file_name().unwrap().to_str().unwrap(), manifest.trim(), "CURRENT"] {
        let dir = tempfile::tempdir().unwrap();
        copy_folder(whole.path(), dir.path());
        fs::remove_file(dir.path().join(missing)).unwrap();
        let what = corrupted(dir.path());
        assert!(what.contains(missing), "without {missing}: {what}");
    }
}

#[tokio::test]
async fn a_flipped_bit_in_the_manifest_is_refused() {
    let dir = flushed().await;
    let manifest = dir.path().join(fs::read_to_string(dir.path().join("CURRENT")).unwrap().trim());
    let whole = fs::read(&manifest).unwrap();
    for at in [1, 8, whole.len() / 2] {
        let mut flipped = whole.clone();
        flipped[at] ^= 16;
        fs::write(&manifest, flipped).unwrap();
        corrupted(dir.path());
    }
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}
