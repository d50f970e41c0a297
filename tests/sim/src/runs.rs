//! Many seeds: on several threads, summed up, with a record per chunk so that a long run resumes
//! where it stopped.
//!
//! Promises: the sum does not depend on the number of threads. Never: one seed on two threads.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs::OpenOptions,
    io::Write as _,
    ops::Range,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use anyhow::Context as _;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use crate::{coverage::Coverage, run_seed};

/// What some seeds came to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Sum {
    pub from: u64,
    pub to: u64,
    pub bookings: u64,
    /// Bookings that competed with another for a seat.
    pub contended: u64,
    /// The most bookings that one seed had.
    pub most_of_a_seed: u64,
    pub cpu_ms: u64,
    /// The sum of the traces of all seeds: the same seeds in the same program have the same.
    #[serde(default)]
    pub trace: u64,
    /// Seeds that broke a promise, each with the first thing that was broken.
    pub broken: Vec<(u64, String)>,
    pub coverage: Coverage,
}

impl Sum {
    fn add(&mut self, other: &Self) {
        self.from = if self.to == 0 { other.from } else { self.from.min(other.from) };
        self.to = self.to.max(other.to);
        self.bookings += other.bookings;
        self.contended += other.contended;
        self.most_of_a_seed = self.most_of_a_seed.max(other.most_of_a_seed);
        self.cpu_ms += other.cpu_ms;
        self.trace = self.trace.wrapping_add(other.trace);
        self.broken.extend(other.broken.iter().cloned());
        self.coverage.merge(&other.coverage);
    }

    pub fn bookings_per_cpu_second(&self) -> u64 {
        self.bookings * 1_000 / self.cpu_ms.max(1)
    }

    /// For people.
    pub fn lines(&self) -> String {
        let Self { bookings, contended, .. } = self;
        let mut text = self.coverage.lines();
        for (seed, what) in &self.broken {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "seed {seed}: {what}\n  again: make sim SEEDS={seed}..{}", seed + 1);
        }
        text + &format!(
            "{bookings} bookings, {} % contended, {} per CPU-second, trace {:016x}, {} seeds broken\n",
            contended * 100 / (*bookings).max(1),
            self.bookings_per_cpu_second(),
            self.trace,
            self.broken.len()
        )
    }
}

/// Runs these seeds, each on one of so many threads.
pub fn run(seeds: Range<u64>, threads: usize) -> Sum {
    let next = AtomicU64::new(seeds.start);
    let sum = Mutex::new(Sum::default());
    let work = || {
        let began = cpu_ms();
        let mut own = Sum::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            own.add(&of_seed(seed));
        }
        own.cpu_ms = cpu_ms() - began;
        sum.lock().unwrap_or_else(PoisonError::into_inner).add(&own);
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let mut sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    (sum.from, sum.to) = (seeds.start, seeds.end);
    sum.broken.sort();
    sum
}

fn of_seed(seed: u64) -> Sum {
    let outcome = run_seed(seed);
    let broken = outcome.violations.first().map(|first| (seed, first.clone()));
    Sum {
        from: seed,
        to: seed + 1,
        bookings: outcome.bookings,
        contended: outcome.contended,
        most_of_a_seed: outcome.bookings,
        cpu_ms: 0,
        trace: outcome.trace,
        broken: broken.into_iter().collect(),
        coverage: outcome.coverage,
    }
}

/// Processor time of this thread so far.
fn cpu_ms() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let millis = time.tv_sec * 1_000 + time.tv_nsec / 1_000_000;
    u64::try_from(millis).unwrap_or(0)
}

/// Runs these seeds in chunks and appends each finished chunk to the file; chunks that it has
/// already are passed over, and an unfinished last line is cut off.
///
/// # Errors
/// When the file cannot be read or written.
pub fn run_to_file(seeds: Range<u64>, chunk: u64, threads: usize, file: &Path) -> anyhow::Result<()> {
    let mut out = OpenOptions::new()
        .create(true)
        .append(true)
        .read(true)
        .open(file)
        .context("cannot write the results")?;
    let text = std::fs::read_to_string(file).context("cannot read the results")?;
    let whole = whole_lines(&text);
    let done: BTreeSet<(u64, u64)> = chunks(whole)?.iter().map(|sum| (sum.from, sum.to)).collect();
    out.set_len(whole.len() as u64)?;
    let mut from = seeds.start;
    while from < seeds.end {
        let to = (from + chunk).min(seeds.end);
        if !done.contains(&(from, to)) {
            let sum = run(from..to, threads);
            println!("{from}..{to}: {} bookings, {} seeds broken", sum.bookings, sum.broken.len());
            writeln!(out, "{}", serde_json::to_string(&sum)?)?;
        }
        from = to;
    }
    Ok(())
}

/// The chunks of a file.
///
/// # Errors
/// When it cannot be read, or a line is none of ours. An unfinished last line is passed over.
pub fn read(file: &Path) -> anyhow::Result<Vec<Sum>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    chunks(whole_lines(&text))
}

/// The text without an unfinished last line.
fn whole_lines(text: &str) -> &str {
    text.rfind('\n').map_or("", |end| &text[..=end])
}

fn chunks(lines: &str) -> anyhow::Result<Vec<Sum>> {
    lines.lines().map(|line| serde_json::from_str(line).context("a line is no chunk of seeds")).collect()
}

/// All chunks of these files as one; a range that is there twice, or that overlaps another, is
/// refused.
///
/// # Errors
/// As [`read`], and when seeds would count twice.
pub fn sum(files: &[impl AsRef<Path>]) -> anyhow::Result<Sum> {
    let mut chunks = Vec::new();
    for file in files {
        chunks.extend(read(file.as_ref())?);
    }
    chunks.sort_by_key(|chunk| chunk.from);
    let twice = chunks.windows(2).find(|pair| pair[1].from < pair[0].to);
    anyhow::ensure!(
        twice.is_none(),
        "seeds would count twice: {:?}",
        twice.map(|pair| pair[1].from..pair[1].to)
    );
    let mut whole = Sum::default();
    for chunk in &chunks {
        whole.add(chunk);
    }
    Ok(whole)
}
