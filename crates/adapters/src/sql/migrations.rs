//! Migrations: written once, in standard SQL that PostgreSQL takes as it stands; SQLite gets the same text with three substitutions.
//!
//! A migration that has been released is never edited; its checksum is kept in the database.

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

/// Consumer positions, outbox and dead letters: the first step of every service that takes part in the log.
pub const SHARED_MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    description: "what every service keeps of the log",
    sql: include_str!("../../migrations/shared/0001_log.sql"),
}];

/// The steps as SQLite takes them: its integers are all 64 bits wide, its row ids are made by AUTOINCREMENT (never used twice), and
/// STRICT makes it check types as PostgreSQL does.
pub(super) fn sqlite(steps: &[&[Migration]]) -> Migrator {
    let mut migrations: Vec<_> = steps
        .iter()
        .flat_map(|steps| steps.iter())
        .map(|step| {
            sqlx::migrate::Migration::new(
                step.version,
                Cow::Borrowed(step.description),
                MigrationType::Simple,
                AssertSqlSafe(sqlite_text(step.sql)).into_sql_str(),
                false,
            )
        })
        .collect();
    migrations.sort();
    Migrator::with_migrations(migrations)
}

fn sqlite_text(sql: &str) -> String {
    sql.replace("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT")
        .replace("BIGINT", "INTEGER")
        .replace("\n);", "\n) STRICT;")
}
