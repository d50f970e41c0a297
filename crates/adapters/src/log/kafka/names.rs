//! The names of topics, groups and transactions at the brokers.
//!
//! Never: a name that depends on the process; every process of the deployment finds the same
//! things.

use kernel::topic::{Service, Topic};

/// Names of one deployment.
#[derive(Debug, Clone)]
pub(super) struct Names {
    prefix: String,
    deployment: String,
}

impl Names {
    pub(super) fn new(prefix: &str, deployment: &str) -> Self {
        Self { prefix: prefix.to_owned(), deployment: deployment.to_owned() }
    }

    pub(super) fn topic(&self, topic: Topic) -> String {
        format!("{}{topic}", self.prefix)
    }

    /// The topic that a name means, if it is one of ours.
    pub(super) fn parse(&self, name: &str) -> Option<Topic> {
        name.strip_prefix(&self.prefix)?.parse().ok()
    }

    /// The rows of seat state and the positions behind them, by partition.
    pub(super) fn changelog(&self) -> String {
        format!("{}seat-state.changelog", self.prefix)
    }

    /// Records that the seat loops could not understand.
    pub(super) fn dead_letters(&self) -> String {
        format!("{}{}.dead-letters", self.prefix, Service::SeatReservation.as_str())
    }

    /// The lanes that there are.
    pub(super) fn lanes(&self) -> String {
        format!("{}lanes", self.prefix)
    }

    pub(super) fn seat_group(&self) -> String {
        format!("{}{}-{}", self.prefix, Service::SeatReservation.as_str(), self.deployment)
    }

    pub(super) fn transactional_id(&self, partition: u16) -> String {
        format!("{}seat-p{partition}", self.prefix)
    }
}
