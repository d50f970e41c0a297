//! The one connection that writes. It makes PostgreSQL's transactions like SQLite's: of one
//! database, one at a time.
//!
//! Promises:
//! * A transaction holds a lock of the whole database from its begin to its end, so writers of
//!   several processes come one after another, see all that the ones before them wrote, and their
//!   outbox ids are committed in rising order.
//! * A broken connection is replaced. What was not committed is reported as lost; what was
//!   lost in the COMMIT is looked up: each transaction carries its number in a row of this writer.
//!
//! Never: waits long for an unavailable server. Jobs wait once, for [`PATIENCE`]; after that each
//! fails at once.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions, raw_sql};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::{CONNECT, within};
use crate::sql::SqlFault;

/// How long jobs wait for a server that went away a moment ago: a restart takes less.
const PATIENCE: Duration = Duration::from_secs(2);
/// Between two attempts to reach it.
const PAUSE: Duration = Duration::from_millis(100);
/// How long the outcome of a lost COMMIT is looked for.
const LOOK_UP: Duration = Duration::from_secs(15);
/// Names the lock of the database's writers; any number would do.
const WRITERS_LOCK: i64 = 0x7469_636b_6574;

/// The writing connection of this process.
pub(in crate::sql) struct Link {
    options: PgConnectOptions,
    connection: Option<PgConnection>,
    /// Names this writer in `writer_commit`.
    writer: Uuid,
    /// The number of the latest transaction.
    number: u64,
    away: Option<Away>,
}

/// The server is away.
struct Away {
    since: Instant,
    tried: Instant,
    why: SqlFault,
}

impl Link {
    pub(super) async fn new(
        options: PgConnectOptions,
        mut connection: PgConnection,
    ) -> Result<Self, sqlx::Error> {
        // Rows of writers that are long gone.
        sqlx::query("DELETE FROM writer_commit WHERE committed_at < now() - INTERVAL '1 day'")
            .execute(&mut connection)
            .await?;
        let writer = Uuid::new_v4();
        Ok(Self { options, connection: Some(connection), writer, number: 0, away: None })
    }

    /// The connection, for a statement of the transaction.
    pub(in crate::sql) fn open(&mut self) -> Result<&mut PgConnection, SqlFault> {
        match (&mut self.connection, &self.away) {
            (Some(connection), _) => Ok(connection),
            (None, Some(away)) => Err(away.why.clone()),
            (None, None) => Err(SqlFault::Closed),
        }
    }

    /// Hands an outcome on; a connection that broke is dropped.
    pub(in crate::sql) fn judged<T>(&mut self, outcome: Result<T, SqlFault>) -> Result<T, SqlFault> {
        if let Err(fault @ SqlFault::Away(_)) = &outcome {
            self.lose(fault);
        }
        outcome
    }

    fn lose(&mut self, why: &SqlFault) {
        self.connection = None;
        let now = Instant::now();
        let away = self.away.get_or_insert_with(|| {
            tracing::warn!(cause = kernel::fault::chain(why), "connection to PostgreSQL lost; reconnecting");
            Away { since: now, tried: now - PAUSE, why: why.clone() }
        });
        away.why = why.clone();
    }

    pub(in crate::sql) async fn begin(&mut self) -> Result<(), SqlFault> {
        self.connect().await?;
        self.number += 1;
        // One message to the server. The lock comes first: every statement behind it sees what the
        // writers before have committed.
        let level = kernel::sabotaged!("postgres.older-snapshot", "READ COMMITTED", "REPEATABLE READ");
        let sql = format!(
            "BEGIN ISOLATION LEVEL {level}; SELECT pg_advisory_xact_lock({WRITERS_LOCK}); \
             INSERT INTO writer_commit (writer, number, committed_at) VALUES ('{}', {}, now()) \
             ON CONFLICT (writer) DO UPDATE SET number = excluded.number, committed_at = excluded.committed_at",
            self.writer, self.number
        );
        let begun = within(raw_sql(AssertSqlSafe(sql)).execute(self.open()?)).await;
        let begun = self.judged(begun).map(drop);
        if begun.is_err() {
            // A lock that was not got leaves a failed transaction open.
            drop(self.roll_back().await);
        }
        begun
    }

    pub(in crate::sql) async fn commit(&mut self) -> Result<(), SqlFault> {
        let committed = within(raw_sql("COMMIT").execute(self.open()?)).await;
        match self.judged(committed) {
            Err(SqlFault::Away(_)) if kernel::planted("postgres.lost-commit-acknowledged") => Ok(()),
            Err(SqlFault::Away(why)) => self.look_up(SqlFault::Away(why)).await,
            outcome => outcome.map(drop),
        }
    }

    pub(in crate::sql) async fn roll_back(&mut self) -> Result<(), SqlFault> {
        let rolled_back = within(raw_sql("ROLLBACK").execute(self.open()?)).await;
        self.judged(rolled_back).map(drop)
    }

    pub(in crate::sql) async fn close(self) -> Result<(), sqlx::Error> {
        match self.connection {
            Some(connection) => connection.close().await,
            None => Ok(()),
        }
    }

    /// Finds out whether the latest transaction was committed, whose COMMIT was not answered
    /// because of `lost`.
    async fn look_up(&mut self, lost: SqlFault) -> Result<(), SqlFault> {
        let end = Instant::now() + LOOK_UP;
        while Instant::now() < end {
            match self.latest_committed().await {
                Ok(Some(number)) if number == self.number => return Ok(()),
                Ok(_) => return Err(lost),
                Err(_) => sleep(PAUSE).await,
            }
        }
        tracing::error!("PostgreSQL did not come back in time; the outcome of the last commit is unknown");
        match lost {
            SqlFault::Away(why) => Err(SqlFault::Unknown(why)),
            other => Err(other),
        }
    }

    /// The number of this writer's latest transaction that was committed. The lock is held by the
    /// lost transaction for as long as it may yet be committed, so the answer stays true.
    async fn latest_committed(&mut self) -> Result<Option<u64>, SqlFault> {
        self.try_to_connect().await?;
        let lock = format!("BEGIN; SELECT pg_advisory_xact_lock({WRITERS_LOCK})");
        let read = async {
            raw_sql(AssertSqlSafe(lock)).execute(&mut *self.open()?).await?;
            let row: Option<(i64,)> = sqlx::query_as("SELECT number FROM writer_commit WHERE writer = $1")
                .bind(self.writer.to_string())
                .fetch_optional(&mut *self.open()?)
                .await?;
            Ok::<_, SqlFault>(row)
        };
        let read = match tokio::time::timeout(super::ANSWER, read).await {
            Ok(read) => read,
            Err(_) => Err(SqlFault::no_answer()),
        };
        let read = self.judged(read);
        if self.connection.is_some() {
            self.roll_back().await?;
        }
        Ok(read?.map(|(number,)| number.cast_unsigned()))
    }

    /// Makes sure of a connection.
    async fn connect(&mut self) -> Result<(), SqlFault> {
        loop {
            match self.try_to_connect().await {
                Err(_) if self.away.as_ref().is_some_and(|away| away.since.elapsed() < PATIENCE) => {
                    sleep(PAUSE).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Connects when there is no connection, but not more often than once in a [`PAUSE`].
    async fn try_to_connect(&mut self) -> Result<(), SqlFault> {
        if self.connection.is_some() {
            return Ok(());
        }
        if let Some(away) = &mut self.away {
            if away.tried.elapsed() < PAUSE {
                return Err(away.why.clone());
            }
            away.tried = Instant::now();
        }
        let connected = tokio::time::timeout(CONNECT, PgConnection::connect_with(&self.options)).await;
        match connected {
            Ok(Ok(connection)) => {
                self.connection = Some(connection);
                if let Some(away) = self.away.take() {
                    let outage = away.since.elapsed();
                    tracing::info!(?outage, "connection to PostgreSQL restored");
                }
                Ok(())
            }
            Ok(Err(error)) => Err(self.still_away(SqlFault::from(error))),
            Err(_) => Err(self.still_away(SqlFault::no_answer())),
        }
    }

    /// For waiting jobs any failure to connect, also a refused role, means that the server is
    /// unavailable.
    fn still_away(&mut self, fault: SqlFault) -> SqlFault {
        let fault = match fault {
            SqlFault::Other(error) | SqlFault::Locked(error) => SqlFault::Away(error),
            fault => fault,
        };
        self.lose(&fault);
        fault
    }
}
