//! The bar on stderr, drawn only when stderr is a terminal; elsewhere one line per phase.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Rate and time left are those of the steps.
const TEMPLATE: &str = "{prefix:>12} {bar:40} {pos}/{len} {msg} {per_sec}, {eta} left";

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
        Self::on(target, name, steps)
    }

    fn on(target: ProgressDrawTarget, name: &'static str, steps: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(steps), target);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// A terminal that keeps what is written.
    #[derive(Debug, Clone, Default)]
    struct Kept(Arc<Mutex<String>>);

    impl TermLike for Kept {
        fn width(&self) -> u16 {
            200
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_bar_says_how_fast_and_how_long_still() {
        let kept = Kept::default();
        let phase = Phase::on(ProgressDrawTarget::term_like(Box::new(kept.clone())), "rush", 20);
        phase.show(10, "seats, 3 paid, 5 bookings".to_owned());
        phase.bar.force_draw();
        let drawn = kept.0.lock().unwrap().clone();
        assert!(drawn.contains("10/20 seats, 3 paid, 5 bookings"), "{drawn}");
        assert!(drawn.contains("/s, ") && drawn.contains(" left"), "{drawn}");
    }
}
