//! PostgreSQL: a service's database on a server, used as if it were the service's own file.
//!
//! Promises: no call waits without a limit; connections that a restart of the server breaks are
//! replaced. Never: reads through a connection that could write, or writes through another than the
//! [`Link`].

mod link;
#[cfg(test)]
mod tests;
mod turn;

use std::{future::Future, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

pub(super) use link::Link;
pub(super) use turn::Turn;

use super::{DatabaseUrl, Migration, OpenError, SqlFault, migrations};

/// Connections that read.
const READERS: u32 = 8;
/// How long a read waits for a connection, while the server is away or all are in use.
const ACQUIRE: Duration = Duration::from_secs(2);
/// How long the server takes to let us in.
const CONNECT: Duration = Duration::from_secs(2);
/// The statement timeout in milliseconds; the lock timeout is shorter. Both exceed the time that a
/// stopped writer may keep its lock.
const STATEMENT_MS: &str = "10000";
const LOCK_MS: &str = "8000";
/// The server ends a transaction whose owner says nothing for so long: a stopped process, or one
/// behind a broken network.
const IDLE_IN_TRANSACTION_MS: &str = "5000";
/// A server that has not answered a statement after this time does not answer any more.
const ANSWER: Duration = Duration::from_secs(12);

/// The writing connection and the reading ones.
pub(super) async fn open(
    options: PgConnectOptions,
    migrations: &[&[Migration]],
) -> Result<(Link, PgPool), OpenError> {
    let place = DatabaseUrl::Server(Box::new(options.clone()));
    let options = ours(options);
    let writing = writing(options.clone());
    let mut connection = match tokio::time::timeout(CONNECT, PgConnection::connect_with(&writing)).await {
        Ok(connected) => connected.map_err(|error| OpenError::of(&place, error))?,
        Err(_) => return Err(OpenError::Fault { place, fault: SqlFault::no_answer() }),
    };
    check(&place, &mut connection).await?;
    migrations::postgres(migrations)
        .run_direct(None, &mut connection, false)
        .await
        .map_err(|error| OpenError::of_migration(&place, error))?;
    let readers = pool(&options, READERS);
    let link = Link::new(writing, connection).await.map_err(|error| OpenError::of(&place, error))?;
    Ok((link, readers))
}

/// Reads a database as it is.
pub(super) async fn inspect(options: PgConnectOptions) -> Result<PgPool, SqlFault> {
    let pool = pool(&ours(options), 1);
    Box::pin(within(pool.acquire())).await.map(drop)?;
    Ok(pool)
}

/// Awaits an answer of the server with a timeout. A connection that did not answer is dropped with
/// its future's owner.
pub(super) async fn within<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, SqlFault> {
    match tokio::time::timeout(ANSWER, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(SqlFault::no_answer()),
    }
}

fn pool(options: &PgConnectOptions, connections: u32) -> PgPool {
    let reading = options.clone().options([("default_transaction_read_only", "on")]);
    PgPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE).connect_lazy_with(reading)
}

fn ours(options: PgConnectOptions) -> PgConnectOptions {
    options
        .application_name("ticketing")
        .options([
            ("statement_timeout", STATEMENT_MS),
            ("lock_timeout", LOCK_MS),
            ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_MS),
            // A plan that was made while a table was small would stay in use long after a rush has
            // filled it.
            ("plan_cache_mode", "force_custom_plan"),
            // Compiling a statement costs more than any of ours.
            ("jit", "off"),
        ])
        .disable_statement_logging()
}

/// Writers find rows by their keys, and run few statements thousands of times: each is planned
/// once, by the indexes, whatever the statistics say, which a rush outruns.
fn writing(options: PgConnectOptions) -> PgConnectOptions {
    options.options([
        ("plan_cache_mode", "force_generic_plan"),
        ("enable_seqscan", "off"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
    ])
}

/// Ids are compared as SQLite compares them, byte by byte.
async fn check(place: &DatabaseUrl, connection: &mut PgConnection) -> Result<(), OpenError> {
    let (collation, encoding): (String, String) = sqlx::query_as(
        "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()",
    )
    .fetch_one(connection)
    .await
    .map_err(|error| OpenError::of(place, error))?;
    if encoding == "UTF8" && ["C", "POSIX", "C.UTF-8", "C.utf8"].contains(&collation.as_str()) {
        return Ok(());
    }
    let why = format!(
        "it must be made with ENCODING 'UTF8' LC_COLLATE 'C', and has encoding {encoding}, collation {collation}"
    );
    Err(OpenError::Unfit { place: place.clone(), why })
}
