//! Databases for tests: one of its own for each test, on either engine, and every test on both.

use std::time::Duration;

use tempfile::TempDir;
use uuid::Uuid;

use super::{DatabaseUrl, Migration, SHARED_MIGRATIONS};

/// How long a test waits for what must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The engine that a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// The migrations of every database that there is.
pub(crate) const HISTORIES: [&[Migration]; 5] = [
    SHARED_MIGRATIONS,
    super::accounts::ACCOUNTS_MIGRATIONS,
    super::booking::MIGRATIONS,
    super::event_ticketing::EVENT_TICKETING_MIGRATIONS,
    crate::payment::sandbox::MIGRATIONS,
];

/// Runs each of these `async fn(Engine)` as two tests, `sqlite::…` and `postgres::…`.
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                super::$test($crate::sql::testing::Engine::Sqlite).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                super::$test($crate::sql::testing::Engine::Postgres).await;
            })+
        }
    };
}
pub(crate) use on_both_engines;

/// Input of a job that makes the writer panic: it is dropped behind the commit, where no job's own
/// panic is caught.
pub(crate) struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("planned");
    }
}

/// Room for one database. SQLite's goes away with it, PostgreSQL's with the test binary.
pub(crate) struct Home {
    place: DatabaseUrl,
    _folder: Option<TempDir>,
}

impl Home {
    pub(crate) async fn new(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                Self { place: DatabaseUrl::File(folder.path().join("test.sqlite")), _folder: Some(folder) }
            }
            Engine::Postgres => Self::on(rig::postgres().await).await,
        }
    }

    /// A database on a server that the test may disturb.
    pub(crate) async fn on(server: &rig::Postgres) -> Self {
        let name = format!("test_{}", Uuid::new_v4().simple());
        let url = server.create_database(&name, "tester").await.unwrap();
        Self { place: DatabaseUrl::server(&url).unwrap(), _folder: None }
    }

    pub(crate) fn place(&self) -> &DatabaseUrl {
        &self.place
    }
}
