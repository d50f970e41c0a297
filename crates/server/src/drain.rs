//! The first step of a graceful shutdown: streams, loops and the listener are notified that the
//! server is about to end.

/// Whether the shutdown has begun. Clones share it.
pub type Drain = tokio_util::sync::CancellationToken;
