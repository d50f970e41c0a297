//! Migrations: written once, in standard SQL that PostgreSQL takes as it stands; SQLite gets the
//! same text with three substitutions.
//!
//! A migration that has been released is never edited; its checksum is kept in the database. While
//! a new program takes over from an old one, both run on one server's database, so steps are of two
//! kinds, in two releases:
//! * *expand*: new tables, new columns that may be absent or have a default, new indexes. The old
//!   program ignores them.
//! * *contract*: removes what the program before last used. It comes a release after the last
//!   program that needs it.

use std::borrow::Cow;

use sqlx::{
    AssertSqlSafe, SqlSafeStr,
    migrate::{MigrationType, Migrator},
};

/// One step of a service's migration history. Shared steps count from 1, a service's own from 100.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    pub version: i64,
    pub description: &'static str,
    pub sql: &'static str,
}

/// Consumer positions, outbox and dead letters: the first step of every service that takes part in
/// the log.
pub const SHARED_MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    description: "what every service keeps of the log",
    sql: include_str!("../../migrations/shared/0001_log.sql"),
}];

/// What our statements need of PostgreSQL beyond its own functions: the rows of a JSON array that
/// is given as text, as SQLite's function of this name gives them, and the number of each writer's
/// latest transaction. Its version comes before all others.
const POSTGRES_PRELUDE: Migration = Migration {
    version: 0,
    description: "what statements need of PostgreSQL",
    sql: include_str!("../../migrations/postgres/0000_prelude.sql"),
};

/// The steps as PostgreSQL takes them. Steps of a newer program are no reason to stop: see *expand*
/// above.
pub(super) fn postgres(steps: &[&[Migration]]) -> Migrator {
    let mut migrator = migrator(&[&[POSTGRES_PRELUDE], &steps.concat()], str::to_owned);
    migrator.set_ignore_missing(true);
    migrator
}

/// The steps as SQLite takes them: its integers are all 64 bits wide, its row ids are made by
/// AUTOINCREMENT (never used twice), and STRICT makes it check types as PostgreSQL does.
pub(super) fn sqlite(steps: &[&[Migration]]) -> Migrator {
    migrator(steps, sqlite_text)
}

fn migrator(steps: &[&[Migration]], text: fn(&str) -> String) -> Migrator {
    let migrations = steps.iter().flat_map(|steps| steps.iter()).map(|step| {
        sqlx::migrate::Migration::new(
            step.version,
            Cow::Borrowed(step.description),
            MigrationType::Simple,
            AssertSqlSafe(text(step.sql)).into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(migrations.collect())
}

fn sqlite_text(sql: &str) -> String {
    sql.replace("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT")
        .replace("BIGINT", "INTEGER")
        .replace("\n);", "\n) STRICT;")
}
