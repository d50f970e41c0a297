//! What `deploy/postgres/roles.sql` lets each role do, shown on a real server.

#![allow(clippy::unwrap_used, reason = "tests")]

use rig::{Postgres, PostgresOptions};

const SCRIPT: &str = include_str!("../../deploy/postgres/roles.sql");
const SERVICES: [&str; 4] = ["accounts", "booking", "event_ticketing", "payment_sandbox"];

async fn apply(postgres: &Postgres, password: &str) {
    let variables = SERVICES.map(|name| format!("{}_PASSWORD", name.to_uppercase()));
    let variables = variables.each_ref().map(|name| (name.as_str(), password));
    postgres.run_script("postgres", SCRIPT, &variables).await.unwrap();
}

#[tokio::test]
async fn a_role_has_its_own_database_and_nothing_else() {
    // Not the shared server: the roles are of the whole server.
    let postgres = Postgres::start(&PostgresOptions::default()).await.unwrap();
    apply(&postgres, "first's \\ password").await;
    apply(&postgres, "second").await;

    for service in SERVICES {
        let way = |database: &str, password: &str| postgres.url(service, password, database);
        let own = way(service, "second");
        let table = "CREATE TABLE things (id BIGINT); INSERT INTO things VALUES (7); SELECT id FROM things";
        assert_eq!(postgres.execute_as(&own, table).await.unwrap(), "7", "{service}");

        let refusals = [
            (way(service, "first"), "SELECT 1", "password authentication failed"),
            (way("postgres", "second"), "SELECT 1", "permission denied for database"),
            (own.clone(), "CREATE DATABASE more", "permission denied to create database"),
            (own.clone(), "CREATE ROLE more", "permission denied to create role"),
            (own.clone(), "CREATE SCHEMA more", "permission denied for database"),
            (own.clone(), "SELECT pg_read_file('/etc/passwd')", "permission denied for function"),
            (own.clone(), &format!("DROP DATABASE {service}"), "must be owner of database"),
        ];
        for (url, statement, expect) in refusals {
            let got = postgres.execute_as(&url, statement).await.unwrap_err().to_string();
            assert!(got.contains(expect), "{service}: {statement}: {got}");
        }
        for other in SERVICES.into_iter().filter(|other| *other != service) {
            let got = postgres.execute_as(&way(other, "second"), "SELECT 1").await.unwrap_err().to_string();
            assert!(got.contains("permission denied for database"), "{service} in {other}: {got}");
        }
    }
}

#[tokio::test]
async fn without_a_password_no_role_is_made() {
    let postgres = Postgres::start(&PostgresOptions::default()).await.unwrap();
    assert!(postgres.run_script("postgres", SCRIPT, &[]).await.is_err());
    let able = "SELECT count(*) FROM pg_roles WHERE rolcanlogin AND rolname = 'booking'";
    assert_eq!(postgres.execute("postgres", able).await.unwrap(), "0");
}
