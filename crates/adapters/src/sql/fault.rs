//! What can go wrong with a database, in as many kinds as callers act on.

use std::{io, sync::Arc};

use kernel::Fault;
use sqlx::postgres::PgDatabaseError;

/// A fault of the database. Cheap to clone, because jobs that share a commit share its fault.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SqlFault {
    /// Another process or connection holds the database; try again.
    #[error("the database is locked")]
    Locked(#[source] Arc<sqlx::Error>),
    /// No space is left on the disk; nothing was changed.
    #[error("the disk is full")]
    Full(#[source] Arc<sqlx::Error>),
    /// What is stored is damaged.
    #[error("the database is corrupted")]
    Corrupted(#[source] Arc<sqlx::Error>),
    /// The server cannot be reached, or the connection broke before the commit: nothing was
    /// changed.
    #[error("the database server is unavailable")]
    Away(#[source] Arc<sqlx::Error>),
    /// The connection broke in the commit, and the server did not come back in time to say whether
    /// it happened.
    #[error("the outcome of the commit is unknown")]
    Unknown(#[source] Arc<sqlx::Error>),
    /// A conflict with another transaction: this one was rolled back and may be retried at once.
    #[error("the transaction conflicts with another one")]
    Conflict(#[source] Arc<sqlx::Error>),
    /// Whatever else the engine reports.
    #[error("the database failed")]
    Other(#[source] Arc<sqlx::Error>),
    /// A row that our statements cannot have written.
    #[error("the row {key} of table {table} holds an impossible {column}")]
    ImpossibleRow { table: &'static str, key: String, column: &'static str },
    /// The compare-and-set of a consumer position failed: another process reads too, or this one is
    /// behind.
    #[error("a consumer position was moved by another process")]
    PositionMoved,
    /// A row no longer has the revision that its change was decided from: the transaction is
    /// repeated on what is stored now.
    #[error("a row was changed by another transaction")]
    RowMoved,
    /// A write job panicked: a bug, whose message is in the log.
    #[error("a write job panicked")]
    Panicked,
    /// The writer has ended.
    #[error("the database is closed")]
    Closed,
}

impl SqlFault {
    /// The fault as services know it; `doing` says what was tried.
    pub fn doing(self, doing: &'static str) -> Fault {
        Fault::new(doing, self)
    }

    /// Whether it meets every job alike, so that trying each alone would not help.
    pub(super) fn meets_all(&self) -> bool {
        matches!(self, Self::Away(_) | Self::Unknown(_) | Self::Locked(_) | Self::Full(_) | Self::Closed)
    }

    /// Whether the same work may succeed at once, nothing of it having been kept.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Away(_) | Self::Conflict(_) | Self::RowMoved)
    }

    /// No answer came in time; the connection is of no more use.
    pub(super) fn no_answer() -> Self {
        let late = io::Error::new(io::ErrorKind::TimedOut, "the database server does not answer");
        Self::Away(Arc::new(sqlx::Error::Io(late)))
    }

    pub(crate) fn impossible(table: &'static str, key: &str, column: &'static str) -> Self {
        Self::ImpossibleRow { table, key: key.to_owned(), column }
    }
}

impl From<sqlx::Error> for SqlFault {
    fn from(error: sqlx::Error) -> Self {
        let kind = match &error {
            sqlx::Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
                Some(error) => of_postgres(error.code()),
                None => of_sqlite(error.code().as_deref()),
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::WorkerCrashed => Self::Away,
            _ => Self::Other,
        };
        kind(Arc::new(error))
    }
}

type Kind = fn(Arc<sqlx::Error>) -> SqlFault;

/// SQLite's primary result codes that someone acts on; the extended ones have more bits.
fn of_sqlite(code: Option<&str>) -> Kind {
    match code.and_then(|code| code.parse::<u32>().ok()).map(|extended| extended & 0xff) {
        // SQLITE_BUSY, SQLITE_LOCKED
        Some(5 | 6) => SqlFault::Locked,
        // SQLITE_CORRUPT, SQLITE_NOTADB
        Some(11 | 26) => SqlFault::Corrupted,
        // SQLITE_FULL
        Some(13) => SqlFault::Full,
        _ => SqlFault::Other,
    }
}

/// PostgreSQL's SQLSTATEs that someone acts on.
fn of_postgres(code: &str) -> Kind {
    match code {
        // A lock or a statement took too long.
        "55P03" | "57014" => SqlFault::Locked,
        // Serialization failure, deadlock.
        "40001" | "40P01" => SqlFault::Conflict,
        "53100" => SqlFault::Full,
        "XX001" | "XX002" => SqlFault::Corrupted,
        // Too many connections, and a server that is starting, stopping, or no primary any more;
        // sessions that it ended.
        "53300" | "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25006" => SqlFault::Away,
        _ if code.starts_with("08") => SqlFault::Away,
        _ => SqlFault::Other,
    }
}
