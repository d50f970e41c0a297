//! SQLite: a service's database as a file of this process.
//!
//! Promises: an opened file is whole (checked) and has all migrations; a commit is on disk before
//! it is acknowledged. Never: writes through a reader.

use std::{path::Path, sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions, SqlitePool,
    sqlite::{
        SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
    },
};

use super::{DatabaseUrl, Migration, OpenError, SqlFault, migrations};

/// Connections that read. Reads are short, and two cores do not serve more of them at once.
const READERS: u32 = 4;
/// How long a statement waits for another connection's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Pages between checkpoints of the write-ahead log: 16 MiB, so that a rush does not pay for one at
/// every few commits.
const CHECKPOINT_PAGES: &str = "4000";
/// Page cache of one connection, in KiB (negative, as SQLite wants it).
const CACHE: &str = "-8000";

/// The writing connection and the reading ones.
pub(super) async fn open(
    path: &Path,
    migrations: &[&[Migration]],
) -> Result<(SqliteConnection, SqlitePool), OpenError> {
    let options = options(path);
    let mut connection = options.connect().await.map_err(|error| open_error(path, error))?;
    check(path, &mut connection).await?;
    migrations::sqlite(migrations)
        .run_direct(None, &mut connection, false)
        .await
        .map_err(|error| OpenError::of_migration(&DatabaseUrl::from(path), error))?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .connect_with(options.read_only(true).create_if_missing(false))
        .await
        .map_err(|error| open_error(path, error))?;
    Ok((connection, readers))
}

/// Whether a file has tables. One whose write-ahead log is gone may have none, and would get new
/// ones. What cannot be read counts as whole: opening it says what is wrong.
pub async fn has_tables(path: &Path) -> bool {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let count = async {
        let mut connection = options.connect().await?;
        sqlx::query_as("SELECT COUNT(*) FROM sqlite_schema").fetch_one(&mut connection).await
    };
    count.await.map_or(true, |(tables,): (i64,)| tables > 0)
}

/// Reads a file as it is; it must be there, and is checked.
pub(super) async fn inspect(path: &Path) -> Result<SqlitePool, SqlFault> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    let checked = check(path, &mut *pool.acquire().await?).await;
    checked.map_err(|error| match error {
        OpenError::Fault { fault, .. } => fault,
        damage => SqlFault::Corrupted(Arc::new(sqlx::Error::Protocol(damage.to_string()))),
    })?;
    Ok(pool)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(kernel::sabotaged!("sqlite.sync-off", SqliteSynchronous::Full, SqliteSynchronous::Off))
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("cache_size", CACHE)
        // Bulk statements keep a journal of their own: in memory, not in a file.
        .pragma("temp_store", "memory")
        .disable_statement_logging()
}

/// SQLite notices most damage only when it meets it; asking for a check finds it before the first
/// answer is given.
async fn check(path: &Path, connection: &mut SqliteConnection) -> Result<(), OpenError> {
    let (verdict,): (String,) = sqlx::query_as("PRAGMA quick_check(1)")
        .fetch_one(connection)
        .await
        .map_err(|error| open_error(path, error))?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(OpenError::Corrupted { place: DatabaseUrl::from(path), detail: verdict })
    }
}

fn open_error(path: &Path, error: sqlx::Error) -> OpenError {
    OpenError::of(&DatabaseUrl::from(path), error)
}
