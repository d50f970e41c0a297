//! The Kafka clients with the settings that were tested under faults (ADR 010), and the mapping of
//! their errors to faults.
//!
//! Promises: every client is closed when its owner drops it; nobody reads what was not committed;
//! acknowledged means written by all replicas in sync. Never: creates a topic implicitly, or resets
//! an offset by itself.

use std::{collections::HashMap, sync::OnceLock, time::Duration};

use bytes::Bytes;
use confluent_kafka::{
    admin::{Admin, AdminClient, AdminClientConfig},
    common::{
        Error, TopicPartition,
        header::RecordHeaders,
        serialization::{ByteArraySerializer, BytesDeserializer},
    },
    consumer::{
        CloseOptions, Consumer, ConsumerConfig, ConsumerRecords, GroupMembershipOperation, KafkaConsumer,
    },
    producer::{KafkaProducer, Producer, ProducerConfig, ProducerRecord},
};
use kernel::Fault;
use tokio::runtime::Handle;

use super::{KafkaConfig, names::Names, topics::Topics};

/// How long a call may wait for the brokers before it is a fault. Longer than a broker's usual
/// restart, which then passes unnoticed.
const PATIENCE_MS: u32 = 30_000;
/// The transaction timeout: how long the broker waits for a silent producer. Readers of its
/// partitions wait as long.
pub(super) const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(10);
/// Owners may write larger records than publishers, whose limit is 1 MiB: a dead letter is a record
/// with the reason beside it.
const LARGEST: (&str, &str) = ("max.request.size", super::topics::RECORD_BYTES);
/// How long a fetch waits at the broker for records. New ones are answered at once; a change of
/// what is read waits at most as long.
const FETCH_WAIT_MS: u32 = 100;
/// Bytes of one fetch of one partition: what a busy lane may put before the others at once.
const PARTITION_FETCH_BYTES: u32 = 128 * 1024;
/// Records of one poll: as many as were fetched, which the bytes limit.
const POLL_RECORDS: u32 = 100_000;
/// Longest wait for records that must come, after which the wait starts over.
const NEWS: Duration = Duration::from_secs(1);
/// How often the client may complain of a place that it has been given meanwhile.
const STALE_ERRORS: u32 = 3;
/// How long a graceful close may take.
const CLOSE: Duration = Duration::from_secs(5);

pub(super) type RawConsumer = KafkaConsumer<Bytes, Bytes>;
pub(super) type RawProducer = KafkaProducer<Vec<u8>, Vec<u8>>;

/// Makes clients.
#[derive(Debug, Clone)]
pub(super) struct Clients {
    common: HashMap<String, String>,
    names: Names,
}

/// Turns a client's error into a fault of what was tried.
pub(super) fn fault(doing: &'static str) -> impl FnOnce(Error) -> Fault {
    move |error| Fault::new(doing, error)
}

impl Clients {
    pub(super) fn new(config: &KafkaConfig) -> Self {
        let mut common: HashMap<_, _> =
            config.security.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        common.insert("bootstrap.servers".to_owned(), config.brokers.clone());
        common.insert("reconnect.backoff.max.ms".to_owned(), "500".to_owned());
        common.insert("request.timeout.ms".to_owned(), "10000".to_owned());
        Self { common, names: Names::new(&config.topic_prefix, &config.deployment) }
    }

    pub(super) fn admin(&self) -> Result<Box<dyn Admin>, Fault> {
        let wait = PATIENCE_MS.to_string();
        let properties = self.with(&[("default.api.timeout.ms", &wait), ("retry.backoff.ms", "20")], &[]);
        let config = AdminClientConfig::new(&properties).map_err(fault("set up the log's administration"))?;
        AdminClient::create(config).map_err(fault("start the log's administration"))
    }

    /// Reads committed records from the positions that it is given.
    pub(super) fn tail(&self) -> Result<Tail, Fault> {
        let (wait, bytes) = (FETCH_WAIT_MS.to_string(), PARTITION_FETCH_BYTES.to_string());
        self.consumer(&[
            (
                "isolation.level",
                kernel::sabotaged!("kafka.reads-uncommitted", "read_committed", "read_uncommitted"),
            ),
            ("auto.offset.reset", "none"),
            ("fetch.max.wait.ms", &wait),
            ("max.partition.fetch.bytes", &bytes),
        ])
        .map(|consumer| Tail { consumer: Some(consumer) })
    }

    /// A member of the consumer group that assigns the partitions. It reads no records and commits
    /// no offsets, so it never waits for the open transaction of a dead owner.
    pub(super) fn member(&self) -> Result<Member, Fault> {
        self.consumer(&[
            ("group.id", &self.names.seat_group()),
            ("group.remote.assignor", "range"),
            ("isolation.level", "read_uncommitted"),
            ("auto.offset.reset", "earliest"),
        ])
        .map(|consumer| Member { consumer: Some(consumer) })
    }

    fn consumer(&self, more: &[(&str, &str)]) -> Result<RawConsumer, Fault> {
        let records = POLL_RECORDS.to_string();
        let usual = [
            ("group.protocol", "consumer"),
            ("enable.auto.commit", "false"),
            ("allow.auto.create.topics", "false"),
            ("max.poll.records", &records),
            ("retry.backoff.ms", "20"),
        ];
        let properties = self.with(&usual, more);
        let config = ConsumerConfig::new(&properties).map_err(fault("set up a reader of the log"))?;
        KafkaConsumer::new(config, BytesDeserializer::new(), BytesDeserializer::new())
            .map_err(fault("start a reader of the log"))
    }

    /// One batch after another per partition: a batch that a broker refused cannot be overtaken,
    /// not even on a topic whose leader is new.
    pub(super) fn publisher(&self) -> Result<Sender, Fault> {
        self.producer(&[("max.in.flight.requests.per.connection", "1")])
    }

    /// The producer of one partition's owner. Its `init_transactions` aborts an earlier owner's
    /// transaction and fences that owner.
    pub(super) fn owner(&self, partition: u16) -> Result<Sender, Fault> {
        let wait = TRANSACTION_TIMEOUT.as_millis().to_string();
        let mut id = self.names.transactional_id(partition);
        if kernel::planted("kafka.each-owner-has-its-own-name") {
            id.push_str(&std::process::id().to_string());
        }
        self.producer(&[("transactional.id", &id), ("transaction.timeout.ms", &wait), LARGEST])
    }

    fn producer(&self, more: &[(&str, &str)]) -> Result<Sender, Fault> {
        let wait = PATIENCE_MS.to_string();
        let usual = [
            ("acks", "all"),
            ("enable.idempotence", "true"),
            ("linger.ms", "0"),
            ("batch.size", "65536"),
            ("retry.backoff.ms", "10"),
            ("retry.backoff.max.ms", "100"),
            ("delivery.timeout.ms", &wait),
            ("max.block.ms", &wait),
        ];
        let properties = self.with(&usual, more);
        let config = ProducerConfig::new(&properties).map_err(fault("set up a writer of the log"))?;
        let producer = KafkaProducer::new(config, ByteArraySerializer::new(), ByteArraySerializer::new())
            .map_err(fault("start a writer of the log"))?;
        Ok(Sender { producer: Some(producer), ended: OnceLock::new() })
    }

    fn with(&self, usual: &[(&str, &str)], more: &[(&str, &str)]) -> HashMap<String, String> {
        let mut properties = self.common.clone();
        properties.extend(usual.iter().chain(more).map(|&(key, value)| (key.to_owned(), value.to_owned())));
        properties
    }
}

/// Closes a client in the background. Without a runtime the process ends, and the client with it.
fn in_background(client: &'static str, close: impl Future<Output = Result<(), Error>> + Send + 'static) {
    if let Ok(runtime) = Handle::try_current() {
        runtime.spawn(async move {
            if let Err(error) = close.await {
                tracing::debug!(%error, "{client} was not closed cleanly");
            }
        });
    }
}

/// A reader with positions of its own.
pub(super) struct Tail {
    consumer: Option<RawConsumer>,
}

impl Tail {
    fn consumer(&mut self) -> &mut RawConsumer {
        self.consumer.as_mut().unwrap_or_else(|| unreachable!("it is taken only at the end"))
    }

    /// Reads these partitions from now on. Those that it read before stay where they are; a new one
    /// needs its position by `seek`.
    pub(super) async fn assign(&mut self, partitions: Vec<TopicPartition>) -> Result<(), Fault> {
        self.consumer().assign(partitions).await.map_err(fault("take up partitions of the log"))
    }

    pub(super) async fn seek(&mut self, at: TopicPartition, next: u64) -> Result<(), Fault> {
        let next = i64::try_from(next).map_err(|error| Fault::new("resume reading the log", error))?;
        self.consumer().seek_with_offset(at, next).await.map_err(fault("resume reading the log"))
    }

    /// Waits for records. A dropped wait loses none.
    pub(super) async fn poll(&mut self, longest: Duration) -> Result<ConsumerRecords<Bytes, Bytes>, Fault> {
        let mut polled = self.consumer().poll(longest).await;
        for _ in 0..STALE_ERRORS {
            if !is_stale(&polled) {
                break;
            }
            polled = self.consumer().poll(longest).await;
        }
        polled.map_err(fault("read the log"))
    }

    /// The offset behind everything that was read, also behind what is no record.
    pub(super) async fn position(&mut self, at: &TopicPartition) -> Result<u64, Fault> {
        let mut position = self.consumer().position(at).await;
        for _ in 0..STALE_ERRORS {
            if !is_stale(&position) {
                break;
            }
            position = self.consumer().position(at).await;
        }
        let position = position.map_err(fault("read the position in the log"))?;
        u64::try_from(position).map_err(|error| Fault::new("read the position in the log", error))
    }
}

/// Whether the client complains of a partition that has no place. Each is given one right after it
/// is taken up; the client may have looked between the two, and says so later.
fn is_stale<T>(answer: &Result<T, Error>) -> bool {
    answer.as_ref().is_err_and(Error::is_consumer_no_offset_for_partition_error)
}

/// Where partitions end, or shall be read up to.
type Ends = HashMap<TopicPartition, u64>;

impl Tail {
    /// Reads all that is committed in these partitions now, and shows it.
    pub(super) async fn read_all(
        &mut self,
        topics: &Topics,
        partitions: Vec<TopicPartition>,
        each: impl FnMut(&ConsumerRecords<Bytes, Bytes>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let extents = topics.extents(&partitions).await?;
        let ends = topics.committed_ends(&partitions).await?;
        self.assign(partitions).await?;
        for (at, extent) in extents {
            self.seek(at, extent.first).await?;
        }
        self.read_up_to(ends, each).await
    }

    /// Reads until all these ends are reached, and shows what it reads.
    pub(super) async fn read_up_to(
        &mut self,
        mut ends: Ends,
        mut each: impl FnMut(&ConsumerRecords<Bytes, Bytes>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        loop {
            let mut reached = Vec::new();
            for (at, end) in &ends {
                if self.position(at).await? >= *end {
                    reached.push(at.clone());
                }
            }
            ends.retain(|at, _| !reached.contains(at));
            if ends.is_empty() {
                return Ok(());
            }
            each(&self.poll(NEWS).await?)?;
        }
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        if let Some(mut consumer) = self.consumer.take() {
            in_background("consumer", async move { consumer.close().await });
        }
    }
}

/// A member of the group of owners. When dropped it goes silent, as if its process died;
/// [`leave`](Self::leave) releases its partitions at once.
pub(super) struct Member {
    consumer: Option<RawConsumer>,
}

impl Member {
    pub(super) fn consumer(&mut self) -> &mut RawConsumer {
        self.consumer.as_mut().unwrap_or_else(|| unreachable!("it is taken only at the end"))
    }

    pub(super) async fn leave(mut self) -> Result<(), Fault> {
        let options = CloseOptions::new_with_timeout(CLOSE)
            .with_group_membership_operation(GroupMembershipOperation::LeaveGroup);
        let closed = self.consumer().close_with_options(options).await;
        self.consumer = None;
        closed.map_err(fault("leave the group of owners"))
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if let Some(mut consumer) = self.consumer.take() {
            let options = CloseOptions::new_with_timeout(Duration::ZERO)
                .with_group_membership_operation(GroupMembershipOperation::RemainInGroup);
            in_background("group member", async move { consumer.close_with_options(options).await });
        }
    }
}

/// A writer. Dropped, it forgets what was not sent.
pub(super) struct Sender {
    producer: Option<RawProducer>,
    /// Whether it refuses every record from now on, as after a fatal error.
    pub(super) ended: OnceLock<()>,
}

/// One record on its way.
pub(super) type OnItsWay = confluent_kafka::common::KafkaFuture<confluent_kafka::producer::RecordMetadata>;

impl Sender {
    pub(super) fn producer(&self) -> &RawProducer {
        self.producer.as_ref().unwrap_or_else(|| unreachable!("it is taken only at the end"))
    }

    /// Queues a record; the answer says how it went.
    pub(super) async fn send(
        &self,
        topic: String,
        partition: u16,
        key: &[u8],
        value: Option<&[u8]>,
    ) -> Result<OnItsWay, Fault> {
        self.send_with(topic, partition, key, value, RecordHeaders::new()).await
    }

    pub(super) async fn send_with(
        &self,
        topic: String,
        partition: u16,
        key: &[u8],
        value: Option<&[u8]>,
        headers: RecordHeaders,
    ) -> Result<OnItsWay, Fault> {
        let partition = Some(i32::from(partition));
        let record = ProducerRecord::with_partition_key_headers(topic, partition, Some(key), value, headers)
            .map_err(|error| Fault::new("encode a record", error))?;
        let sent = KafkaProducer::send(self.producer(), record, None).await;
        if sent.as_ref().is_err_and(|error| !error.is_retriable_error()) {
            self.ended.get_or_init(|| ());
        }
        sent.map_err(fault("hand a record to the log"))
    }

    /// Sends what is queued, then takes no more.
    pub(super) async fn close(&self) -> Result<(), Fault> {
        self.producer().close_with_timeout(CLOSE).await.map_err(fault("close a writer of the log"))
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        if let Some(producer) = self.producer.take() {
            in_background("producer", async move { producer.close_with_timeout(Duration::ZERO).await });
        }
    }
}
