//! Timing in short rounds, so that an interrupted round can be distinguished from the others.
//!
//! A round is some microseconds of computing without waiting: its wall time is CPU time unless the
//! thread lost its core, and the median over many rounds leaves those out.

use std::time::{Duration, Instant};

/// The rounds of one case.
#[derive(Debug, Default)]
pub struct Rounds {
    /// Nanoseconds per decision, one entry a round.
    per_decision: Vec<f64>,
    decisions: u64,
}

/// What a case came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// Median over the rounds.
    pub cpu_ns: f64,
    /// 99th percentile over the rounds.
    pub p99_ns: f64,
    pub per_second: f64,
    pub decisions: u64,
}

impl Rounds {
    /// Times one round of `decisions` decisions.
    pub fn time<T>(&mut self, decisions: usize, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let result = work();
        self.add(decisions, begun.elapsed());
        result
    }

    fn add(&mut self, decisions: usize, took: Duration) {
        let decisions = u32::try_from(decisions).unwrap_or(u32::MAX);
        self.per_decision.push(took.as_secs_f64() * 1e9 / f64::from(decisions));
        self.decisions += u64::from(decisions);
    }

    /// The figure of all rounds; zero when there was none.
    #[must_use]
    pub fn figure(mut self) -> Figure {
        self.per_decision.sort_by(f64::total_cmp);
        let at = |percent: usize| {
            let last = self.per_decision.len().saturating_sub(1);
            self.per_decision.get(last * percent / 100).copied().unwrap_or(0.0)
        };
        let cpu_ns = at(50);
        let per_second = if cpu_ns > 0.0 { 1e9 / cpu_ns } else { 0.0 };
        Figure { cpu_ns, p99_ns: at(99), per_second, decisions: self.decisions }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_round_does_not_move_the_figure() {
        let mut rounds = Rounds::default();
        for took_us in [10, 10, 10, 10, 4000] {
            rounds.add(100, Duration::from_micros(took_us));
        }
        let figure = rounds.figure();
        assert!((figure.cpu_ns - 100.0).abs() < 1e-6 && (figure.per_second - 1e7).abs() < 1.0);
        assert_eq!(figure.decisions, 500);
    }
}
