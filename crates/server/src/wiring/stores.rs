//! Where this process's stores are: in its data folder, or on the servers that the settings name.
//!
//! Promises: a setting that is needed and missing is reported by its name, before anything is
//! opened. Never: knows what a store holds.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use adapters::{
    deadlines::{Alarm, local::LocalDeadlines, redis::RedisDeadlines},
    log::{
        kafka::{self, KafkaConfig, KafkaLog},
        local::{self, LocalLog},
    },
    payment::ProviderUrl,
    sql::{self, DatabaseUrl},
};
use anyhow::{Context as _, anyhow};
use audit::places::LogPlace;
use clap::ValueEnum as _;
use kernel::Clock;
use tokio::task::spawn_blocking;

use super::StartError;
use crate::{
    clock::SteadyClock,
    config::{Config, Setting},
    secret::Secret,
    wiring::Role,
};

/// The folders of the data folder.
const LOG: &str = "log";
const CHECKPOINTS: &str = "checkpoints";
const SANDBOX: &str = "payment_sandbox";

/// The stores of a process, by its settings.
pub(super) struct Stores<'a> {
    pub(super) config: &'a Config,
    pub(super) clock: Arc<dyn Clock>,
}

impl<'a> Stores<'a> {
    /// # Errors
    /// When the settings ask for some of the roles, and for no broker between them.
    pub(super) fn of(config: &'a Config) -> Result<Self, StartError> {
        let stores = Self { config, clock: Arc::<SteadyClock>::default() };
        if stores.is_embedded() && !stores.has_all() {
            return Err(usage("role needs kafka: without kafka one process has all roles"));
        }
        let of_a_cluster = [
            ("database_accounts", &config.database_accounts),
            ("database_booking", &config.database_booking),
            ("database_event_ticketing", &config.database_event_ticketing),
            ("redis", &config.redis),
        ];
        let useless = of_a_cluster.iter().find(|(_, setting)| setting.value.is_some());
        if let (true, Some((name, _))) = (stores.is_embedded(), useless) {
            return Err(usage(format!("{name} needs kafka: without kafka all data is in the data folder")));
        }
        Ok(stores)
    }

    /// Whether this process has a role.
    pub(super) fn has(&self, role: Role) -> bool {
        self.config.role.value.contains(&role)
    }

    pub(super) fn has_all(&self) -> bool {
        Role::value_variants().iter().all(|role| self.has(*role))
    }

    /// Whether this process is the whole system, on files.
    pub(super) fn is_embedded(&self) -> bool {
        self.config.kafka.value.is_none()
    }

    pub(super) fn data(&self) -> &'a Path {
        &self.config.data.value
    }

    /// Where a database is; `setting` is the one that is called `database_<name>`.
    ///
    /// # Errors
    /// When its user needs that setting, and it is missing or names no database.
    pub(super) fn database(
        &self,
        name: &str,
        setting: &Setting<Option<Secret>>,
        user: &str,
    ) -> Result<DatabaseUrl, StartError> {
        if let Some(file) = self.file(name) {
            return Ok(file);
        }
        let url = needed(&format!("database_{name}"), setting, user)?;
        DatabaseUrl::server(url.reveal()).map_err(usage)
    }

    /// The file of a database; none in a cluster.
    fn file(&self, name: &str) -> Option<DatabaseUrl> {
        self.is_embedded().then(|| DatabaseUrl::File(self.data().join(name).with_extension("sqlite")))
    }

    /// The payment provider: the one that the setting names, else the sandbox on a file.
    ///
    /// # Errors
    /// When its user needs the setting, and it is missing or names no provider.
    pub(super) fn provider(&self, user: &str) -> Result<ProviderUrl, StartError> {
        let setting = &self.config.payment_provider;
        match self.file(SANDBOX) {
            Some(file) if setting.value.is_none() => Ok(ProviderUrl::Sandbox(file)),
            _ => ProviderUrl::read(needed("payment_provider", setting, user)?.reveal()).map_err(usage),
        }
    }

    /// The timers that wake the sweep of expired bookings.
    ///
    /// # Errors
    /// When their user needs Redis, and its setting is missing or names none.
    pub(super) fn deadlines(&self, user: &str) -> Result<Arc<dyn Alarm>, StartError> {
        if self.is_embedded() {
            return Ok(Arc::<LocalDeadlines>::default());
        }
        let (redis, prefix) = (needed("redis", &self.config.redis, user)?, &self.config.deployment.value);
        let deadlines = RedisDeadlines::start(redis.reveal(), &format!("{prefix}:"), Arc::clone(&self.clock));
        Ok(Arc::new(deadlines.map_err(usage)?))
    }

    /// Where the log is.
    pub(super) fn log(&self) -> LogPlace {
        match &self.config.kafka.value {
            None => LogPlace::Folder(self.data().join(LOG)),
            Some(brokers) => LogPlace::Brokers(Box::new(KafkaConfig {
                replication: self.config.kafka_replication.value,
                checkpoints: self.has(Role::SeatReservation).then(|| self.data().join(CHECKPOINTS)),
                ..KafkaConfig::new(brokers.as_str(), self.config.deployment.value.as_str())
            })),
        }
    }

    /// Opens the log in a folder.
    pub(super) async fn local_log(&self, folder: &Path) -> Result<LocalLog, StartError> {
        let (folder, clock) = (folder.to_owned(), Arc::clone(&self.clock));
        let opened = spawn_blocking(move || LocalLog::open(&folder, clock)).await;
        let log = opened.context("opening the log was interrupted")?.map_err(|error| match error {
            local::OpenError::InUse => StartError::FolderInUse(self.data().to_owned()),
            local::OpenError::Corrupted { what } => self.corrupted(&what),
            local::OpenError::Fault(fault) => {
                StartError::Fault(anyhow!(fault).context("cannot open the log"))
            }
        })?;
        match self.lost_file().await {
            Some(file) if !log.is_empty() => {
                Err(self.corrupted(&format!("{} is missing or empty", file.display())))
            }
            _ => Ok(log),
        }
    }

    /// A database that is not there, in whose place a new one would be made unnoticed.
    async fn lost_file(&self) -> Option<PathBuf> {
        let sandbox = self.config.payment_provider.value.is_none().then_some(SANDBOX);
        for name in ["accounts", "booking", "event_ticketing"].into_iter().chain(sandbox) {
            let path = self.data().join(name).with_extension("sqlite");
            if !path.metadata().is_ok_and(|file| file.len() > 0) || !sql::has_tables(&path).await {
                return Some(path);
            }
        }
        None
    }

    /// Opens the log on the brokers.
    pub(super) async fn kafka_log(&self, config: KafkaConfig) -> Result<KafkaLog, StartError> {
        KafkaLog::open(config).await.map_err(|error| match error {
            kafka::OpenError::InUse => StartError::FolderInUse(self.data().to_owned()),
            kafka::OpenError::Refused { what } => self.corrupted(&what),
            kafka::OpenError::Fault(fault) => {
                StartError::Fault(anyhow!(fault).context("cannot open the log"))
            }
        })
    }

    fn corrupted(&self, what: &str) -> StartError {
        StartError::Corrupted(anyhow!("the data folder {} is corrupted: {what}", self.data().display()))
    }
}

impl From<sql::OpenError> for StartError {
    fn from(error: sql::OpenError) -> Self {
        match error {
            sql::OpenError::Corrupted { .. } => Self::Corrupted(error.into()),
            error => Self::Fault(error.into()),
        }
    }
}

fn needed<'s, T>(name: &str, setting: &'s Setting<Option<T>>, user: &str) -> Result<&'s T, StartError> {
    setting.value.as_ref().ok_or_else(|| usage(format!("{name} is required by {user}, but not set")))
}

pub(super) fn usage(why: impl std::fmt::Display) -> StartError {
    StartError::Usage(anyhow!("{why}"))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use kernel::topic::{Action, Lane, Topic};
    use stream::{
        Outgoing,
        port::{Log as _, Publisher as _},
    };

    use adapters::sql::{Database, SHARED_MIGRATIONS};

    use super::*;
    use crate::{config::tests::settled, wiring::places};

    #[test]
    fn a_missing_setting_is_named_with_what_needs_it() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        let refusal = |arguments: &[&str]| {
            let config = settled(&[&["serve", "--data", data], arguments].concat()).unwrap();
            places(&config).map(drop).map_err(|error| error.to_string())
        };
        assert!(refusal(&[]).unwrap_err().contains("is no data folder"));
        std::fs::create_dir(folder.path().join("log")).unwrap();
        assert_eq!(refusal(&[]), Ok(()));
        let elsewhere = settled(&["serve", "--data", &format!("{data}/typo")]).unwrap();
        assert!(places(&elsewhere).unwrap_err().to_string().contains("there is no data folder"));
        assert!(!folder.path().join("typo").exists());
        assert!(refusal(&["--role", "booking"]).unwrap_err().contains("kafka"));
        assert!(refusal(&["--redis", "redis://y"]).unwrap_err().contains("redis needs kafka"));
        let cluster = ["--kafka", "127.0.0.1:9092"];
        assert!(refusal(&cluster).unwrap_err().contains("database_booking is required by the role booking"));
        let one_role = [&cluster[..], &["--role", "booking"]].concat();
        assert!(refusal(&one_role).unwrap_err().contains("do not set role"));
        let no_url = [&cluster[..], &["--database-booking", "mysql://x@y/z"]].concat();
        assert!(refusal(&no_url).unwrap_err().contains("postgres://"));
        let url = "postgres://x@y/z";
        let databases =
            ["--redis", "redis://y", "--database-booking", url, "--database-event-ticketing", url];
        let all = [&cluster[..], &databases[..]].concat();
        let provider = "payment_provider is required by the role booking";
        assert!(refusal(&all).unwrap_err().contains(provider), "{:?}", refusal(&all));
        let elsewhere = [&all[..], &["--payment-provider", "mysql://x@y/z"]].concat();
        assert!(refusal(&elsewhere).unwrap_err().contains("postgres://"));
    }

    /// Otherwise a new, empty one is made, and a sale continues without its bookings.
    #[tokio::test]
    async fn a_database_that_is_missing_beside_a_full_log_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let config = settled(&["serve", "--data", folder.path().to_str().unwrap()]).unwrap();
        let stores = Stores::of(&config).unwrap();
        let path = folder.path().join(LOG);
        let log = stores.local_log(&path).await.unwrap();
        let topic = Topic { lane: Lane::Shared, action: Action::BookingStatusToFailed };
        let sent = Outgoing { topic, partition: 0, key: Bytes::new(), payload: Bytes::new() };
        log.publish(vec![sent]).await.unwrap();
        log.shutdown().await;
        drop(log);
        for lost in ["accounts", "booking", "event_ticketing", SANDBOX] {
            let refused = stores.local_log(&path).await.map(drop).unwrap_err();
            assert!(
                matches!(refused, StartError::Corrupted(_)) && refused.to_string().contains(lost),
                "{refused}"
            );
            let file = folder.path().join(lost).with_extension("sqlite");
            std::fs::write(&file, "").unwrap();
            assert!(stores.local_log(&path).await.is_err(), "an empty {lost} is taken");
            // Its tables are in its write-ahead log until a checkpoint.
            let other = tempfile::tempdir().unwrap();
            let whole = other.path().join("whole.sqlite");
            let database = Database::open(whole.as_path(), &[SHARED_MIGRATIONS]).await.unwrap();
            std::fs::copy(&whole, &file).unwrap();
            assert!(stores.local_log(&path).await.is_err(), "{lost} is taken without its log");
            database.close().await;
            std::fs::copy(&whole, &file).unwrap();
        }
        drop(stores.local_log(&path).await.expect("all files are there"));
    }
}
