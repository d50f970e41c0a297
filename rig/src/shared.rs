//! One server of each kind for a whole test binary, started by the first test that asks.
//!
//! Never: ends one before the process ends; the kernel does that then.

use tokio::sync::OnceCell;

use crate::{Kafka, KafkaOptions, Postgres, PostgresOptions, Redis, RedisOptions};

/// The broker that this process shares.
pub async fn kafka() -> &'static Kafka {
    static SHARED: OnceCell<Kafka> = OnceCell::const_new();
    SHARED.get_or_init(async || started(Kafka::start(&KafkaOptions::default()).await)).await
}

/// The PostgreSQL that this process shares.
pub async fn postgres() -> &'static Postgres {
    static SHARED: OnceCell<Postgres> = OnceCell::const_new();
    SHARED.get_or_init(async || started(Postgres::start(&PostgresOptions::default()).await)).await
}

/// The Redis that this process shares.
pub async fn redis() -> &'static Redis {
    static SHARED: OnceCell<Redis> = OnceCell::const_new();
    SHARED.get_or_init(async || started(Redis::start(&RedisOptions::default()).await)).await
}

/// Without its server a test has nothing to say.
fn started<T>(outcome: anyhow::Result<T>) -> T {
    outcome.unwrap_or_else(|error| panic!("{error:#}"))
}
