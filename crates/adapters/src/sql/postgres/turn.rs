//! Leader election of the outbox relay: of all processes on one database, one relays.
//!
//! Promises: the lock is held by at most one session, and lost by one that is silent for
//! [`SILENCE_MS`]. Never: a fence. A relay that loses it while it publishes may publish that batch
//! behind newer messages (ADR 013).

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use super::{CONNECT, within};
use crate::sql::SqlFault;

/// Names the lock of the database's relays; any number would do.
const RELAYS_LOCK: i64 = 0x0072_656c_6179;
/// The server ends the session of a holder that is silent for so long. A holder is silent while it
/// publishes, which a partition without a leader may delay for ten seconds. One that is frozen
/// keeps the others waiting, for less than a booking may stay `processing`.
const SILENCE_MS: &str = "20000";

/// The turn, as this process knows it.
pub(in crate::sql) struct Turn {
    /// None: the database is this process's own, so it always relays.
    options: Option<PgConnectOptions>,
    held_by: Option<PgConnection>,
}

impl Turn {
    pub(in crate::sql) fn always() -> Self {
        Self { options: None, held_by: None }
    }

    pub(in crate::sql) fn of_server(options: &PgConnectOptions) -> Self {
        let options = options.clone().options([("idle_session_timeout", SILENCE_MS)]);
        Self { options: Some(options), held_by: None }
    }

    /// Whether other processes may write to the database, too.
    pub(in crate::sql) fn is_shared(&self) -> bool {
        self.options.is_some()
    }

    /// Takes the lock, or checks that it is still ours. False while another process has it.
    ///
    /// # Errors
    /// When the server is unavailable; the lock is then lost, too.
    pub(in crate::sql) async fn hold(&mut self) -> Result<bool, SqlFault> {
        let Some(options) = &self.options else { return Ok(true) };
        if let Some(session) = &mut self.held_by {
            match within(session.ping()).await {
                Ok(()) => return Ok(true),
                Err(fault) => {
                    self.held_by = None;
                    return Err(fault);
                }
            }
        }
        let mut session = match tokio::time::timeout(CONNECT, PgConnection::connect_with(options)).await {
            Ok(connected) => connected?,
            Err(_) => return Err(SqlFault::no_answer()),
        };
        let locking = sqlx::query_as("SELECT pg_try_advisory_lock($1)").bind(RELAYS_LOCK);
        let (got,): (bool,) = within(locking.fetch_one(&mut session)).await?;
        if !got && !kernel::planted("relay.without-its-turn") {
            drop(session.close().await);
            return Ok(false);
        }
        self.held_by = Some(session);
        Ok(true)
    }

    /// Gives up the turn; the next process may take it.
    pub(in crate::sql) async fn give(self) {
        if let Some(session) = self.held_by {
            // A session that cannot say good-bye is ended by the server.
            drop(session.close().await);
        }
    }
}
