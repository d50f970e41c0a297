//! The values that statements take and the rows that they give: text and 64-bit integers, which
//! every engine understands alike.

use std::fmt::Display;

use kernel::{BookingId, EventId, TicketId, Timestamp, UserId};
use sqlx::{
    FromRow, Postgres, Sqlite,
    postgres::{PgArguments, PgRow},
    query::{Query, QueryAs},
    sqlite::{SqliteArguments, SqliteRow},
};

/// A value for a `$n` marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    Text(Option<String>),
    Integer(Option<i64>),
}

/// The arguments of a statement, in the order of its markers: `args![id, now, name]`.
macro_rules! args {
    ($($value:expr),* $(,)?) => { [$($crate::sql::Argument::from($value)),*] };
}
pub(crate) use args;

/// A row of every engine: `#[derive(sqlx::FromRow)]` or a tuple.
pub trait ReadRow:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

impl<T> ReadRow for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin + 'static
{
}

fn text(value: impl Display) -> Argument {
    Argument::Text(Some(value.to_string()))
}

macro_rules! from_display {
    ($($of:ty),*) => {$(
        impl From<$of> for Argument {
            fn from(value: $of) -> Self {
                text(value)
            }
        }
        impl From<Option<$of>> for Argument {
            fn from(value: Option<$of>) -> Self {
                Argument::Text(value.map(|value| value.to_string()))
            }
        }
    )*};
}
from_display!(&str, BookingId, EventId, UserId, TicketId);

macro_rules! from_integer {
    ($($of:ty),*) => {$(
        impl From<$of> for Argument {
            fn from(value: $of) -> Self {
                Argument::Integer(Some(i64::from(value)))
            }
        }
        impl From<Option<$of>> for Argument {
            fn from(value: Option<$of>) -> Self {
                Argument::Integer(value.map(i64::from))
            }
        }
    )*};
}
from_integer!(i64, i32, u32, u16, u8, bool);

impl From<String> for Argument {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<&String> for Argument {
    fn from(value: &String) -> Self {
        Self::Text(Some(value.clone()))
    }
}

impl From<Option<String>> for Argument {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}

impl From<Timestamp> for Argument {
    fn from(at: Timestamp) -> Self {
        Self::Integer(Some(at.as_millis()))
    }
}

impl From<Option<Timestamp>> for Argument {
    fn from(at: Option<Timestamp>) -> Self {
        Self::Integer(at.map(Timestamp::as_millis))
    }
}

/// The statement with its arguments, for one engine: a function for those that give no rows, one
/// for those that do.
macro_rules! bound {
    ($query:ident, $query_as:ident, $engine:ty, $arguments:ty) => {
        pub(super) fn $query<'q>(
            sql: &'static str,
            arguments: impl IntoIterator<Item = Argument>,
        ) -> Query<'q, $engine, $arguments> {
            arguments.into_iter().fold(sqlx::query(sql), |query, argument| match argument {
                Argument::Text(value) => query.bind(value),
                Argument::Integer(value) => query.bind(value),
            })
        }

        pub(super) fn $query_as<'q, T: ReadRow>(
            sql: &'static str,
            arguments: impl IntoIterator<Item = Argument>,
        ) -> QueryAs<'q, $engine, T, $arguments> {
            arguments.into_iter().fold(sqlx::query_as(sql), |query, argument| match argument {
                Argument::Text(value) => query.bind(value),
                Argument::Integer(value) => query.bind(value),
            })
        }
    };
}
bound!(sqlite_query, sqlite_query_as, Sqlite, SqliteArguments);
bound!(postgres_query, postgres_query_as, Postgres, PgArguments);
