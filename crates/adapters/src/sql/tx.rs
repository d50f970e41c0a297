//! An open write transaction, of either engine.
//!
//! Promises: it is the only one of its database. Never: commits after one of its statements failed,
//! whatever the job made of the failure.

use sqlx::{Connection, sqlite::SqliteConnection};

use super::{
    Argument, ReadRow, SqlFault,
    argument::{postgres_query, postgres_query_as, sqlite_query, sqlite_query_as},
    postgres::{Link, within},
};

/// An open write transaction.
pub struct Tx {
    engine: Engine,
    /// Whether it has put messages into the outbox.
    pub(super) sent: bool,
    /// Why it cannot be committed any more.
    broken: Option<SqlFault>,
}

enum Engine {
    Sqlite(SqliteConnection),
    Postgres(Box<Link>),
}

impl Tx {
    pub(super) fn sqlite(connection: SqliteConnection) -> Self {
        Self { engine: Engine::Sqlite(connection), sent: false, broken: None }
    }

    pub(super) fn postgres(link: Link) -> Self {
        Self { engine: Engine::Postgres(Box::new(link)), sent: false, broken: None }
    }

    /// Runs a statement; answers how many rows it changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn execute(
        &mut self,
        sql: &'static str,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Result<u64, SqlFault> {
        let outcome = match &mut self.engine {
            Engine::Sqlite(connection) => {
                let done = sqlite_query(sql, arguments).execute(connection).await;
                done.map(|done| done.rows_affected()).map_err(SqlFault::from)
            }
            Engine::Postgres(link) => {
                let done = within(postgres_query(sql, arguments).execute(link.open()?)).await;
                link.judged(done).map(|done| done.rows_affected())
            }
        };
        self.noted(outcome)
    }

    /// All rows of a statement, which may be a `… RETURNING`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all<T: ReadRow>(
        &mut self,
        sql: &'static str,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Result<Vec<T>, SqlFault> {
        let outcome = match &mut self.engine {
            Engine::Sqlite(connection) => {
                sqlite_query_as(sql, arguments).fetch_all(connection).await.map_err(SqlFault::from)
            }
            Engine::Postgres(link) => {
                let rows = within(postgres_query_as(sql, arguments).fetch_all(link.open()?)).await;
                link.judged(rows)
            }
        };
        self.noted(outcome)
    }

    /// The row of a statement that gives one or none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn optional<T: ReadRow>(
        &mut self,
        sql: &'static str,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Result<Option<T>, SqlFault> {
        // All rows are taken, because a `… RETURNING` that is left half-way may not have changed
        // all of them.
        Ok(self.all(sql, arguments).await?.into_iter().next())
    }

    /// The one row of a statement.
    ///
    /// # Errors
    /// When the database fails or there is no row.
    pub async fn one<T: ReadRow>(
        &mut self,
        sql: &'static str,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Result<T, SqlFault> {
        self.optional(sql, arguments).await?.ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// PostgreSQL answers the COMMIT of a failed transaction with success and rolls it back.
    fn noted<T>(&mut self, outcome: Result<T, SqlFault>) -> Result<T, SqlFault> {
        if let Err(fault) = &outcome {
            self.broken.get_or_insert_with(|| fault.clone());
        }
        outcome
    }

    pub(super) async fn begin(&mut self) -> Result<(), SqlFault> {
        (self.sent, self.broken) = (false, None);
        match &mut self.engine {
            Engine::Sqlite(_) => self.execute("BEGIN IMMEDIATE", []).await.map(drop),
            Engine::Postgres(link) => link.begin().await,
        }
    }

    /// Commits. On a fault nothing of the transaction is kept, unless it is [`SqlFault::Unknown`].
    pub(super) async fn commit(&mut self) -> Result<(), SqlFault> {
        let broken = kernel::sabotaged!("sql.failed-statement-committed", self.broken.take(), None);
        let outcome = match (broken, &mut self.engine) {
            (Some(fault), _) => Err(fault),
            (None, Engine::Sqlite(_)) => self.execute("COMMIT", []).await.map(drop),
            (None, Engine::Postgres(link)) => return link.commit().await,
        };
        if outcome.is_err() {
            self.roll_back().await;
        }
        outcome
    }

    /// Rolls back. An error only means that the engine has done so already.
    pub(super) async fn roll_back(&mut self) {
        let rolled_back = match &mut self.engine {
            Engine::Sqlite(_) => self.execute("ROLLBACK", []).await.map(drop),
            Engine::Postgres(link) => link.roll_back().await,
        };
        if let Err(fault) = rolled_back {
            tracing::debug!(%fault, "transaction was already rolled back");
        }
    }

    pub(super) async fn close(self) {
        let closed = match self.engine {
            Engine::Sqlite(connection) => connection.close().await,
            Engine::Postgres(link) => link.close().await,
        };
        if let Err(error) = closed {
            tracing::warn!(%error, "database was not closed cleanly; it recovers when it is opened again");
        }
    }
}
