//! The store on both engines keeps the contract.

use std::sync::Mutex;

use event_ticketing::{
    ports::HoldStore,
    testing::contract::{self, Inspected},
};
use stream::{Outgoing, port::Publisher};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::*;
use crate::sql::{
    SHARED_MIGRATIONS,
    testing::{Engine, Home, on_both_engines},
};

on_both_engines!(the_store_keeps_the_contract);

/// A log that keeps what it gets.
#[derive(Default)]
struct Log(Mutex<Vec<Outgoing>>);

impl Publisher for Log {
    async fn publish(&self, messages: Vec<Outgoing>) -> Result<(), Fault> {
        self.0.lock().unwrap().extend(messages);
        Ok(())
    }
}

/// A store whose outbox is relayed.
struct Store {
    database: Database,
    log: Arc<Log>,
    _relaying: DropGuard,
    _home: Home,
}

#[async_trait]
impl Inspected for Store {
    fn events(&self) -> Arc<dyn EventStore> {
        Arc::new(SqlEvents::new(self.database.clone()))
    }

    fn reader(&self) -> Box<dyn HoldStore> {
        Box::new(SqlHolds::new(self.database.clone()))
    }

    async fn sent(&self) -> Vec<Outgoing> {
        outbox::delivered(&self.database).await.unwrap();
        self.log.0.lock().unwrap().clone()
    }

    async fn dead_letters(&self) -> usize {
        let (dead,): (i64,) = self.database.one("SELECT COUNT(*) FROM dead_letter", []).await.unwrap();
        usize::try_from(dead).unwrap()
    }
}

async fn the_store_keeps_the_contract(engine: Engine) {
    contract::all(|| async {
        let home = Home::new(engine).await;
        let migrations = [SHARED_MIGRATIONS, EVENT_TICKETING_MIGRATIONS];
        let database = Database::open(home.place(), &migrations).await.unwrap();
        let (log, stop) = (Arc::<Log>::default(), CancellationToken::new());
        tokio::spawn(outbox::run_relay(database.clone(), Arc::clone(&log), stop.clone()));
        Store { database, log, _relaying: stop.drop_guard(), _home: home }
    })
    .await;
}
