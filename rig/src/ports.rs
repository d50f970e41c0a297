//! Ports for servers.
//!
//! Promises: a port that nobody listens on now, and that the system will not hand to a client: a
//! server that is started again finds its port free even after a rush of connections.

use std::{
    io,
    net::TcpListener,
    ops::RangeInclusive,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::Context as _;

/// Below the ports that Linux gives to clients, which begin at 32768. `TICKETING_RIG_PORTS`, such
/// as `23000-23999`, names others.
const PORTS: RangeInclusive<u16> = 20_000..=31_999;

/// A free port on loopback.
///
/// # Errors
/// When all are taken.
pub fn free_port() -> anyhow::Result<u16> {
    static NEXT: OnceLock<AtomicUsize> = OnceLock::new();
    let range = range()?;
    // Processes that start at the same time begin at different places.
    let next = NEXT.get_or_init(|| AtomicUsize::new(std::process::id() as usize * 61));
    for _ in range.clone() {
        let step = next.fetch_add(1, Ordering::Relaxed) % range.len();
        let port = range.start() + u16::try_from(step)?;
        if is_free(port) {
            return Ok(port);
        }
    }
    anyhow::bail!("no port of {}-{} is free", range.start(), range.end())
}

fn range() -> anyhow::Result<RangeInclusive<u16>> {
    let Some(text) = std::env::var_os("TICKETING_RIG_PORTS") else { return Ok(PORTS) };
    let text = text.to_string_lossy();
    let parsed = text.split_once('-').and_then(|(from, to)| Some(from.parse().ok()?..=to.parse().ok()?));
    parsed.with_context(|| format!("TICKETING_RIG_PORTS is {text}, expected a range such as 23000-23999"))
}

fn is_free(port: u16) -> bool {
    let taken: io::Result<TcpListener> = TcpListener::bind(("127.0.0.1", port));
    taken.is_ok()
}
