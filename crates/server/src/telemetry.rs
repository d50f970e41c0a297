//! Logs and metrics: where they go, and the name of every metric.
//!
//! Promises: logs go to stderr, one sentence plus fields; no metric has a label without bound.
//! Never: a secret in either.

use std::{any::Any, io::IsTerminal};

use anyhow::Context;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// Requests by method, route and class of status.
pub const HTTP_REQUESTS: &str = "http_requests_total";
/// Seconds from receiving a request to sending the headers of its response.
pub const HTTP_REQUEST_SECONDS: &str = "http_request_seconds";
/// Open live streams by kind.
pub const LIVE_STREAMS: &str = "live_streams";
/// Frames made for live streams, by kind; each is shared by all its viewers.
pub const LIVE_FRAMES: &str = "live_frames_total";
/// Viewers that fell behind and were sent a fresh snapshot.
pub const LIVE_SKIPS: &str = "live_skips_total";
/// Partitions of the seats that this process owns.
pub const SEAT_PARTITIONS_OWNED: &str = "seat_partitions_owned";
/// Bookings that this process granted or refused seats, by outcome.
pub const BOOKINGS_DECIDED: &str = "bookings_decided_total";
/// Calls of the payment provider that failed or got no answer in time, by kind.
pub const PAYMENT_CALLS_FAILED: &str = "payment_calls_failed_total";
/// Background tasks that failed; each stays down until the process restarts.
pub const LOOPS_BROKEN: &str = "loops_broken_total";
/// 1 while the wall clock is not believed because it jumped.
pub const CLOCK_JUMPED: &str = "clock_jumped";
/// Resident memory of this process in bytes.
pub const PROCESS_MEMORY: &str = "process_resident_memory_bytes";

const SECONDS: &[f64] = &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines, one object a line.
    Json,
}

/// What a caught panic says.
pub fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

/// Starts logging to stderr. `filter` is a level, or levels by target, such as
/// `info,request=debug`.
///
/// # Errors
/// When the filter cannot be understood or logging was started before.
pub fn start_logging(filter: &str, format: LogFormat) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).with_context(|| format!("invalid log filter {filter:?}"))?;
    let registry = tracing_subscriber::registry().with(filter);
    match format {
        LogFormat::Json => registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init(),
        LogFormat::Text => {
            let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            registry.with(fmt::layer().with_ansi(colour).with_writer(std::io::stderr)).try_init()
        }
    }
    .context("logging was started before")
}

/// Starts gathering metrics for the whole process.
///
/// # Errors
/// When gathering was started before.
pub fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    let handle = builder()?.install_recorder().context("metrics were started before")?;
    describe();
    Ok(handle)
}

fn builder() -> anyhow::Result<PrometheusBuilder> {
    let seconds = Matcher::Suffix("_seconds".to_owned());
    Ok(PrometheusBuilder::new().set_buckets_for_metric(seconds, SECONDS)?)
}

fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_counter!(HTTP_REQUESTS, "Requests by method, route and class of status.");
    describe_histogram!(
        HTTP_REQUEST_SECONDS,
        "Seconds from receiving a request to sending the headers of its response."
    );
    describe_gauge!(LIVE_STREAMS, "Open live streams by kind.");
    describe_counter!(LIVE_FRAMES, "Frames encoded for live streams; each is shared by all its viewers.");
    describe_counter!(LIVE_SKIPS, "Viewers that fell behind and were sent a fresh snapshot.");
    describe_gauge!(SEAT_PARTITIONS_OWNED, "Seat partitions that this process owns.");
    describe_counter!(BOOKINGS_DECIDED, "Bookings that this process granted or refused seats, by outcome.");
    describe_counter!(PAYMENT_CALLS_FAILED, "Calls of the payment provider that failed, by kind.");
    describe_counter!(
        LOOPS_BROKEN,
        "Background tasks that failed; each stays down until the process restarts."
    );
    describe_gauge!(PROCESS_MEMORY, "Resident memory of this process in bytes.");
}

/// Sets the gauges that are read from the system when somebody looks.
pub fn measure_process() {
    if let Some(bytes) = resident_bytes() {
        metrics::gauge!(PROCESS_MEMORY).set(bytes);
    }
}

/// Bytes of memory that this process holds, where the system says so.
fn resident_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: u32 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(f64::from(kib) * 1024.0)
}
