//! The log on Apache Kafka: messages in topics by lane, seat state in a compacted changelog, one
//! owner per partition.
//!
//! Promises: rows, positions, messages and dead letters of a batch are one Kafka transaction; of
//! all processes that think they own a partition only the last can commit; a log that lost data, or
//! that was made for other partitions, is refused. A broker that is away costs time, nothing else.
//! Never: resets an offset by itself, or ends the process.
//!
//! How it hangs together: `membership` learns from a group which partitions this process owns; for
//! each, `partition` runs a `session` that fences, brings the `store` up to the changelog and
//! commits batches of `change`s. `lanes` knows the topics that there are; `reader`, `feed` and
//! partitions read them through a `client`'s tail. Decisions and their reasons: ADR 010 to 012.

mod backlog;
mod change;
mod client;
mod dead_letter;
mod feed;
mod inspection;
mod lanes;
mod membership;
mod names;
mod partition;
mod reader;
mod session;
mod store;
mod topics;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::PathBuf, pin::Pin, sync::Arc, time::Duration};

use kernel::{
    Fault,
    fault::chain,
    topic::{Action, PARTITIONS, Service},
};
use parking_lot::Mutex;
use stream::{
    Outgoing,
    port::{Log, Publisher},
};
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use self::{
    change::TopicId,
    client::{Clients, OnItsWay, Sender, fault},
    lanes::Lanes,
    membership::Membership,
    names::Names,
    store::{Checkpoint, Store},
    topics::{Extent, Topics, Wanted, all_partitions},
};
pub use self::{feed::KafkaFeed, inspection::Inspection, partition::KafkaPartition, reader::KafkaReader};
use crate::failure::Failure;

/// How long a graceful shutdown may take to hand the partitions over.
const HAND_OVER: Duration = Duration::from_secs(12);

/// Where the log is and how it is kept.
#[derive(Debug, Clone)]
pub struct KafkaConfig {
    /// `host:port`, several with commas between.
    pub brokers: String,
    /// Copies of every record. With three or more, one broker may be away.
    pub replication: u16,
    /// The deployment's name, the same for ever: it is part of the names of consumer groups.
    pub deployment: String,
    /// The folder for checkpoints of seat state. `None` in a process that decides no seats.
    pub checkpoints: Option<PathBuf>,
    /// The prefix of the names of topics, groups and transactions: isolates tests. Empty otherwise.
    pub topic_prefix: String,
    /// How long an owner of partitions may be silent until others take them over.
    pub session_timeout: Duration,
    /// Further settings of every client, such as `security.protocol`.
    pub security: BTreeMap<String, String>,
}

impl KafkaConfig {
    /// The usual settings.
    pub fn new(brokers: impl Into<String>, deployment: impl Into<String>) -> Self {
        Self {
            brokers: brokers.into(),
            replication: 1,
            deployment: deployment.into(),
            checkpoints: None,
            topic_prefix: String::new(),
            session_timeout: Duration::from_secs(5),
            security: BTreeMap::new(),
        }
    }
}

/// Why the log cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("another process uses the checkpoints")]
    InUse,
    /// It is not the log that this deployment wrote, or it lost a part; `what` names the evidence.
    #[error("the log is refused: {what}")]
    Refused { what: String },
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The log on Kafka. Clones share it. When the last of them and of its readers is dropped without a
/// shutdown, it goes silent as if the process was killed.
#[derive(Clone)]
pub struct KafkaLog {
    core: Arc<Core>,
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What partitions, readers and feeds share.
struct Core {
    clients: Clients,
    names: Names,
    topics: Arc<Topics>,
    lanes: Arc<Lanes>,
    changelog_id: TopicId,
    publisher: Mutex<Arc<Sender>>,
    membership: Membership,
    store: Option<Arc<Store>>,
    /// Says that all reading shall stop.
    stop: CancellationToken,
    failure: Failure,
    /// The membership task; it starts with the first partition that a caller asks for.
    member: Mutex<Member>,
    lanes_task: JoinHandle<()>,
}

enum Member {
    Waiting(Task),
    Running(JoinHandle<()>),
    Ended,
}

impl KafkaLog {
    /// Opens the log and creates missing topics.
    ///
    /// # Errors
    /// When the brokers do not answer, when another process uses the checkpoints, or when the log
    /// is not the one that the checkpoints were made from.
    pub async fn open(config: KafkaConfig) -> Result<Self, OpenError> {
        let clients = Clients::new(&config);
        let names = Names::new(&config.topic_prefix, &config.deployment);
        let topics = Arc::new(Topics::new(clients.admin()?, &config));
        let changelog = Wanted { name: names.changelog(), partitions: PARTITIONS, compacted: true };
        let ids = topics.make(&[changelog, Wanted::messages(names.dead_letters())]).await?;
        let changelog_id = ids.get(&names.changelog()).cloned();
        let changelog_id =
            changelog_id.ok_or_else(|| Fault::new("open the log", "no id of its changelog"))?;

        let failure = Failure::default();
        let lanes = Arc::new(Lanes::new(Arc::clone(&topics), names.clone()));
        let mut tail = clients.tail()?;
        lanes.make_shared().await?;
        lanes.load(&mut tail).await?;
        let lanes_task = failure
            .spawn("the task that follows the lanes", Arc::clone(&lanes).follow(tail, failure.clone()));

        let store = config.checkpoints.as_deref().map(Store::open).transpose()?.map(Arc::new);
        let stop = CancellationToken::new();
        let (membership, task) = Membership::new(clients.clone(), &names, stop.clone());
        let core = Core {
            publisher: Mutex::new(Arc::new(clients.publisher()?)),
            membership,
            store,
            stop,
            failure,
            member: Mutex::new(Member::Waiting(Box::pin(task))),
            lanes_task,
            clients,
            names,
            topics,
            lanes,
            changelog_id,
        };
        core.check_checkpoints().await?;
        if core.store.is_some() {
            core.topics.quicken(&core.names.seat_group(), config.session_timeout).await;
        }
        Ok(Self { core: Arc::new(core) })
    }
}

impl Log for KafkaLog {
    type Partition = KafkaPartition;
    type Reader = KafkaReader;

    /// Partition `n` of all seat topics with its state. Its owner is the process that the group
    /// gives it to.
    fn partition(&self, n: u16) -> KafkaPartition {
        assert!(n < PARTITIONS, "there is no partition {n}");
        assert!(self.core.store.is_some(), "a process without checkpoints decides no seats");
        self.core.join_group();
        KafkaPartition::new(Arc::clone(&self.core), n)
    }

    /// Everything that one service reads.
    fn reader(&self, service: Service) -> KafkaReader {
        KafkaReader::new(Arc::clone(&self.core), service)
    }

    /// Waits until the log has failed permanently, and returns the reason. The process should log
    /// it and exit.
    async fn failed(&self) -> Arc<str> {
        self.core.failure.reason().await
    }

    /// Stops all readers, partitions and feeds: their next answer is `None`. Partitions go
    /// to other processes as soon as what was read of them is committed. Writing continues.
    fn stop_reading(&self) {
        self.core.stop.cancel();
    }

    /// Stops all reading, hands the partitions over, sends what was handed over before, and closes.
    /// Everything that comes later gets a fault.
    async fn shutdown(&self) {
        self.stop_reading();
        self.core.leave_group().await;
        let publisher = Arc::clone(&self.core.publisher.lock());
        if let Err(fault) = publisher.close().await {
            warn(&fault, "the log was not shut down cleanly");
        }
        self.core.topics.close().await;
    }
}

impl Publisher for KafkaLog {
    async fn publish(&self, messages: Vec<Outgoing>) -> Result<(), Fault> {
        let (core, publisher) = (&self.core, self.core.publisher()?);
        core.lanes.ensure(messages.iter().map(|message| message.topic), &publisher).await?;
        let mut on_their_way = Vec::with_capacity(messages.len());
        for message in &messages {
            if message.topic.action == Action::UpdateEventToOnSale {
                // A service that knows the event sends requests to its sections: they are opened
                // before, whichever brokers lead their partitions.
                arrived(&mut on_their_way).await?;
            }
            let topic = core.names.topic(message.topic);
            let sent = publisher.send(topic, message.partition, &message.key, Some(&message.payload));
            on_their_way.push(sent.await?);
        }
        arrived(&mut on_their_way).await
    }
}

/// Waits until the brokers have all of these.
async fn arrived(on_their_way: &mut Vec<OnItsWay>) -> Result<(), Fault> {
    for sent in on_their_way.drain(..) {
        sent.get().await.map_err(fault("publish to the log"))?;
    }
    Ok(())
}

impl Core {
    fn store(&self) -> Result<&Arc<Store>, Fault> {
        self.store.as_ref().ok_or_else(|| Fault::new("use the checkpoint", "this process decides no seats"))
    }

    /// The publisher; a new one in place of one that has ended, until the shutdown.
    fn publisher(&self) -> Result<Arc<Sender>, Fault> {
        let mut publisher = self.publisher.lock();
        let ended = publisher.ended.get().is_some() && !kernel::planted("kafka.ended-publisher-kept");
        if ended && !matches!(*self.member.lock(), Member::Ended) {
            *publisher = Arc::new(self.clients.publisher()?);
        }
        Ok(Arc::clone(&publisher))
    }

    /// The evidence that the log lost what a checkpoint was made from, if it did.
    fn lost(&self, partition: u16, checkpoint: &Checkpoint, extent: Extent) -> Option<String> {
        if checkpoint.topic_id != self.changelog_id {
            return Some(format!(
                "the checkpoint of partition {partition} was made from another changelog than the brokers have"
            ));
        }
        (checkpoint.next > extent.next).then(|| {
            format!(
                "the changelog of partition {partition} ends at {}, before the checkpoint's {}",
                extent.next, checkpoint.next
            )
        })
    }

    async fn check_checkpoints(&self) -> Result<(), OpenError> {
        let Some(store) = &self.store else { return Ok(()) };
        let changelog: Vec<_> = all_partitions(&self.names.changelog(), PARTITIONS).collect();
        let extents = self.topics.extents(&changelog).await?;
        // A checkpoint that cannot be read is thrown away when its partition is restored.
        for (partition, checkpoint) in store.checkpoints().unwrap_or_default() {
            let extent = extents.get(&changelog[usize::from(partition)]);
            let lost = extent.and_then(|extent| self.lost(partition, &checkpoint, *extent));
            if let Some(what) = lost {
                return Err(OpenError::Refused { what });
            }
        }
        Ok(())
    }

    fn join_group(&self) {
        let mut member = self.member.lock();
        *member = match std::mem::replace(&mut *member, Member::Ended) {
            Member::Waiting(task) => Member::Running(self.failure.spawn("the membership of the group", task)),
            other => other,
        };
    }

    async fn leave_group(&self) {
        let member = std::mem::replace(&mut *self.member.lock(), Member::Ended);
        let Member::Running(mut task) = member else { return };
        if timeout(HAND_OVER, &mut task).await.is_err() {
            tracing::warn!(
                "partitions were not handed over in time; another process takes over after the session timeout"
            );
            task.abort();
        }
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        self.lanes_task.abort();
        if let Member::Running(task) = self.member.get_mut() {
            task.abort();
        }
    }
}

fn warn(fault: &Fault, what: &str) {
    tracing::warn!(cause = chain(fault), "{what}");
}
