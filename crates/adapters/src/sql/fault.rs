//! What can go wrong with a database, told apart as far as anyone acts on the difference.

use std::sync::Arc;

use kernel::Fault;

/// A fault of the database. Cheap to clone, because jobs that share a commit share its fault.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SqlFault {
    /// Another process or connection holds the database; try again.
    #[error("the database is locked")]
    Locked(#[source] Arc<sqlx::Error>),
    /// No space is left on the disk; nothing was changed.
    #[error("the disk is full")]
    Full(#[source] Arc<sqlx::Error>),
    /// The file is damaged.
    #[error("the database file is corrupted")]
    Corrupted(#[source] Arc<sqlx::Error>),
    /// Whatever else the engine reports.
    #[error("the database failed")]
    Other(#[source] Arc<sqlx::Error>),
    /// A row that our statements cannot have written.
    #[error("the row {key} of table {table} holds an impossible {column}")]
    ImpossibleRow { table: &'static str, key: String, column: &'static str },
    /// A consumer position was not where this reader left it: someone else reads too, or this one is behind.
    #[error("a consumer position was moved by someone else")]
    PositionMoved,
    /// A row no longer has the status that its change was decided from; the whole transaction is tried again.
    #[error("a row was changed by someone else")]
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

    pub(crate) fn impossible(table: &'static str, key: &str, column: &'static str) -> Self {
        Self::ImpossibleRow { table, key: key.to_owned(), column }
    }
}

/// SQLite's primary result codes that someone acts on.
const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const CORRUPT: u32 = 11;
const FULL: u32 = 13;
const NOT_A_DATABASE: u32 = 26;

impl From<sqlx::Error> for SqlFault {
    fn from(error: sqlx::Error) -> Self {
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .and_then(|code| code.parse::<u32>().ok())
            .map(|extended| extended & 0xff);
        let error = Arc::new(error);
        match code {
            Some(BUSY | LOCKED) => Self::Locked(error),
            Some(FULL) => Self::Full(error),
            Some(CORRUPT | NOT_A_DATABASE) => Self::Corrupted(error),
            _ => Self::Other(error),
        }
    }
}
