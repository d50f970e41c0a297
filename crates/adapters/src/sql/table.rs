//! A table, described once: the row as a struct, and the statements that name all of its columns.
//!
//! Promises: one list of columns for the struct, the INSERT and every SELECT, as texts that are
//! whole when the program is compiled. Never: makes a text while the program runs.
//!
//! To add a column: a migration, a field of the row, and what fills and reads the field.

use serde::Serialize;

/// A row that is inserted, as many at once as there are.
pub trait Table: Serialize {
    /// Takes a JSON array of rows as `$1`.
    const INSERT: &'static str;
}

/// Declares a row of a table and its statements. A field is named as its column; its type is text
/// or a whole number, or an option of them.
///
/// ```ignore
/// table! {
///     #[derive(sqlx::FromRow)]
///     pub(super) struct SeenRow of "seen" {
///         id: String,
///         at_ms: i64,
///     }
///     insert "ON CONFLICT (id) DO NOTHING";
///     FIRST = "ORDER BY at_ms LIMIT $1";
/// }
/// ```
///
/// Each name is a constant of the row: the SELECT of all columns with this end.
macro_rules! table {
    (
        $(#[$meta:meta])*
        $vis:vis struct $row:ident of $table:literal $columns:tt
        insert $end:literal;
        $($select:ident = $which:literal;)*
    ) => {
        $(#[$meta])*
        #[derive(Debug, serde::Serialize)]
        $vis struct $row $columns

        impl $row {
            $($vis const $select: &'static str = concat!(
                "SELECT ", $crate::sql::table::listed!($columns), " FROM ", $table, " ", $which
            );)*

            /// For the test that prepares every statement.
            #[cfg(test)]
            $vis const STATEMENTS: &'static [&'static str] =
                &[<Self as $crate::sql::Table>::INSERT $(, Self::$select)*];
        }

        impl $crate::sql::Table for $row {
            const INSERT: &'static str = concat!(
                "INSERT INTO ", $table, " (", $crate::sql::table::listed!($columns),
                ") SELECT ", $crate::sql::table::unfolded!($columns), " FROM jsonb_each($1) WHERE true ", $end
            );
        }
    };
}
pub(crate) use table;

/// The names of the columns.
macro_rules! listed {
    ({ $first:ident: $type:ty $(, $column:ident: $types:ty)* $(,)? }) => {
        concat!(stringify!($first) $(, ", ", stringify!($column))*)
    };
}
pub(crate) use listed;

/// The values of the columns, out of the JSON object of a row.
macro_rules! unfolded {
    ({
        $first:ident: $type:ident $(<$inner:ident>)?
        $(, $column:ident: $types:ident $(<$inners:ident>)?)* $(,)?
    }) => {
        concat!(
            $crate::sql::table::unfolded!(@ $first $type $($inner)?)
            $(, ", ", $crate::sql::table::unfolded!(@ $column $types $($inners)?))*
        )
    };
    (@ $column:ident String) => {
        concat!("value ->> '", stringify!($column), "'")
    };
    (@ $column:ident $number:ident) => {
        concat!("CAST(value ->> '", stringify!($column), "' AS BIGINT)")
    };
    (@ $column:ident Option $inner:ident) => {
        $crate::sql::table::unfolded!(@ $column $inner)
    };
}
pub(crate) use unfolded;
