//! The rules of every migration, so that a state, a column or an engine can be added later.

use std::collections::HashSet;

use sqlx::{Connection, SqliteConnection};

use super::{
    Database, DatabaseUrl, Migration,
    testing::{Engine, HISTORIES, Home},
};

/// A migration's words without its comments, a statement an entry.
fn statements(step: &Migration) -> Vec<String> {
    let lines = step.sql.lines().map(|line| line.split("--").next().unwrap_or_default().trim());
    let text = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    text.split(';').map(|statement| statement.trim().to_owned()).filter(|s| !s.is_empty()).collect()
}

/// The definitions in the brackets of `CREATE TABLE name (…)`.
fn definitions(statement: &str) -> Vec<String> {
    let inside = statement.split_once('(').unwrap().1.rsplit_once(')').unwrap().0;
    let mut depth = 0;
    let parts = inside.split(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    });
    parts.map(|part| part.trim().to_owned()).collect()
}

/// What is wrong with a statement.
fn offences(statement: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    let words = statement.contains("CHECK") && (statement.contains(" IN (") || statement.contains('\''));
    let removes = ["DROP ", "RENAME ", "ALTER COLUMN "].iter().any(|word| statement.contains(word));
    found.extend(words.then_some("a CHECK on words: SQLite can never change it, so no word could be added"));
    found.extend(removes.then_some("removes what the program before may use"));
    if statement.starts_with("CREATE TABLE") {
        let all = definitions(statement);
        let typed = |column: &String| {
            let mut words = column.split_whitespace();
            let (name, kind) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            ["TEXT", "BIGINT"].contains(&kind) || ["PRIMARY", "CHECK"].contains(&name)
        };
        found.extend((!all.iter().all(typed)).then_some("has a column that is neither TEXT nor BIGINT"));
        found.extend((!statement.contains("PRIMARY KEY")).then_some("has no primary key"));
    } else if !["CREATE INDEX", "CREATE UNIQUE INDEX", "ALTER TABLE"].iter().any(|v| statement.starts_with(v))
    {
        found.push("is not a statement that both engines take");
    }
    found
}

#[test]
fn every_migration_keeps_to_the_rules() {
    let mut offenders = Vec::new();
    for step in HISTORIES.concat() {
        for statement in statements(&step) {
            for offence in offences(&statement) {
                offenders.push(format!("{} {}: {offence}: {statement}", step.version, step.description));
            }
        }
    }
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

#[test]
fn what_the_rules_forbid_is_found() {
    let cases = [
        ("CREATE TABLE a ( s TEXT NOT NULL CHECK (s IN ('x', 'y')), PRIMARY KEY (s) )", 1),
        ("CREATE TABLE a ( s TEXT PRIMARY KEY, CHECK (s <> 'x') )", 1),
        ("CREATE TABLE a ( s INTEGER )", 2),
        ("ALTER TABLE a DROP COLUMN s", 1),
        ("UPDATE a SET s = 1", 1),
        ("CREATE TABLE a ( s TEXT NOT NULL PRIMARY KEY, n BIGINT CHECK (n > 0) )", 0),
    ];
    for (statement, expected) in cases {
        assert_eq!(offences(statement).len(), expected, "{statement}: {:?}", offences(statement));
    }
}

#[test]
fn steps_have_rising_numbers_and_those_of_a_service_begin_at_100() {
    for (n, history) in HISTORIES.iter().enumerate() {
        let versions: Vec<i64> = history.iter().map(|step| step.version).collect();
        assert!(versions.is_sorted() && versions.iter().collect::<HashSet<_>>().len() == versions.len());
        assert!(versions.iter().all(|version| (n > 0) == (*version >= 100)), "{versions:?}");
    }
}

/// SQLite checks types only in STRICT tables.
#[tokio::test]
async fn every_table_is_strict_on_sqlite() {
    for history in HISTORIES {
        let home = Home::new(Engine::Sqlite).await;
        Database::open(home.place(), &[history]).await.unwrap().close().await;
        let DatabaseUrl::File(path) = home.place() else { panic!("SQLite's place is a file") };
        let mut connection = SqliteConnection::connect(&path.to_string_lossy()).await.unwrap();
        let lax: Vec<(String,)> = sqlx::query_as(
            "SELECT name FROM pragma_table_list
             WHERE schema = 'main' AND type = 'table' AND strict = 0
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> '_sqlx_migrations'",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        assert!(lax.is_empty(), "{lax:?}");
    }
}
