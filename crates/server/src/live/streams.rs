//! How many live streams one user, or one address without a user, may have open.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use api::problem::{Code, Problem};
use kernel::{UserId, limits};

const TRY_AGAIN: Duration = Duration::from_secs(5);

/// Whose stream it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Viewer {
    User(UserId),
    Address(IpAddr),
}

/// Counts open streams. Clones share the count.
#[derive(Debug, Clone, Default)]
pub struct Streams {
    open: Arc<Mutex<HashMap<Viewer, usize>>>,
}

/// The right to one open stream; it ends with this value.
#[derive(Debug)]
pub struct Permit {
    streams: Streams,
    viewer: Viewer,
}

impl Streams {
    /// # Errors
    /// 429 when the viewer has as many streams as it may.
    pub fn open(&self, viewer: Viewer) -> Result<Permit, Problem> {
        let most = match viewer {
            Viewer::User(_) => limits::STREAMS_PER_USER,
            Viewer::Address(_) => limits::STREAMS_PER_ADDRESS,
        };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(viewer).or_default();
        if *count >= most && !kernel::planted("streams.without-a-limit") {
            let detail = format!("{most} live streams are already open; close one first.");
            return Err(Problem::new(Code::TooManyRequests, detail).retry_after(TRY_AGAIN));
        }
        *count += 1;
        Ok(Permit { streams: self.clone(), viewer })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.streams.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.viewer) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.viewer);
            }
        }
    }
}
