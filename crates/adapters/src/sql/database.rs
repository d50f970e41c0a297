//! A service's database: opening it, and reading from it on a few connections of its own.
//!
//! Promises: an opened file is whole (checked) and has all migrations; reads see only committed rows and never wait for writes.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    ConnectOptions, SqlitePool,
    sqlite::{
        SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
    },
};

use super::{
    Argument, Migration, ReadRow, SqlFault,
    argument::sqlite_query_as,
    migrations,
    outbox::Outbox,
    writer::{Tx, Writer},
};

/// Connections that read. Reads are short, and two cores do not serve more of them at once.
const READERS: u32 = 4;
/// How long a statement waits for another connection's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Pages between checkpoints of the write-ahead log: 16 MiB, so that a rush does not pay for one at every few commits.
const CHECKPOINT_PAGES: &str = "4000";
/// Page cache of one connection, in KiB (negative, as SQLite wants it).
const CACHE: &str = "-8000";

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file is damaged: nothing was changed, and it is not used.
    #[error("the database file {} is corrupted: {detail}", path.display())]
    Corrupted { path: PathBuf, detail: String },
    /// Any other fault.
    #[error("the database file {} cannot be opened", path.display())]
    Fault {
        path: PathBuf,
        #[source]
        fault: SqlFault,
    },
    /// The file was written by a newer program, or a migration failed.
    #[error("the database file {} cannot be brought up to date", path.display())]
    Migration {
        path: PathBuf,
        #[source]
        error: sqlx::migrate::MigrateError,
    },
}

/// A handle to an open database; clones share it.
#[derive(Clone)]
pub struct Database {
    readers: Readers,
    writer: Writer,
    outbox: Arc<Outbox>,
}

#[derive(Clone)]
enum Readers {
    Sqlite(SqlitePool),
}

impl Database {
    /// Opens the file, makes it when it is absent, checks it and brings it up to date.
    ///
    /// # Errors
    /// When the file is damaged, locked, newer than this program, or the disk fails.
    pub async fn open(path: &Path, migrations: &[&[Migration]]) -> Result<Self, OpenError> {
        let options = options(path);
        let mut connection = options.connect().await.map_err(|error| open_error(path, error))?;
        check(path, &mut connection).await?;
        migrations::sqlite(migrations).run_direct(None, &mut connection, false).await.map_err(|error| {
            match error {
                sqlx::migrate::MigrateError::Execute(error) => open_error(path, error),
                error => OpenError::Migration { path: path.to_owned(), error },
            }
        })?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await
            .map_err(|error| open_error(path, error))?;
        let outbox = Arc::new(Outbox::new());
        let writer = Writer::start(Tx::sqlite(connection), Arc::clone(&outbox));
        Ok(Self { readers: Readers::Sqlite(readers), writer, outbox })
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
        let Readers::Sqlite(pool) = &self.readers;
        Ok(sqlite_query_as(sql, arguments).fetch_all(pool).await?)
    }

    /// The first row of a reading statement, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn optional<T: ReadRow>(
        &self,
        sql: &'static str,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Result<Option<T>, SqlFault> {
        let Readers::Sqlite(pool) = &self.readers;
        Ok(sqlite_query_as(sql, arguments).fetch_optional(pool).await?)
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
        let Readers::Sqlite(pool) = &self.readers;
        Ok(sqlite_query_as(sql, arguments).fetch_one(pool).await?)
    }

    /// Runs `job` in a transaction that it may share with other jobs, and answers after the commit is on disk.
    ///
    /// The job may run more than once (never committed more than once), so it must change nothing but the database. It reads its
    /// `input` and answers with any value; a refusal is a value, and what the job wrote before it refuses stays written.
    ///
    /// ```ignore
    /// db.write(user, |user, tx| Box::pin(async move {
    ///     tx.execute("INSERT INTO users (id, name) VALUES ($1, $2)", args![user.id, &user.name]).await
    /// })).await?;
    /// ```
    ///
    /// # Errors
    /// When a statement of the job or the commit fails: then nothing of the job was kept.
    pub async fn write<I, T, F>(&self, input: I, job: F) -> Result<T, SqlFault>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t I, &'t mut Tx) -> futures::future::BoxFuture<'t, Result<T, SqlFault>>
            + Send
            + Sync
            + 'static,
    {
        self.writer.write(input, job).await
    }

    /// The messages on their way from this database to the log.
    pub fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    /// Closes all connections, the writer last and after it has finished what it accepted: the last one to leave folds the
    /// write-ahead log into the file, which a reader may not.
    pub async fn close(&self) {
        let Readers::Sqlite(pool) = &self.readers;
        pool.close().await;
        self.writer.close().await;
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("cache_size", CACHE)
        // Bulk statements keep a journal of their own: in memory, not in a file.
        .pragma("temp_store", "memory")
        .disable_statement_logging()
}

/// SQLite notices most damage only when it meets it; asking for a check finds it before the first answer is given.
async fn check(path: &Path, connection: &mut SqliteConnection) -> Result<(), OpenError> {
    let (verdict,): (String,) = sqlx::query_as("PRAGMA quick_check(1)")
        .fetch_one(connection)
        .await
        .map_err(|error| open_error(path, error))?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(OpenError::Corrupted { path: path.to_owned(), detail: verdict })
    }
}

fn open_error(path: &Path, error: sqlx::Error) -> OpenError {
    let detail = error.to_string();
    match SqlFault::from(error) {
        SqlFault::Corrupted(_) => OpenError::Corrupted { path: path.to_owned(), detail },
        fault => OpenError::Fault { path: path.to_owned(), fault },
    }
}
