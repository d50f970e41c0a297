//! What one service reads: all partitions of its topics of all lanes, also of lanes that come
//! later.
//!
//! Promises: order within each partition, nothing left out; a position that the log does not hold
//! any more is a fault. Never: keeps a position; the service's own database does.

use std::{collections::HashMap, sync::Arc, time::Duration};

use confluent_kafka::common::TopicPartition;
use kernel::{
    Fault, limits,
    topic::{PARTITIONS, Service, Topic},
};
use stream::{Position, Record, port::Reader};

use super::{Core, backlog::Backlog, client::Tail, lanes::Known};
use crate::log::back_off;

/// Longest wait for records, after which the wait starts over.
const NEWS: Duration = Duration::from_secs(1);

/// One service's reading of the log. It begins at the first record unless `seek` says otherwise.
pub struct KafkaReader {
    core: Arc<Core>,
    service: Service,
    /// None until the first read or seek.
    reading: Option<Reading>,
    backlog: Backlog,
}

struct Reading {
    tail: Tail,
    known: Arc<Known>,
}

impl KafkaReader {
    pub(super) fn new(core: Arc<Core>, service: Service) -> Self {
        Self { core, service, reading: None, backlog: Backlog::default() }
    }

    /// Reads everything from these positions on, and from the beginning where there is none.
    async fn begin(&mut self, positions: &Positions) -> Result<(), Fault> {
        self.backlog.clear();
        let mut tail = match self.reading.take() {
            Some(reading) => reading.tail,
            None => self.core.clients.tail()?,
        };
        let known = self.core.lanes.heard_of(positions.keys().map(|(topic, _)| topic.lane)).await?;
        check(&self.core, self.service, &known, positions).await?;
        // Records read before the seek must not move the position.
        tail.assign(Vec::new()).await?;
        extend(&self.core, self.service, &mut tail, &Known::new(), &known, positions).await?;
        self.reading = Some(Reading { tail, known });
        Ok(())
    }
}

/// What is to be read, by place.
type Positions = HashMap<(Topic, u16), u64>;

/// Checks that the log still holds the records before these positions. Otherwise it lost data, and
/// the process must exit.
async fn check(core: &Core, service: Service, known: &Known, positions: &Positions) -> Result<(), Fault> {
    let mut asked = Vec::new();
    for (&(topic, n), &next) in positions {
        let is_known = known.get(&topic.lane).is_some_and(|topics| topics.contains_key(&topic.action));
        if !is_known || topic.action.target() != service {
            return Err(core.failure.refuse(format!("{topic} was read up to {next}, which the log lacks")));
        }
        asked.push((TopicPartition::new(core.names.topic(topic), i32::from(n)), next));
    }
    let places: Vec<_> = asked.iter().map(|(at, _)| at.clone()).collect();
    let extents = core.topics.extents(&places).await?;
    for (at, next) in asked {
        if !extents.get(&at).is_some_and(|extent| (extent.first..=extent.next).contains(&next)) {
            return Err(core.failure.refuse(format!("{at} was read up to {next}, which the log lacks")));
        }
    }
    Ok(())
}

/// Reads also the partitions of lanes that are in `known` and not in `before`.
async fn extend(
    core: &Core,
    service: Service,
    tail: &mut Tail,
    before: &Known,
    known: &Known,
    positions: &Positions,
) -> Result<(), Fault> {
    let read: Vec<_> = core.lanes.read_by(known, service, 0..PARTITIONS).collect();
    tail.assign(read.iter().map(|(_, at)| at.clone()).collect()).await?;
    for (topic, at) in read.into_iter().filter(|(topic, _)| !before.contains_key(&topic.lane)) {
        let n = u16::try_from(at.partition()).map_err(|error| Fault::new("resume reading the log", error))?;
        let next = positions.get(&(topic, n)).copied().unwrap_or(0);
        tail.seek(at, next).await?;
    }
    Ok(())
}

impl Reader for KafkaReader {
    async fn seek(&mut self, positions: Vec<Position>) -> Result<(), Fault> {
        if self.core.stop.is_cancelled() {
            return Ok(());
        }
        let positions = positions.into_iter().filter(|position| position.next > 0);
        self.begin(&positions.map(|at| ((at.topic, at.partition), at.next)).collect()).await
    }

    async fn next_batch(&mut self) -> Result<Option<Vec<Record>>, Fault> {
        if self.reading.is_none() && !self.core.stop.is_cancelled() {
            self.begin(&HashMap::new()).await?;
        }
        let mut lanes = self.core.lanes.watch();
        loop {
            if self.core.stop.is_cancelled() {
                return Ok(None);
            }
            let reading = self.reading.as_mut();
            let reading = reading.ok_or_else(|| Fault::new("read the log", "the reader must seek"))?;
            let known = Arc::clone(&lanes.borrow_and_update());
            if !Arc::ptr_eq(&known, &reading.known) {
                let before = &reading.known;
                extend(&self.core, self.service, &mut reading.tail, before, &known, &HashMap::new()).await?;
                reading.known = known;
            }
            if !self.backlog.is_empty() {
                return Ok(Some(self.backlog.take(limits::RECORDS_PER_PROJECTION)));
            }
            // A wait that is broken off by one of the others has read nothing.
            let fetched = tokio::select! {
                fetched = reading.tail.poll(NEWS) => Some(fetched?),
                _ = lanes.changed() => None,
                () = self.core.stop.cancelled() => None,
            };
            if let Some(fetched) = fetched {
                self.backlog.fill(&self.core.names, &fetched)?;
            }
        }
    }

    async fn back_off(&mut self, fault: Fault, attempt: u32) {
        if !self.core.stop.is_cancelled() {
            back_off(&fault, attempt).await;
        }
    }
}
