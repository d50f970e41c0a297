//! The SQL seam: one database per service, one text per statement for SQLite and PostgreSQL, one
//! writer whose transactions are shared by all who wait.
//!
//! Promises:
//! * [`Database::write`] answers only after the commit is on disk; jobs that wait at the same time
//!   share one commit.
//! * A job that faults takes no other job with it. A refusal is an ordinary value of the job, not a
//!   fault.
//! * Rows, outbox and consumer positions that are written in one job become durable together.
//!
//! Never: a dialect's word in a statement. Statements use `$1` markers, `ON CONFLICT`, guarded
//! `UPDATE … RETURNING`, and `jsonb_each($1)` over a JSON array for many rows at once (`value ->>
//! 'field'`, with `CAST(… AS BIGINT)` around numbers). Ids and names are TEXT, times and amounts
//! BIGINT. Hot paths use one statement for many rows: each statement costs some 20 microseconds of
//! hand-over to SQLite's thread, and a round trip to PostgreSQL, however small it is.

pub mod accounts;
mod argument;
pub mod booking;
mod bulk;
mod database;
mod dead_letters;
pub mod event_ticketing;
mod fault;
pub mod inspection;
#[cfg(test)]
mod lint;
mod migrations;
pub mod outbox;
mod positions;
mod postgres;
#[cfg(test)]
mod prepared;
mod sqlite;
pub(crate) mod table;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod tx;
mod url;
mod writer;

pub(crate) use argument::args;
pub use argument::{Argument, ReadRow};
pub use bulk::{ids, json};
pub use database::{Database, OpenError};
pub use dead_letters::keep_dead_letters;
pub use fault::SqlFault;
pub use migrations::{Migration, SHARED_MIGRATIONS};
pub use positions::{Moves, Positions};
pub use sqlite::has_tables;
pub use table::Table;
pub(crate) use table::table;
pub use tx::Tx;
pub use url::{BadUrl, DatabaseUrl};
