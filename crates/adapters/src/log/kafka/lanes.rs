//! The known lanes and their topics. New lanes are announced on the compacted topic `lanes` (ADR
//! 011).
//!
//! Promises: a lane is announced only when its topics accept records, and a record is sent only to
//! an announced lane; so a reader that follows the lanes misses no record. Never: removes a lane.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use confluent_kafka::{common::TopicPartition, consumer::ConsumerRecords};
use kernel::{
    Fault,
    topic::{Action, Lane, Service, Topic},
};
use tokio::{
    sync::{Mutex, watch},
    time::{sleep, timeout},
};

use super::{
    Failure, OpenError,
    change::TopicId,
    client::{Sender, Tail, fault},
    names::Names,
    topics::{Topics, Wanted},
};
use crate::failpoint::{Point, hit};

/// The topics of every lane, with the brokers' ids.
pub(super) type Known = BTreeMap<Lane, BTreeMap<Action, TopicId>>;

/// Longest wait for news, after which the wait starts over.
const NEWS: Duration = Duration::from_secs(10);
/// How long the announcement of a lane may take to arrive after another process has read from the
/// lane.
const HEARD: Duration = Duration::from_secs(5);
/// After a failed look at the lanes.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

pub(super) struct Lanes {
    topics: Arc<Topics>,
    names: Names,
    known: watch::Sender<Arc<Known>>,
    /// Held while a lane is created or learnt, so that this process does it once.
    making: Mutex<()>,
}

/// The topics of every lane. Events on sale are announced on the shared lane only.
fn actions(lane: Lane) -> impl Iterator<Item = Action> {
    Action::ALL.into_iter().filter(move |action| match lane {
        Lane::Shared => true,
        Lane::Own(_) => *action != Action::UpdateEventToOnSale,
    })
}

impl Lanes {
    pub(super) fn new(topics: Arc<Topics>, names: Names) -> Self {
        Self { topics, names, known: watch::Sender::default(), making: Mutex::new(()) }
    }

    pub(super) fn watch(&self) -> watch::Receiver<Arc<Known>> {
        self.known.subscribe()
    }

    /// All topics that are known.
    pub(super) fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.borrow())
    }

    /// All topics that are known, once these lanes are among them. Another process may have read
    /// from a lane that this one does not know yet.
    pub(super) async fn heard_of(&self, lanes: impl Iterator<Item = Lane>) -> Result<Arc<Known>, Fault> {
        let lanes: BTreeSet<Lane> = lanes.collect();
        let mut known = self.known.subscribe();
        let heard = known.wait_for(|known| lanes.iter().all(|lane| known.contains_key(lane)));
        // The sender lives in `self`.
        match timeout(HEARD, heard).await {
            Ok(Ok(known)) => Ok(Arc::clone(&known)),
            _ => Err(Fault::new("read a lane", "it is not known here yet")),
        }
    }

    /// Creates the shared lane, and the topic that announces the others.
    pub(super) async fn make_shared(&self) -> Result<(), OpenError> {
        let mut wanted = self.wanted(Lane::Shared);
        wanted.push(Wanted { name: self.names.lanes(), partitions: 1, compacted: true });
        let ids = self.topics.make(&wanted).await?;
        self.add(&[Lane::Shared], &ids);
        Ok(())
    }

    /// Reads which lanes there are. The tail resumes behind that.
    pub(super) async fn load(&self, tail: &mut Tail) -> Result<(), OpenError> {
        let at = TopicPartition::new(self.names.lanes(), 0);
        let extent = self.topics.extents(std::slice::from_ref(&at)).await?;
        let extent = *extent.get(&at).ok_or_else(|| Fault::new("read the lanes", "no offsets of them"))?;
        tail.assign(vec![at.clone()]).await?;
        tail.seek(at.clone(), extent.first).await?;
        let mut announced = vec![Lane::Shared];
        let collect = |records: &ConsumerRecords<Bytes, Bytes>| {
            announced.extend(Self::announced(records));
            Ok(())
        };
        tail.read_up_to(HashMap::from([(at, extent.next)]), collect).await?;
        self.learn(&announced).await
    }

    /// Learns of new lanes for as long as the log lives.
    pub(super) async fn follow(self: Arc<Self>, mut tail: Tail, failure: Failure) {
        loop {
            match tail.poll(NEWS).await {
                Ok(records) => self.learn_until_done(&Self::announced(&records), &failure).await,
                Err(fault) => {
                    super::warn(&fault, "the topic of lanes could not be read; trying again");
                    sleep(LOOK_AGAIN).await;
                }
            }
        }
    }

    async fn learn_until_done(&self, lanes: &[Lane], failure: &Failure) {
        loop {
            match self.learn(lanes).await {
                Ok(()) => return,
                Err(OpenError::Fault(fault)) => {
                    super::warn(&fault, "a new lane's topics could not be looked up; trying again");
                }
                Err(refused) => return failure.set(&refused.to_string()),
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Creates missing lanes, so that their first records can be sent.
    pub(super) async fn ensure(
        &self,
        topics: impl Iterator<Item = Topic>,
        teller: &Sender,
    ) -> Result<(), Fault> {
        let mut missing: Vec<Lane> =
            topics.map(|topic| topic.lane).filter(|lane| !self.known.borrow().contains_key(lane)).collect();
        missing.sort_unstable();
        missing.dedup();
        for lane in missing {
            self.open(lane, teller).await.map_err(|error| Fault::new("make a lane", error))?;
        }
        Ok(())
    }

    async fn open(&self, lane: Lane, teller: &Sender) -> Result<(), OpenError> {
        let _making = self.making.lock().await;
        if self.known.borrow().contains_key(&lane) {
            return Ok(());
        }
        let ids = self.topics.make(&self.wanted(lane)).await?;
        hit(Point::KafkaLaneMade);
        let announced = teller.send(self.names.lanes(), 0, lane.to_string().as_bytes(), Some(b"1")).await?;
        announced.get().await.map_err(fault("announce a new lane"))?;
        hit(Point::KafkaLaneAnnounced);
        self.add(&[lane], &ids);
        tracing::info!(%lane, "lane created");
        Ok(())
    }

    /// The partitions `which` of a service's topics in the lanes of `known`, with the topics that
    /// they belong to.
    pub(super) fn read_by<'a>(
        &'a self,
        known: &'a Known,
        service: Service,
        which: std::ops::Range<u16>,
    ) -> impl Iterator<Item = (Topic, TopicPartition)> + 'a {
        let topics =
            known.iter().flat_map(|(&lane, topics)| topics.keys().map(move |&action| Topic { lane, action }));
        topics.filter(move |topic| topic.action.target() == service).flat_map(move |topic| {
            let name: Arc<str> = self.names.topic(topic).into();
            which.clone().map(move |n| (topic, TopicPartition::new(Arc::clone(&name), i32::from(n))))
        })
    }

    fn announced(records: &ConsumerRecords<Bytes, Bytes>) -> Vec<Lane> {
        let names = records.into_iter().filter_map(|record| record.key());
        names.filter_map(|name| std::str::from_utf8(name).ok()?.parse().ok()).collect()
    }

    fn wanted(&self, lane: Lane) -> Vec<Wanted> {
        actions(lane).map(|action| Wanted::messages(self.names.topic(Topic { lane, action }))).collect()
    }

    async fn learn(&self, lanes: &[Lane]) -> Result<(), OpenError> {
        let _making = self.making.lock().await;
        let new: Vec<_> =
            lanes.iter().copied().filter(|lane| !self.known.borrow().contains_key(lane)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let wanted: Vec<_> = new.iter().flat_map(|&lane| self.wanted(lane)).collect();
        let ids = self.topics.ready(&wanted).await?;
        self.add(&new, &ids);
        Ok(())
    }

    fn add(&self, lanes: &[Lane], ids: &HashMap<String, TopicId>) {
        self.known.send_modify(|known| {
            let mut grown = Known::clone(known);
            for &lane in lanes {
                let topics = actions(lane).filter_map(|action| {
                    Some((action, ids.get(&self.names.topic(Topic { lane, action }))?.clone()))
                });
                grown.insert(lane, topics.collect());
            }
            *known = Arc::new(grown);
        });
    }
}
