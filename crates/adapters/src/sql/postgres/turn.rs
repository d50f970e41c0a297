//! Leader election of the outbox relay: of all processes on one database, one relays.
//!
//! Promises: the lock is held by at most one session, and lost by one that is silent for
//! [`SILENCE`]. Never: a fence. A relay that loses it while it publishes may publish that batch
//! behind newer messages (ADR 013).

use std::{convert::Infallible, future::pending, time::Duration};

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use super::{CONNECT, within};
use crate::sql::SqlFault;

/// Names the lock of the database's relays; any number would do.
const RELAYS_LOCK: i64 = 0x0072_656c_6179;
/// The server ends the session of a holder that is silent for so long. A holder that works is heard
/// four times as often, also while it publishes; one that is frozen keeps the others waiting.
const SILENCE: Duration = Duration::from_secs(5);

/// The turn, as this process knows it.
pub(in crate::sql) struct Turn {
    /// None: the database is this process's own, so it always relays.
    options: Option<PgConnectOptions>,
    held_by: Option<PgConnection>,
    silence: Duration,
}

impl Turn {
    pub(in crate::sql) fn always() -> Self {
        Self { options: None, held_by: None, silence: SILENCE }
    }

    pub(in crate::sql) fn of_server(options: &PgConnectOptions) -> Self {
        Self::silent_for(SILENCE, options)
    }

    /// A turn whose holder loses it when it is silent for so long.
    pub(super) fn silent_for(silence: Duration, options: &PgConnectOptions) -> Self {
        let timeout = silence.as_millis().to_string();
        let options = options.clone().options([("idle_session_timeout", timeout.as_str())]);
        Self { options: Some(options), held_by: None, silence }
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
        if self.held_by.is_some() {
            return self.ping().await.map(|()| true);
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

    /// Lets the server hear of the holder for as long as it works. A lock that is lost meanwhile is
    /// noticed by the next [`hold`](Self::hold).
    pub(in crate::sql) async fn keep(&mut self) -> Infallible {
        while self.held_by.is_some() {
            tokio::time::sleep(self.silence / 4).await;
            drop(self.ping().await);
        }
        pending().await
    }

    /// Checks that the session lives; it holds the lock for as long.
    async fn ping(&mut self) -> Result<(), SqlFault> {
        let Some(session) = &mut self.held_by else { return Ok(()) };
        let answered = within(session.ping()).await;
        if answered.is_err() {
            self.held_by = None;
        }
        answered
    }

    /// Gives up the turn; the next process may take it.
    pub(in crate::sql) async fn give(self) {
        if let Some(session) = self.held_by {
            // A session that cannot say good-bye is ended by the server.
            drop(session.close().await);
        }
    }
}
