//! The servers that a cluster stands on, as child processes on loopback: Apache Kafka, PostgreSQL,
//! Redis and HAProxy, the real ones.
//!
//! Promises: a server that was started answers; it ends when its value is dropped, and when this
//! process ends in whatever way; it can be killed, frozen and started again on its data and port.
//! Never: touches a server that it did not start, listens elsewhere than on loopback, or shares
//! code with the product.
//!
//! On them stands [`Cluster`], the product with all its processes, which `make cluster` shows and
//! tests disturb.
//!
//! Where the software comes from: `scripts/setup-cluster`. A test that needs a server and does not
//! disturb it takes the one that its test binary shares ([`kafka`], [`postgres`], [`redis`]) and
//! makes topics, databases or keys of its own there; a test that kills starts its own.

mod cluster;
mod folder;
mod haproxy;
mod http;
mod kafka;
mod ports;
mod postgres;
mod process;
mod redis;
mod server;
mod shared;

pub use cluster::{Cluster, ClusterOptions, Ports};
pub use folder::Folder;
pub use haproxy::{HaProxy, HaProxyOptions};
pub use kafka::{Kafka, KafkaOptions};
pub use ports::free_port;
pub use postgres::{Postgres, PostgresOptions};
pub use redis::{Redis, RedisOptions};
pub use server::Server;
pub use shared::{kafka, postgres, redis};
