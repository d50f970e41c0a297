//! Which mode the settings make, and what each role of a cluster needs.
//!
//! Promises: a setting that a role needs and lacks is reported before anything is opened. Never:
//! opens anything.

use anyhow::{Context, bail};

use crate::config::{Config, Role, Secret, Setting};

/// How the system runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mode {
    /// Everything in one process, on files.
    Embedded,
    /// This process is one of several.
    Cluster(Box<ClusterConfig>),
}

/// What a process of a cluster needs for its roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClusterConfig {
    pub(super) kafka: String,
    pub(super) kafka_replication: u16,
    pub(super) deployment: String,
    pub(super) accounts: Secret,
    pub(super) seat_reservation: bool,
    pub(super) booking: Option<BookingConfig>,
    pub(super) event_ticketing: Option<Secret>,
}

/// What the role booking needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BookingConfig {
    pub(super) database: Secret,
    pub(super) payment_sandbox: Secret,
    pub(super) redis: Secret,
}

impl Mode {
    /// # Errors
    /// When a setting that a role needs is missing, or one is set that means nothing here.
    pub(super) fn of(config: &Config) -> anyhow::Result<Self> {
        let has = |role| config.role.value.contains(&role);
        let Some(kafka) = config.kafka.value.clone() else {
            if !Role::ALL.into_iter().all(has) {
                bail!("role needs kafka: without kafka one process has all roles");
            }
            return Ok(Self::Embedded);
        };
        let booking = has(Role::Booking).then(|| BookingConfig::of(config)).transpose()?;
        let event_ticketing = has(Role::EventTicketing).then(|| {
            needed("database_event_ticketing", &config.database_event_ticketing, "the role event-ticketing")
        });
        Ok(Self::Cluster(Box::new(ClusterConfig {
            kafka,
            kafka_replication: config.kafka_replication.value,
            deployment: config.deployment.value.clone(),
            accounts: needed("database_accounts", &config.database_accounts, "every process of a cluster")?,
            seat_reservation: has(Role::SeatReservation),
            booking,
            event_ticketing: event_ticketing.transpose()?,
        })))
    }
}

impl BookingConfig {
    fn of(config: &Config) -> anyhow::Result<Self> {
        let role = "the role booking";
        Ok(Self {
            database: needed("database_booking", &config.database_booking, role)?,
            payment_sandbox: needed("database_payment_sandbox", &config.database_payment_sandbox, role)?,
            redis: needed("redis", &config.redis, role)?,
        })
    }
}

fn needed(name: &str, setting: &Setting<Option<Secret>>, role: &str) -> anyhow::Result<Secret> {
    setting.value.clone().with_context(|| format!("{name} is required by {role}, but not set"))
}

#[cfg(test)]
mod tests {
    use crate::config::tests::settled;

    use super::*;

    fn mode(arguments: &[&str]) -> anyhow::Result<Mode> {
        Mode::of(&settled(arguments).unwrap())
    }

    #[test]
    fn a_missing_setting_of_a_role_is_named() {
        let refusal = |arguments: &[&str]| format!("{:#}", mode(arguments).unwrap_err());
        assert_eq!(mode(&["serve"]).unwrap(), Mode::Embedded);
        assert!(refusal(&["serve", "--role", "booking"]).contains("kafka"));
        let cluster = ["serve", "--kafka", "127.0.0.1:9092", "--role", "seat-reservation"];
        assert!(refusal(&cluster).contains("database_accounts"));
        let with_accounts = [&cluster[..], &["--database-accounts", "postgres://a@db/accounts"]].concat();
        let Mode::Cluster(seats) = mode(&with_accounts).unwrap() else { panic!("kafka makes a cluster") };
        assert!(seats.seat_reservation && seats.booking.is_none() && seats.event_ticketing.is_none());
        let booking = [&with_accounts[..], &["--role", "booking"]].concat();
        assert!(refusal(&booking).contains("database_booking"));
    }
}
