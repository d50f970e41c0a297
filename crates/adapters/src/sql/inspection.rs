//! Reads a service's database from the outside, for the auditor: without its writer, without migrations, without changing it.
//!
//! Never: writes, or waits for the process that uses the file (of a running one it sees what was committed so far).

use std::path::Path;

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

use super::{ReadRow, SqlFault};

/// A database file, for reading only.
pub struct Inspection {
    pool: SqlitePool,
}

impl Inspection {
    /// # Errors
    /// When there is no such file or it cannot be read.
    pub async fn open(path: &Path) -> Result<Self, SqlFault> {
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        Ok(Self { pool })
    }

    /// All rows of a reading statement.
    ///
    /// # Errors
    /// When the file is damaged or the statement does not fit it.
    pub async fn all<T: ReadRow>(&self, sql: &'static str) -> Result<Vec<T>, SqlFault> {
        Ok(sqlx::query_as(sql).fetch_all(&self.pool).await?)
    }
}
