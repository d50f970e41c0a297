//! How many live streams one user, or one address without a user, may have open.

use std::{collections::HashMap, hash::Hash, net::IpAddr, sync::Arc, time::Duration};

use api::problem::{Code, Problem};
use kernel::{UserId, limits};
use parking_lot::Mutex;

use crate::telemetry::LIVE_STREAMS;

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
    kind: &'static str,
}

impl Streams {
    /// `kind` is for the metrics: `seats`, `bookings`, `sales`.
    ///
    /// # Errors
    /// 429 when the viewer has as many streams as it may.
    pub fn open(&self, viewer: Viewer, kind: &'static str) -> Result<Permit, Problem> {
        let most = match viewer {
            Viewer::User(_) => limits::STREAMS_PER_USER,
            Viewer::Address(_) => limits::STREAMS_PER_ADDRESS,
        };
        let mut open = self.open.lock();
        let count = open.entry(viewer).or_default();
        if *count >= most && !kernel::planted("streams.without-a-limit") {
            let detail = format!("{most} live streams are already open; close one first.");
            return Err(Problem::new(Code::TooManyRequests, detail).retry_after(TRY_AGAIN));
        }
        *count += 1;
        metrics::gauge!(LIVE_STREAMS, "kind" => kind).increment(1);
        Ok(Permit { streams: self.clone(), viewer, kind })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        metrics::gauge!(LIVE_STREAMS, "kind" => self.kind).decrement(1);
        let mut open = self.streams.open.lock();
        if let Some(count) = open.get_mut(&self.viewer) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.viewer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::net::Ipv4Addr;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_viewer_has_a_limit_and_a_stream_that_ends_makes_room() {
        let streams = Streams::default();
        let user = |n| Viewer::User(UserId::new(Uuid::from_u128(n)));
        let address = Viewer::Address(IpAddr::V4(Ipv4Addr::LOCALHOST));
        for (viewer, most) in [(user(1), limits::STREAMS_PER_USER), (address, limits::STREAMS_PER_ADDRESS)] {
            let mut open: Vec<_> = (0..most).map(|_| streams.open(viewer, "seats").unwrap()).collect();
            assert!(streams.open(viewer, "seats").is_err());
            assert!(streams.open(user(2), "seats").is_ok(), "another's limit");
            open.pop();
            open.push(streams.open(viewer, "seats").unwrap());
            assert!(streams.open(viewer, "seats").is_err());
        }
    }
}
