//! Many rows in one statement: its first argument is a JSON array, which it unfolds with
//! `jsonb_each($1)`.

use serde::Serialize;

use super::{ReadRow, SqlFault, Table, Tx, args};

/// The rows as one JSON array. Rows are plain structs of text and integers, whose serialisation
/// cannot fail.
pub fn json(rows: &[impl Serialize]) -> String {
    match serde_json::to_string(rows) {
        Ok(text) => text,
        Err(error) => unreachable!("rows of text and integers always serialise: {error}"),
    }
}

/// A row of an id alone: `value ->> 'id'`.
#[derive(Serialize)]
pub struct Id {
    id: String,
}

/// A row for each id.
pub fn ids<T: ToString>(of: impl IntoIterator<Item = T>) -> impl Iterator<Item = Id> {
    of.into_iter().map(|id| Id { id: id.to_string() })
}

impl Tx {
    /// Inserts rows into their table.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert<R: Table>(&mut self, rows: impl IntoIterator<Item = R>) -> Result<(), SqlFault> {
        self.execute_bulk(R::INSERT, rows).await.map(drop)
    }

    /// Changes what `rows` say; without any, nothing. Gives how many rows changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn execute_bulk<R: Serialize>(
        &mut self,
        sql: &'static str,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<u64, SqlFault> {
        let rows: Vec<R> = rows.into_iter().collect();
        if rows.is_empty() { Ok(0) } else { self.execute(sql, args![json(&rows)]).await }
    }

    /// Reads what `rows` ask for; without any, nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all_bulk<R: Serialize, T: ReadRow>(
        &mut self,
        sql: &'static str,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<Vec<T>, SqlFault> {
        let rows: Vec<R> = rows.into_iter().collect();
        if rows.is_empty() { Ok(Vec::new()) } else { self.all(sql, args![json(&rows)]).await }
    }
}
