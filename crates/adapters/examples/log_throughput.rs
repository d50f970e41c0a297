//! Measures the embedded log on this machine: `cargo run --release -p adapters --example
//! log_throughput -- DIR`.
//!
//! Prints rates, synced writes and processor time per record. Never judges: the figures that count
//! are kept with `bench`.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use adapters::log::local::{LocalLog, LocalPartition};
use bytes::Bytes;
use kernel::{
    Clock, EventId, Fault, Timestamp,
    topic::{Action, Lane, PARTITIONS, Service, Topic},
};
use stream::{
    Batch, Outgoing, Position, Put, Record,
    port::{Log as _, PartitionLog, Publisher, Reader},
};
use uuid::Uuid;

const PUBLISHERS: usize = 64;
const SECONDS: u64 = 3;
const PAYLOAD: [u8; 200] = [7; 200];

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

fn message(lane: Lane, action: Action, partition: u16) -> Outgoing {
    let key = Bytes::from_static(b"event-evt_0000000000000000000000000000007b-section-A-partition-0");
    Outgoing { topic: Topic::new(lane, action), partition, key, payload: Bytes::from_static(&PAYLOAD) }
}

fn lane(number: u128) -> Lane {
    Lane::Own(EventId::new(Uuid::from_u128(number)))
}

/// Processor seconds of this process, all threads.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks =
        |field: usize| after_name.split_whitespace().nth(field).and_then(|text| text.parse::<f64>().ok());
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0
}

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or(0) / 1024
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn report(what: &str, records: u64, commits: u64, started: Instant, processor: f64) {
    let seconds = started.elapsed().as_secs_f64();
    let spent = processor_seconds() - processor;
    println!(
        "{what:<42} {:>9.0} records/s  {:>6.0} syncs/s  {:>6.2} CPU-us/record  {} MiB",
        records as f64 / seconds,
        commits as f64 / seconds,
        spent * 1e6 / records as f64,
        resident_mib()
    );
}

async fn publish(log: &LocalLog, what: &str, lanes: u128) -> Result<(), Fault> {
    let before = log.figures();
    let (started, processor) = (Instant::now(), processor_seconds());
    let stop = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (0..PUBLISHERS)
        .map(|n| {
            let (log, stop) = (log.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let asked = Instant::now();
                    let n = n + latencies.len();
                    let lane = if lanes == 0 { Lane::Shared } else { lane(n as u128 % lanes) };
                    log.publish(vec![message(
                        lane,
                        Action::TicketReserveRequest,
                        u16::try_from(n % 10).unwrap_or(0),
                    )])
                    .await?;
                    latencies.push(asked.elapsed());
                }
                Ok::<_, Fault>(latencies)
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(SECONDS)).await;
    stop.store(true, Ordering::Relaxed);
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.map_err(|error| Fault::new("publish", error))??);
    }
    let after = log.figures();
    report(what, after.records - before.records, after.commits - before.commits, started, processor);
    latencies.sort_unstable();
    println!(
        "    latency p50 {:?}  p99 {:?}",
        latencies[latencies.len() / 2],
        latencies[latencies.len() * 99 / 100]
    );
    Ok(())
}

/// What a seat loop does, without the deciding: two rows and two messages for each record.
fn effects(records: &[Record]) -> Batch {
    let mut batch = Batch::default();
    for record in records {
        let source = record.source;
        for table in [0, 1] {
            let key = [&[table][..], &(source.offset % 5_000).to_be_bytes()].concat();
            batch.puts.push(Put { key: key.into(), value: Some(record.payload.slice(..60)) });
        }
        batch.outgoing.push(message(Lane::Shared, Action::UpdateTicketStatusToReserved, source.partition));
        batch.outgoing.push(message(
            Lane::Shared,
            Action::UpdateBookingStatusToPendingPayment,
            source.partition,
        ));
        batch.positions.retain(|position| position.topic != source.topic);
        batch.positions.push(Position {
            topic: source.topic,
            partition: source.partition,
            next: source.offset + 1,
        });
    }
    batch
}

async fn seat_loop(mut partition: LocalPartition, until: u64) -> Result<u64, Fault> {
    partition.restore().await?;
    let mut done = 0;
    while let Some(records) = partition.next_batch().await? {
        partition.commit(effects(&records)).await?;
        done += records.len() as u64;
        if done >= until {
            break;
        }
    }
    Ok(done)
}

async fn read_all(log: LocalLog, service: Service) -> Result<u64, Fault> {
    let mut reader = log.reader(service);
    let mut read = 0;
    while let Some(records) = reader.next_batch().await? {
        read += records.len() as u64;
    }
    Ok(read)
}

async fn backlog(dir: &Path) -> Result<(), Fault> {
    const RECORDS: u64 = 200_000;
    let log = open(&dir.join("backlog"))?;
    let (started, processor) = (Instant::now(), processor_seconds());
    for _ in 0..RECORDS / 1_000 {
        log.publish(vec![message(Lane::Shared, Action::TicketReserveRequest, 0); 1_000]).await?;
    }
    report("one publisher, 1,000 a call", RECORDS, log.figures().commits, started, processor);
    let before = log.figures();
    let (started, processor) = (Instant::now(), processor_seconds());
    let done = seat_loop(log.partition(0), RECORDS).await?;
    report("one seat loop, backlog", done, log.figures().commits - before.commits, started, processor);
    let (started, processor) = (Instant::now(), processor_seconds());
    let mut reader = log.reader(Service::Booking);
    let mut read = 0;
    while read < RECORDS {
        read += reader.next_batch().await?.map_or(RECORDS, |records| records.len() as u64);
    }
    report("one reader, backlog", read, 0, started, processor);
    let bytes: u64 = std::fs::read_dir(dir.join("backlog"))
        .map_err(|error| Fault::new("list", error))?
        .filter_map(|entry| entry.ok()?.metadata().ok())
        .map(|metadata| metadata.len())
        .sum();
    println!("    {} bytes on disk per record", bytes / log.figures().records);
    drop(reader);
    drop(log);
    let started = Instant::now();
    let log = open(&dir.join("backlog"))?;
    println!("opened as after a crash in {:?}", started.elapsed());
    log.shutdown().await;
    Ok(())
}

async fn everything(log: &LocalLog, what: &str) -> Result<(), Fault> {
    let loops: Vec<_> =
        (0..PARTITIONS).map(|n| tokio::spawn(seat_loop(log.partition(n), u64::MAX))).collect();
    let readers = [Service::Booking, Service::EventTicketing]
        .map(|service| tokio::spawn(read_all(log.clone(), service)));
    publish(log, what, 0).await?;
    log.stop_reading();
    let (mut decided, mut read) = (0, 0);
    for task in loops {
        decided += task.await.map_err(|error| Fault::new("decide", error))??;
    }
    for task in readers {
        read += task.await.map_err(|error| Fault::new("read", error))??;
    }
    println!("    decided {decided}, read {read} of {} records in all", log.figures().records);
    Ok(())
}

async fn many_lanes(dir: &Path) -> Result<(), Fault> {
    const LANES: u128 = 10_000;
    let dir = dir.join("lanes");
    let log = open(&dir)?;
    for first in (0..LANES).step_by(1_000) {
        let lanes = (first..first + 1_000).flat_map(|n| (0..PARTITIONS).map(move |p| (lane(n), p)));
        log.publish(lanes.map(|(lane, p)| message(lane, Action::TicketReserveRequest, p)).collect()).await?;
    }
    let (started, processor) = (Instant::now(), processor_seconds());
    for n in 0..PARTITIONS {
        seat_loop(log.partition(n), 10_000).await?;
    }
    report("seat loops, one record in each of 10,000 lanes", 100_000, 100, started, processor);
    log.shutdown().await;
    drop(log);
    let started = Instant::now();
    let log = open(&dir)?;
    println!("opened 10,000 lanes with 100,000 topic partitions in {:?}", started.elapsed());
    everything(&log, "everything, beside 10,000 idle lanes").await
}

fn open(dir: &Path) -> Result<LocalLog, Fault> {
    LocalLog::open(dir, Arc::new(SystemClock)).map_err(|error| Fault::new("open the log", error))
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Fault> {
    let dir =
        std::env::args().nth(1).map_or_else(|| std::env::temp_dir().join("log-throughput"), PathBuf::from);
    publish(&open(&dir.join("publish"))?, "64 publishers", 0).await?;
    publish(&open(&dir.join("spread"))?, "64 publishers over 10,000 lanes", 10_000).await?;
    backlog(&dir).await?;
    everything(&open(&dir.join("everything"))?, "64 publishers, 10 seat loops, 2 readers").await?;
    many_lanes(&dir).await
}
