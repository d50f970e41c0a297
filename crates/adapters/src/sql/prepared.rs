//! Every statement of the services is a text that both engines take: each is found in the source
//! and prepared on both.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqlSafeStr, SqliteConnection};

use super::{
    Database, DatabaseUrl, Migration,
    testing::{Engine, HISTORIES, Home},
};

const VERBS: [&str; 4] = ["SELECT ", "INSERT ", "UPDATE ", "DELETE "];
/// Files whose statements are one engine's own, or a test's.
const APART: [&str; 7] = ["tests", "testing", "prepared", "lint", "sqlite", "postgres", "table"];

/// The statements of every `table!`.
const TABLES: [&[&[&str]]; 3] = [
    &[
        super::outbox::NewRow::STATEMENTS,
        super::positions::MoveRow::STATEMENTS,
        super::dead_letters::LetterRow::STATEMENTS,
        crate::payment::sandbox::LedgerRow::STATEMENTS,
    ],
    &super::booking::STATEMENTS,
    &super::event_ticketing::STATEMENTS,
];

/// The text constants that macros stand for, by the macros' names.
type Words = HashMap<String, String>;

fn tokens(path: &Path) -> Vec<TokenTree> {
    let text = fs::read_to_string(path).unwrap();
    text.parse::<TokenStream>().unwrap().into_iter().collect()
}

fn literal(token: &TokenTree) -> Option<String> {
    syn::parse_str::<syn::LitStr>(&token.to_string()).ok().map(|text| text.value())
}

fn group(token: Option<&TokenTree>) -> Vec<TokenTree> {
    match token {
        Some(TokenTree::Group(group)) => group.stream().into_iter().collect(),
        _ => Vec::new(),
    }
}

fn is(token: Option<&TokenTree>, text: &str) -> bool {
    token.is_some_and(|token| token.to_string() == text)
}

/// `macro_rules! name { () => { "text" }; }`
fn words(tokens: &[TokenTree], found: &mut Words) {
    for (at, token) in tokens.iter().enumerate() {
        if is(Some(token), "macro_rules") {
            let name = tokens[at + 2].to_string();
            let arms = group(tokens.get(at + 3));
            if let Some(text) = group(arms.get(3)).first().and_then(literal) {
                found.insert(name, text);
            }
        }
    }
}

fn statements(tokens: &[TokenTree], words: &Words, found: &mut Vec<String>) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let called = |name| is(Some(token), name) && is(tokens.get(at + 1), "!");
        if is(Some(token), "mod") && is(tokens.get(at + 1), "tests") {
            at += 2;
        } else if called("concat") {
            let parts = group(tokens.get(at + 2));
            let parts = parts
                .iter()
                .filter_map(|part| literal(part).or_else(|| words.get(&part.to_string()).cloned()));
            found.push(parts.collect());
            at += 2;
        } else if let TokenTree::Group(group) = token {
            statements(&group.stream().into_iter().collect::<Vec<_>>(), words, found);
        } else {
            found.extend(literal(token));
        }
        at += 1;
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if APART.contains(&name.as_str()) {
        } else if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Every statement that a service runs.
fn all_statements() -> Vec<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&source.join("sql"), &mut files);
    sources(&source.join("payment"), &mut files);
    let (mut known, mut found) = (Words::new(), Vec::new());
    for file in &files {
        words(&tokens(file), &mut known);
    }
    for file in &files {
        statements(&tokens(file), &known, &mut found);
    }
    found.extend(TABLES.concat().concat().into_iter().map(str::to_owned));
    found.retain(|text| VERBS.iter().any(|verb| text.starts_with(verb)));
    found.sort();
    found.dedup();
    found
}

/// All tables of all services, in one database.
async fn everything(engine: Engine) -> Home {
    let home = Home::new(engine).await;
    let steps: Vec<Migration> = HISTORIES
        .concat()
        .into_iter()
        .zip(1..)
        .map(|(step, version)| Migration { version, ..step })
        .collect();
    Database::open(home.place(), &[&steps]).await.unwrap().close().await;
    home
}

/// A description that is not among [`TABLES`] would not be prepared.
#[test]
fn every_table_is_known() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let text = |file: &PathBuf| fs::read_to_string(file).unwrap();
    let declared: usize = files.iter().map(|file| text(file).matches("\ntable! {").count()).sum();
    assert_eq!(declared, TABLES.iter().map(|of| of.len()).sum::<usize>());
}

#[tokio::test]
async fn every_statement_is_one_text_for_both_engines() {
    let all = all_statements();
    assert!(all.len() > 45, "the search found next to nothing: {all:#?}");
    let (file, server) = (everything(Engine::Sqlite).await, everything(Engine::Postgres).await);
    let (DatabaseUrl::File(path), DatabaseUrl::Server(options)) = (file.place(), server.place()) else {
        panic!("each engine has its kind of place")
    };
    let mut sqlite = SqliteConnection::connect(&path.to_string_lossy()).await.unwrap();
    let mut postgres = PgConnection::connect_with(options).await.unwrap();
    let mut offenders = Vec::new();
    for text in all {
        if let Err(error) = (&mut sqlite).prepare(AssertSqlSafe(text.clone()).into_sql_str()).await {
            offenders.push(format!("SQLite: {error}\n{text}"));
        }
        if let Err(error) = (&mut postgres).prepare(AssertSqlSafe(text.clone()).into_sql_str()).await {
            offenders.push(format!("PostgreSQL: {error}\n{text}"));
        }
    }
    assert!(offenders.is_empty(), "{}", offenders.join("\n\n"));
}
