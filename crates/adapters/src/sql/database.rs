//! A service's database: opening it, and reading from it on a few connections of its own.
//!
//! Promises: an opened database has all migrations; reads see only committed rows and never wait
//! for writes.

use std::sync::Arc;

use futures::future::BoxFuture;
use sqlx::{PgPool, SqlitePool, migrate::MigrateError};

use super::{
    Argument, DatabaseUrl, Migration, ReadRow, SqlFault,
    argument::{postgres_query_as, sqlite_query_as},
    outbox::Outbox,
    postgres::{self, Turn},
    sqlite,
    tx::Tx,
    writer::Writer,
};
use crate::failure::Failure;

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is damaged: nothing was changed, and it is not used.
    #[error("the database {place} is corrupted: {detail}")]
    Corrupted { place: DatabaseUrl, detail: String },
    /// It was made in a way that our statements do not stand.
    #[error("the database {place} cannot be used: {why}")]
    Unfit { place: DatabaseUrl, why: String },
    /// Any other fault.
    #[error("the database {place} cannot be opened")]
    Fault {
        place: DatabaseUrl,
        #[source]
        fault: SqlFault,
    },
    /// The database has the tables of another build: it is not changed and not used.
    #[error(
        "the database {place} was made by another build, whose tables differ in step {version}; \
         use that build with it, or start this one with an empty data folder or database"
    )]
    OtherBuild { place: DatabaseUrl, version: i64 },
    /// A migration failed.
    #[error("the database {place} could not be migrated")]
    Migration {
        place: DatabaseUrl,
        #[source]
        error: MigrateError,
    },
}

impl OpenError {
    /// Why the migrations did not run.
    pub(super) fn of_migration(place: &DatabaseUrl, error: MigrateError) -> Self {
        let place = place.clone();
        match error {
            MigrateError::Execute(error) => Self::of(&place, error),
            // The text of a step differs from the one that was run, or a step was run that this
            // build does not have.
            MigrateError::VersionMismatch(version) | MigrateError::VersionMissing(version) => {
                Self::OtherBuild { place, version }
            }
            error => Self::Migration { place, error },
        }
    }

    pub(super) fn of(place: &DatabaseUrl, error: sqlx::Error) -> Self {
        let detail = error.to_string();
        match SqlFault::from(error) {
            SqlFault::Corrupted(_) => Self::Corrupted { place: place.clone(), detail },
            fault => Self::Fault { place: place.clone(), fault },
        }
    }
}

/// A handle to an open database; clones share it.
#[derive(Clone)]
pub struct Database {
    readers: Readers,
    writer: Writer,
    outbox: Arc<Outbox>,
    pub(super) failure: Failure,
}

/// The connections that read, of either engine.
#[derive(Clone)]
pub(super) enum Readers {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Readers {
    pub(super) async fn all<T: ReadRow>(
        &self,
        sql: &'static str,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Result<Vec<T>, SqlFault> {
        match self {
            Self::Sqlite(pool) => Ok(sqlite_query_as(sql, arguments).fetch_all(pool).await?),
            Self::Postgres(pool) => postgres::within(postgres_query_as(sql, arguments).fetch_all(pool)).await,
        }
    }

    async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Database {
    /// Opens the database and runs missing migrations. A file is created when it is absent, and
    /// checked when it exists.
    ///
    /// # Errors
    /// When it is damaged, locked or made by another build, the disk fails, or the server is away.
    pub async fn open(place: impl Into<DatabaseUrl>, migrations: &[&[Migration]]) -> Result<Self, OpenError> {
        let place = place.into();
        let name = format!("the writer of {place}");
        let (tx, readers) = match place {
            DatabaseUrl::File(path) => {
                let (connection, readers) = sqlite::open(&path, migrations).await?;
                (Tx::sqlite(connection), Readers::Sqlite(readers))
            }
            DatabaseUrl::Server(options) => {
                let (link, readers) = postgres::open(*options, migrations).await?;
                (Tx::postgres(link), Readers::Postgres(readers))
            }
        };
        let outbox = Arc::new(Outbox::new());
        let failure = Failure::default();
        let writer = Writer::start(name, tx, Arc::clone(&outbox), &failure);
        Ok(Self { readers, writer, outbox, failure })
    }

    /// All rows of a reading statement.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all<T: ReadRow>(
        &self,
        sql: &'static str,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Result<Vec<T>, SqlFault> {
        self.readers.all(sql, arguments).await
    }

    /// The first row of a reading statement, if there is one. The statement gives few.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn optional<T: ReadRow>(
        &self,
        sql: &'static str,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Result<Option<T>, SqlFault> {
        Ok(self.all(sql, arguments).await?.into_iter().next())
    }

    /// The one row of a reading statement.
    ///
    /// # Errors
    /// When the database fails or there is no row.
    pub async fn one<T: ReadRow>(
        &self,
        sql: &'static str,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Result<T, SqlFault> {
        self.optional(sql, arguments).await?.ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// Runs `job` in a transaction that it may share with other jobs, and answers after the commit
    /// is on disk.
    ///
    /// The job may run more than once (never committed more than once), so it must change nothing
    /// but the database. It reads its `input` and answers with any value; a refusal is a value, and
    /// what the job wrote before it refuses stays written.
    ///
    /// ```ignore
    /// db.write(user, |user, tx| Box::pin(async move {
    ///     tx.execute("INSERT INTO users (id) VALUES ($1)", args![user.id]).await
    /// })).await?;
    /// ```
    ///
    /// # Errors
    /// When a statement of the job or the commit fails: then nothing of the job was kept. Only
    /// after [`SqlFault::Unknown`] it may have been, so a caller that gets a fault must be right
    /// either way: look up by key, or read the positions again.
    pub async fn write<I, T, F>(&self, input: I, job: F) -> Result<T, SqlFault>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t I, &'t mut Tx) -> BoxFuture<'t, Result<T, SqlFault>> + Send + Sync + 'static,
    {
        self.writer.write(input, job).await
    }

    /// Runs one statement, as [`write`](Self::write) does; answers how many rows it changed.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub async fn execute<const N: usize>(
        &self,
        sql: &'static str,
        arguments: [Argument; N],
    ) -> Result<u64, SqlFault> {
        self.write((sql, arguments), |(sql, arguments), tx| Box::pin(tx.execute(sql, arguments.clone())))
            .await
    }

    /// The messages on their way from this database to the log.
    pub fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    /// The right to bring them there.
    pub(super) fn turn(&self) -> Turn {
        match &self.readers {
            Readers::Sqlite(_) => Turn::always(),
            Readers::Postgres(pool) => Turn::of_server(&pool.connect_options()),
        }
    }

    /// Waits until a task that writes or decides has panicked, and answers which: its callers get
    /// only faults from then on.
    pub async fn failed(self) -> Arc<str> {
        self.failure.reason().await
    }

    /// Closes all connections, the writer last and after it has finished what it accepted: the last
    /// connection to close checkpoints SQLite's write-ahead log into the file, which a reader may
    /// not.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
