//! The bar on stderr, drawn only when stderr is a terminal; elsewhere one line per phase.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// One phase of the work, counted in steps.
#[derive(Debug)]
pub(super) struct Phase {
    bar: ProgressBar,
    name: &'static str,
    begun: Instant,
}

impl Phase {
    /// Begins a phase of `steps` steps.
    pub(super) fn begin(name: &'static str, steps: u64) -> Self {
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(steps), target);
        if let Ok(style) = ProgressStyle::with_template("{prefix:>12} {bar:40} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(name);
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar, name, begun: Instant::now() }
    }

    /// One step more.
    pub(super) fn step(&self) {
        self.bar.inc(1);
    }

    /// So many steps in all, and a word about them.
    pub(super) fn show(&self, steps: u64, message: String) {
        self.bar.set_position(steps);
        self.bar.set_message(message);
    }

    /// Ends the phase and says how long it took.
    pub(super) fn end(self, result: &str) {
        self.bar.finish_and_clear();
        eprintln!("{}: {result} ({:.1} s)", self.name, self.begun.elapsed().as_secs_f64());
    }
}
