//! Who owns which partition. A Kafka consumer group assigns the partitions of one topic; the member
//! that gets partition `n` owns `n` of all seat topics of all lanes (ADR 011).
//!
//! Promises: a revoked partition is released only when the batch in flight is committed or long
//! overdue; a graceful shutdown leaves the group at once; the answer is that of the brokers, not of
//! an old assignment. Never: reads a record.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use confluent_kafka::{
    common::{Error, TopicPartition},
    consumer::{Consumer, ConsumerHandle, ConsumerRebalanceListener},
};
use kernel::{
    Fault,
    topic::{Action, Lane, PARTITIONS, Topic},
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    client::{Clients, Member, fault},
    names::Names,
};

/// Between two looks at the group and at what is asked.
const TICK: Duration = Duration::from_millis(20);
/// How long a revoked partition may take to commit its batch in flight.
const HAND_OVER: Duration = Duration::from_secs(5);
/// How long the brokers may take to confirm an owner.
const CONFIRM: Duration = Duration::from_secs(5);
/// From a failed membership to the next.
const JOIN_AGAIN: Duration = Duration::from_millis(500);

/// The term of an ownership. It rises with each assignment.
pub(super) type Term = u64;

struct Seat {
    owner: watch::Sender<Option<Term>>,
    /// Whether a batch is in flight: records were read that are not committed yet. It must not end
    /// after another process owns the partition.
    in_hand: watch::Sender<bool>,
}

/// The reply channel of a caller that asks whether this process is still in the group.
type Ask = oneshot::Sender<Result<(), Fault>>;

/// This process in the group of owners.
pub(super) struct Membership {
    shared: Arc<Shared>,
    asks: mpsc::UnboundedSender<Ask>,
}

struct Shared {
    topic: String,
    /// A topic partition without a group offset. A query of offsets of a partition that is taken
    /// over would wait until the open transaction of its dead owner times out, since only the
    /// successor, which asks, ends it.
    never_committed: [TopicPartition; 1],
    seats: [Seat; PARTITIONS as usize],
    terms: AtomicU64,
}

impl Membership {
    /// A membership and the task that keeps it up until `stop`.
    pub(super) fn new(
        clients: Clients,
        names: &Names,
        stop: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let shared = Arc::new(Shared {
            topic: names.topic(Topic::new(Lane::Shared, Action::TicketReserveRequest)),
            never_committed: [TopicPartition::new(names.lanes(), 0)],
            seats: std::array::from_fn(|_| Seat {
                owner: watch::Sender::new(None),
                in_hand: watch::Sender::new(false),
            }),
            terms: AtomicU64::new(0),
        });
        let (asks, asked) = mpsc::unbounded_channel();
        let task = Arc::clone(&shared).run(clients, asked, stop);
        (Self { shared, asks }, task)
    }

    /// The term in which this process owns the partition, as it changes.
    pub(super) fn owner(&self, partition: u16) -> watch::Receiver<Option<Term>> {
        self.shared.seat(partition).owner.subscribe()
    }

    /// Asks the brokers whether this process is still the member that it thinks it is. A process
    /// that was suspended is not. One that is suspended between this answer and its fence may fence
    /// its successor, which then restores again (ADR 010).
    pub(super) async fn confirm(&self) -> Result<(), Fault> {
        let gone = |_| Fault::new("confirm an owner", "this process has left the group");
        let (answer, confirmed) = oneshot::channel();
        self.asks.send(answer).map_err(|_| Fault::new("confirm an owner", "stopped"))?;
        confirmed.await.map_err(gone)?
    }

    /// Whether this process owns the partition in this term.
    pub(super) fn has(&self, partition: u16, term: Term) -> bool {
        *self.shared.seat(partition).owner.borrow() == Some(term)
    }

    /// Says that records of the partition were read and not committed yet, or no longer so.
    pub(super) fn set_in_hand(&self, partition: u16, in_hand: bool) {
        self.shared.seat(partition).in_hand.send_replace(in_hand);
    }
}

impl Shared {
    fn seat(&self, partition: u16) -> &Seat {
        &self.seats[usize::from(partition)]
    }

    async fn run(
        self: Arc<Self>,
        clients: Clients,
        mut asked: mpsc::UnboundedReceiver<Ask>,
        stop: CancellationToken,
    ) {
        while let Err(fault) = self.take_part(&clients, &mut asked, &stop).await {
            super::warn(&fault, "the membership of the group failed; rejoining");
            sleep(JOIN_AGAIN).await;
        }
    }

    /// Stays a member until it is stopped, or until polling the group fails.
    async fn take_part(
        self: &Arc<Self>,
        clients: &Clients,
        asked: &mut mpsc::UnboundedReceiver<Ask>,
        stop: &CancellationToken,
    ) -> Result<(), Fault> {
        let mut member = clients.member()?;
        let handle = member.consumer().handle();
        let listener = Listener { shared: Arc::clone(self), handle };
        let joined =
            member.consumer().subscribe_with_topics_listener(vec![self.topic.clone()], Arc::new(listener));
        joined.await.map_err(fault("join the group of owners"))?;
        let watched = self.watch(&mut member, asked, stop).await;
        self.withdraw(&(0..PARTITIONS).collect::<Vec<_>>()).await;
        watched?;
        if let Err(fault) = member.leave().await {
            super::warn(
                &fault,
                "the group was not left cleanly; another process takes over after the session timeout",
            );
        }
        Ok(())
    }

    async fn watch(
        &self,
        member: &mut Member,
        asked: &mut mpsc::UnboundedReceiver<Ask>,
        stop: &CancellationToken,
    ) -> Result<(), Fault> {
        while !stop.is_cancelled() {
            // Never dropped half-way: the listener runs inside. A client reports once that the
            // brokers refused it, and then never polls again.
            member.consumer().poll(TICK).await.map_err(fault("stay in the group of owners"))?;
            self.answer(member, asked).await;
        }
        Ok(())
    }

    /// Answers all who ask with one question to the brokers, which refuse it when this member was
    /// replaced.
    async fn answer(&self, member: &mut Member, asked: &mut mpsc::UnboundedReceiver<Ask>) {
        let asks: Vec<_> = std::iter::from_fn(|| asked.try_recv().ok()).collect();
        if asks.is_empty() {
            return;
        }
        let confirmed = member.consumer().committed_with_timeout(&self.never_committed, CONFIRM).await;
        let confirmed = confirmed.map(drop).map_err(|error| error.to_string());
        for ask in asks {
            // Who asked may have gone.
            let _ = ask.send(confirmed.clone().map_err(|error| Fault::new("confirm an owner", error)));
        }
    }

    fn grant(&self, partitions: &[u16]) {
        for &n in partitions {
            self.seat(n).owner.send_replace(Some(self.terms.fetch_add(1, Ordering::Relaxed)));
        }
    }

    fn take_away(&self, partitions: &[u16]) {
        for &n in partitions {
            self.seat(n).owner.send_replace(None);
        }
    }

    /// Revokes partitions and waits until their batches in flight are committed.
    async fn withdraw(&self, partitions: &[u16]) {
        self.take_away(partitions);
        let committed = async {
            for &n in partitions {
                // The sender lives in `self`.
                let _ = self.seat(n).in_hand.subscribe().wait_for(|in_hand| !in_hand).await;
            }
        };
        if timeout(HAND_OVER, committed).await.is_err() {
            tracing::warn!("partition revoked with uncommitted records; they will be re-read");
        }
    }
}

struct Listener {
    shared: Arc<Shared>,
    handle: ConsumerHandle,
}

fn numbers(partitions: &[TopicPartition]) -> Vec<u16> {
    partitions.iter().filter_map(|at| u16::try_from(at.partition()).ok()).collect()
}

#[async_trait::async_trait]
impl ConsumerRebalanceListener for Listener {
    async fn on_partitions_assigned(&self, partitions: &[TopicPartition]) -> Result<(), Error> {
        // Their owners read them by themselves.
        self.handle.pause(partitions).await?;
        let given = numbers(partitions);
        if !given.is_empty() {
            tracing::info!(partitions = ?given, "partitions assigned");
        }
        self.shared.grant(&given);
        Ok(())
    }

    async fn on_partitions_revoked(&self, partitions: &[TopicPartition]) -> Result<(), Error> {
        let taken = numbers(partitions);
        tracing::info!(partitions = ?taken, "partitions revoked; another process takes over");
        self.shared.withdraw(&taken).await;
        Ok(())
    }

    async fn on_partitions_lost(&self, partitions: &[TopicPartition]) -> Result<(), Error> {
        let lost = numbers(partitions);
        tracing::warn!(partitions = ?lost, "partitions lost after the session timeout; rejoining the group");
        self.shared.take_away(&lost);
        Ok(())
    }
}
