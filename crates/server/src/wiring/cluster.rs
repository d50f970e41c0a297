//! One process of several: the log on Kafka, a database of each service on PostgreSQL, deadlines in
//! Redis.
//!
//! In the data folder: `in-use` (the lock), and `checkpoints/` of seat state in a process that
//! decides seats; it can be lost.

use std::{path::Path, sync::Arc};

use adapters::{
    deadlines::redis::RedisDeadlines,
    log::kafka::{self, KafkaConfig, KafkaLog},
    sql::{
        Database, DatabaseUrl, Migration, SHARED_MIGRATIONS, accounts::ACCOUNTS_MIGRATIONS,
        booking::SqlBookingStore, event_ticketing::EVENT_TICKETING_MIGRATIONS,
    },
};
use audit::places::{LogPlace, Places};
use kernel::Clock;

use super::{
    StartError,
    booking::{BookingRole, BookingStores, Payments},
    event_ticketing::EventTicketingRole,
    mode::{BookingConfig, ClusterConfig},
    node::Node,
    role::{Role, Shared},
    seat_reservation::SeatReservationRole,
};
use crate::{
    clock::SteadyClock,
    config::{Config, Secret},
    drain::Drain,
};

const CHECKPOINTS: &str = "checkpoints";

/// Connects to what the roles of this process need.
///
/// # Errors
/// When something cannot be reached, or is not what this deployment wrote.
pub(super) async fn open(
    config: &Config,
    cluster: &ClusterConfig,
    drain: Drain,
) -> Result<Node<KafkaLog>, StartError> {
    let clock: Arc<dyn Clock> = Arc::<SteadyClock>::default();
    let accounts = open_database(&cluster.accounts, &[ACCOUNTS_MIGRATIONS]).await?;
    let mut roles: Vec<Box<dyn Role<KafkaLog>>> = Vec::new();
    if cluster.seat_reservation {
        roles.push(Box::new(SeatReservationRole));
    }
    if let Some(database) = &cluster.event_ticketing {
        roles.push(Box::new(EventTicketingRole {
            database: open_database(database, &[SHARED_MIGRATIONS, EVENT_TICKETING_MIGRATIONS]).await?,
            secure_cookies: config.secure_cookies.value,
        }));
    }
    if let Some(booking) = &cluster.booking {
        let stores = open_booking(booking, &cluster.deployment, &clock).await?;
        roles.push(Box::new(BookingRole::new(stores, &clock, config.payment_window.value.0)));
    }
    let log = open_log(cluster, &config.data.value).await?;
    let shared = Shared::new(clock, &accounts, drain).await?;
    Ok(Node { log, shared, accounts, roles })
}

/// Where the log of a deployment is, and where this process keeps its checkpoints.
fn log_of(cluster: &ClusterConfig, data: &Path) -> KafkaConfig {
    KafkaConfig {
        replication: cluster.kafka_replication,
        checkpoints: cluster.seat_reservation.then(|| data.join(CHECKPOINTS)),
        ..KafkaConfig::new(cluster.kafka.as_str(), cluster.deployment.as_str())
    }
}

/// Where everything of the deployment is. Checkpoints are those in the data folder, if there are
/// any.
///
/// # Errors
/// When a role is left out: an audit is of the whole.
pub(super) fn places(cluster: &ClusterConfig, data: &Path) -> Result<Places, StartError> {
    let (Some(booking), Some(event_ticketing)) = (&cluster.booking, &cluster.event_ticketing) else {
        return Err(StartError::Usage(anyhow::anyhow!("an audit covers every role: do not set role")));
    };
    Ok(Places {
        log: LogPlace::Brokers(Box::new(log_of(cluster, data))),
        booking: place(&booking.database)?,
        event_ticketing: place(event_ticketing)?,
        payment_sandbox: place(&booking.payment_sandbox)?,
        checkpoints: [data.join(CHECKPOINTS)].into_iter().filter(|folder| folder.exists()).collect(),
    })
}

async fn open_log(cluster: &ClusterConfig, data: &Path) -> Result<KafkaLog, StartError> {
    KafkaLog::open(log_of(cluster, data)).await.map_err(|error| match error {
        kafka::OpenError::InUse => StartError::FolderInUse(data.to_owned()),
        kafka::OpenError::Refused { what } => StartError::Corrupted { folder: data.to_owned(), what },
        kafka::OpenError::Fault(fault) => {
            StartError::Fault(anyhow::Error::from(fault).context("cannot open the log"))
        }
    })
}

/// The place that a setting names.
fn place(url: &Secret) -> Result<DatabaseUrl, StartError> {
    DatabaseUrl::server(url.reveal()).map_err(|error| StartError::Usage(error.into()))
}

async fn open_database(url: &Secret, migrations: &[&[Migration]]) -> Result<Database, StartError> {
    Database::open(place(url)?, migrations).await.map_err(|error| StartError::Fault(error.into()))
}

async fn open_booking(
    booking: &BookingConfig,
    deployment: &str,
    clock: &Arc<dyn Clock>,
) -> Result<BookingStores, StartError> {
    let store = SqlBookingStore::open(place(&booking.database)?).await;
    let payments = Payments::open(place(&booking.payment_sandbox)?, clock).await;
    let redis = booking.redis.reveal();
    let deadlines = RedisDeadlines::start(redis, &format!("{deployment}:"), Arc::clone(clock));
    Ok(BookingStores {
        store: store.map_err(anyhow::Error::from)?,
        payments: payments.map_err(anyhow::Error::from)?,
        deadlines: Arc::new(deadlines.map_err(|error| StartError::Usage(error.into()))?),
    })
}
