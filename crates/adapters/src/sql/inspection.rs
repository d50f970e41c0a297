//! Reads a service's database from the outside, for the auditor: without its writer, without
//! migrations, without changing it.
//!
//! Never: writes, or waits for the process that uses the database (of a running one it sees what
//! was committed so far).

use super::{DatabaseUrl, ReadRow, SqlFault, database::Readers, postgres, sqlite};

/// A database, for reading only.
pub struct Inspection {
    readers: Readers,
}

impl Inspection {
    /// # Errors
    /// When there is no such database or it cannot be read.
    pub async fn open(place: impl Into<DatabaseUrl>) -> Result<Self, SqlFault> {
        let readers = match place.into() {
            DatabaseUrl::File(path) => Readers::Sqlite(sqlite::inspect(&path).await?),
            DatabaseUrl::Server(options) => Readers::Postgres(Box::pin(postgres::inspect(*options)).await?),
        };
        Ok(Self { readers })
    }

    /// All rows of a reading statement.
    ///
    /// # Errors
    /// When the database is damaged or the statement does not fit it.
    pub async fn all<T: ReadRow>(&self, sql: &'static str) -> Result<Vec<T>, SqlFault> {
        self.readers.all(sql, []).await
    }
}
