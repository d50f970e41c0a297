//! Creates topics, waits until they accept records, and describes them.
//!
//! Promises: a topic is handed out only when every partition's leader answers, since a record sent
//! before may be lost (ADR 010); one with another number of partitions is refused. Never: changes
//! or removes an existing topic.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use confluent_kafka::{
    admin::{
        Admin, AlterConfigOp, ConfigEntry, ListOffsetsOptions, NewTopic, OffsetSpec, OpType, TopicDescription,
    },
    common::{
        IsolationLevel, TopicPartition,
        config::{ConfigResource, config_resource::Type},
    },
};
use kernel::{Fault, topic::PARTITIONS};
use tokio::time::sleep;

use super::{KafkaConfig, OpenError, change::TopicId, client::fault};

/// How long a new topic may take until it can be used.
const READY: Duration = Duration::from_secs(30);
/// Between two looks at a new topic.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How long the changelog remembers that a row was removed.
pub(super) const REMOVALS_KEPT: Duration = Duration::from_hours(7 * 24);
/// Largest record of a topic.
pub(super) const RECORD_BYTES: &str = "2097152";

/// What a topic is to be.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) partitions: u16,
    /// Only the newest record of each key counts.
    pub(super) compacted: bool,
}

impl Wanted {
    pub(super) fn messages(name: String) -> Self {
        Self { name, partitions: PARTITIONS, compacted: false }
    }
}

/// The first and the next offset of partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) first: u64,
    pub(super) next: u64,
}

/// The administration of the topics.
pub(super) struct Topics {
    admin: Box<dyn Admin>,
    replication: i16,
}

impl Topics {
    pub(super) fn new(admin: Box<dyn Admin>, config: &KafkaConfig) -> Self {
        Self { admin, replication: i16::try_from(config.replication).unwrap_or(i16::MAX) }
    }

    /// Creates the missing ones and waits until all can be used. Returns their ids.
    pub(super) async fn make(&self, wanted: &[Wanted]) -> Result<HashMap<String, TopicId>, OpenError> {
        let new: Vec<_> = wanted.iter().map(|wanted| self.new_topic(wanted)).collect();
        let made = self.admin.create_topics(&new);
        for (_, created) in made.values() {
            match created.get().await {
                Err(error) if !error.is_topic_exists_error() => {
                    return Err(fault("make a topic")(error).into());
                }
                _ => {}
            }
        }
        self.ready(wanted).await
    }

    /// Waits until these can be used. Answers their ids.
    pub(super) async fn ready(&self, wanted: &[Wanted]) -> Result<HashMap<String, TopicId>, OpenError> {
        let begun = Instant::now();
        loop {
            match self.look(wanted).await {
                Ok(ids) => return Ok(ids),
                Err(OpenError::Fault(_)) if begun.elapsed() < READY => sleep(LOOK_AGAIN).await,
                Err(error) => return Err(error),
            }
        }
    }

    async fn look(&self, wanted: &[Wanted]) -> Result<HashMap<String, TopicId>, OpenError> {
        let names: Vec<_> = wanted.iter().map(|wanted| wanted.name.clone()).collect();
        let described = self.describe(&names).await?;
        let mut partitions = Vec::new();
        let mut ids = HashMap::new();
        for wanted in wanted {
            let Some(topic) = described.get(&wanted.name) else {
                return Err(Fault::new("describe a topic", format!("there is no {}", wanted.name)).into());
            };
            if topic.partitions().len() != usize::from(wanted.partitions) {
                return Err(OpenError::Refused {
                    what: format!(
                        "the topic {} has {} partitions, not {}",
                        wanted.name,
                        topic.partitions().len(),
                        wanted.partitions
                    ),
                });
            }
            ids.insert(wanted.name.clone(), topic_id(topic));
            partitions.extend(all_partitions(&wanted.name, wanted.partitions));
        }
        // A leader answers only once it has taken its partition up, and then it accepts records.
        self.offsets(&partitions, &OffsetSpec::latest(), IsolationLevel::ReadUncommitted).await?;
        Ok(ids)
    }

    async fn describe(&self, names: &[String]) -> Result<HashMap<String, TopicDescription>, Fault> {
        let described = self.admin.describe_topics_with_topic_names(names).all_topic_names();
        let described = described.ok_or_else(|| Fault::new("describe a topic", "no answer by name"))?;
        described.get().await.map_err(fault("describe a topic"))
    }

    /// From where to where these partitions hold records, with those of open transactions.
    pub(super) async fn extents(
        &self,
        partitions: &[TopicPartition],
    ) -> Result<HashMap<TopicPartition, Extent>, Fault> {
        let all = IsolationLevel::ReadUncommitted;
        let first = self.offsets(partitions, &OffsetSpec::earliest(), all).await?;
        let mut next = self.offsets(partitions, &OffsetSpec::latest(), all).await?;
        Ok(first
            .into_iter()
            .filter_map(|(at, first)| next.remove(&at).map(|next| (at, Extent { first, next })))
            .collect())
    }

    /// Where these partitions end for a reader of committed records.
    pub(super) async fn committed_ends(
        &self,
        partitions: &[TopicPartition],
    ) -> Result<HashMap<TopicPartition, u64>, Fault> {
        self.offsets(partitions, &OffsetSpec::latest(), IsolationLevel::ReadCommitted).await
    }

    async fn offsets(
        &self,
        partitions: &[TopicPartition],
        which: &OffsetSpec,
        isolation: IsolationLevel,
    ) -> Result<HashMap<TopicPartition, u64>, Fault> {
        if partitions.is_empty() {
            return Ok(HashMap::new());
        }
        let asked = partitions.iter().map(|at| (at.clone(), which.clone())).collect();
        let options = ListOffsetsOptions::with_isolation_level(isolation);
        let ends = self.admin.list_offsets_with_options(&asked, options).all().get().await;
        ends.map_err(fault("query offsets"))?
            .into_iter()
            .map(|(at, info)| {
                let offset =
                    u64::try_from(info.offset()).map_err(|error| Fault::new("query offsets", error))?;
                Ok((at, offset))
            })
            .collect()
    }

    /// Sets a short session timeout for the group of owners. Brokers that forbid it keep their own,
    /// longer one.
    pub(super) async fn quicken(&self, group: &str, session: Duration) {
        let heartbeat = (session / 6).max(Duration::from_millis(500));
        let set = |name: &str, value: Duration| {
            AlterConfigOp::new(
                ConfigEntry::new(name.to_owned(), Some(value.as_millis().to_string())),
                OpType::Set,
            )
        };
        let changes = vec![
            set("consumer.session.timeout.ms", session),
            set("consumer.heartbeat.interval.ms", heartbeat),
        ];
        let resource = ConfigResource::new(Type::Group, group.to_owned());
        let altered = self.admin.incremental_alter_configs(&HashMap::from([(resource, changes)]));
        if let Err(error) = altered.all().get().await {
            tracing::warn!(
                %error,
                "the brokers enforce a longer session timeout, so a dead seat server is replaced later: \
                 lower group.consumer.min.session.timeout.ms and group.consumer.min.heartbeat.interval.ms"
            );
        }
    }

    fn new_topic(&self, wanted: &Wanted) -> NewTopic {
        let in_sync = (self.replication - 1).max(1);
        let mut configs = BTreeMap::from([
            ("min.insync.replicas".to_owned(), in_sync.to_string()),
            ("unclean.leader.election.enable".to_owned(), "false".to_owned()),
            ("max.message.bytes".to_owned(), RECORD_BYTES.to_owned()),
        ]);
        if wanted.compacted {
            configs.insert("cleanup.policy".to_owned(), "compact".to_owned());
            configs.insert("delete.retention.ms".to_owned(), REMOVALS_KEPT.as_millis().to_string());
        } else {
            configs.insert("cleanup.policy".to_owned(), "delete".to_owned());
            // For ever, as the audit needs it.
            configs.insert("retention.ms".to_owned(), "-1".to_owned());
            configs.insert("retention.bytes".to_owned(), "-1".to_owned());
        }
        NewTopic::with_num_partitions_replication_factor(
            wanted.name.clone(),
            Some(i32::from(wanted.partitions)),
            Some(self.replication),
        )
        .set_configs(Some(configs))
    }

    pub(super) async fn close(&self) {
        self.admin.close_with_timeout(Duration::from_secs(1)).await;
    }
}

fn topic_id(topic: &TopicDescription) -> TopicId {
    TopicId::from(topic.topic_id().to_string())
}

/// Every partition of a topic.
pub(super) fn all_partitions(topic: &str, partitions: u16) -> impl Iterator<Item = TopicPartition> {
    let topic: std::sync::Arc<str> = topic.into();
    (0..i32::from(partitions)).map(move |n| TopicPartition::new(std::sync::Arc::clone(&topic), n))
}
