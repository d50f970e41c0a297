//! The first step of a graceful shutdown: streams, loops and the listener are notified that the
//! server is about to end.

use tokio::sync::watch;

/// Whether the shutdown has begun. Clones share it.
#[derive(Debug, Clone)]
pub struct Drain(watch::Sender<bool>);

impl Default for Drain {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Drain {
    /// From now on streams, listeners and tasks come to their end.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// For tasks that look by themselves.
    pub fn subscribe(&self) -> watch::Receiver<bool> {
        self.0.subscribe()
    }

    /// Waits until it begins.
    pub async fn begun(&self) {
        let mut heard = self.0.subscribe();
        // This holds a sender itself, so waiting cannot fail.
        let _ = heard.wait_for(|&begun| begun).await;
    }
}
