//! A disk that fills up: nothing is acknowledged that is not stored, and when there is space again
//! the log works again.

use std::{fs, process::Command, time::Duration};

use super::*;

/// A small file system in memory; gone when dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None` where this user may not mount.
    fn new() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=80m", "tmpfs"]).arg(dir.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(dir))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_refuses_and_recovers_without_losing_or_inventing_anything() {
    let Some(disk) = SmallDisk::new() else {
        eprintln!("skipped: only root can mount a small disk");
        return;
    };
    let dir = disk.0.path().join("log");
    let log = open(&dir).unwrap();
    let mut partition = log.partition(0);
    partition.restore().await.unwrap();
    let ballast = disk.0.path().join("ballast");
    fs::write(&ballast, vec![1; 60 * 1024 * 1024]).unwrap();

    let text = |n: usize| format!("{n} {}", "x".repeat(100_000));
    let mut acknowledged = 0;
    while acknowledged < 1_000 && log.publish(vec![failed(0, &text(acknowledged))]).await.is_ok() {
        acknowledged += 1;
    }
    assert!((10..1_000).contains(&acknowledged), "{acknowledged} records of 100 kB fitted");
    // It stays readable, and refuses at once.
    assert_eq!(payloads(&log, acknowledged).await.len(), acknowledged);
    assert!(soon(log.publish(vec![failed(0, "refused")])).await.is_err());
    let put = Put { key: "row".into(), value: Some("refused".into()) };
    assert!(soon(partition.commit(Batch { puts: vec![put.clone()], ..Batch::default() })).await.is_err());

    fs::remove_file(&ballast).unwrap();
    let retrying = async {
        while log.publish(vec![failed(0, "after")]).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    soon(retrying).await;
    // Who owned a partition before must look again.
    assert!(partition.commit(Batch { puts: vec![put], ..Batch::default() }).await.is_err());
    assert_eq!(partition.restore().await.unwrap(), []);

    let check = async |log: &LocalLog| {
        let mut reader = log.reader(Service::Booking);
        let mut texts = Vec::new();
        while texts.last().is_none_or(|last| last != "after") {
            let records = read(&mut reader, 1).await;
            texts.extend(records.iter().map(|record| String::from_utf8_lossy(&record.payload).into_owned()));
        }
        // The first refused write may be there: its outcome is unknown to its caller.
        assert!(
            texts.len() == acknowledged + 1 || texts.len() == acknowledged + 2,
            "{} of {acknowledged}",
            texts.len()
        );
        for (n, found) in texts[..texts.len() - 1].iter().enumerate() {
            assert_eq!(*found, text(n));
        }
    };
    check(&log).await;
    drop((log, partition));
    check(&open(&dir).unwrap()).await;
}
