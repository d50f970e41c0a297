//! Many rows as one argument: a JSON array that a statement unfolds with `jsonb_each($1)`.

use serde::Serialize;

/// The rows as one JSON array. Rows are plain structs of text and integers, whose serialisation cannot fail.
pub fn json(rows: &[impl Serialize]) -> String {
    match serde_json::to_string(rows) {
        Ok(text) => text,
        Err(error) => unreachable!("rows of text and integers always serialise: {error}"),
    }
}
