//! Ctrl-C: the first ends the rush in good order, the second at once.
//!
//! Promises: none is missed once this listens. Never: ends anything itself.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// The exit code of a program that Ctrl-C ended, as shells have it.
pub(super) const EXIT_CODE: u8 = 130;

/// How often Ctrl-C was pressed.
#[derive(Debug, Clone)]
pub(super) struct Interrupts(watch::Receiver<u32>);

impl Interrupts {
    /// From now on Ctrl-C is counted, and does not end the process.
    pub(super) fn listen() -> io::Result<Self> {
        let mut pressed = signal(SignalKind::interrupt())?;
        let (counted, times) = watch::channel(0);
        tokio::spawn(async move {
            while pressed.recv().await.is_some() {
                counted.send_modify(|times| *times += 1);
            }
        });
        Ok(Self(times))
    }

    /// Returns once it was pressed so often.
    pub(super) async fn times(&self, least: u32) {
        let pressed = self.0.clone().wait_for(|times| *times >= least).await.is_ok();
        if !pressed {
            std::future::pending::<()>().await;
        }
    }

    /// Was it pressed?
    pub(super) fn any(&self) -> bool {
        *self.0.borrow() > 0
    }
}
