//! What is known of the log without reading it: topics, the end of each topic partition, and who is
//! notified of new records.
//!
//! Promises: an end is published only after its records are synced; a reader that reads the board
//! and then listens misses nothing and is notified of nothing twice. Never: reads or writes
//! records.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Weak},
};

use kernel::topic::{Service, Topic};
use parking_lot::Mutex;
use rocksdb::DB;
use stream::Put;
use tokio::sync::Notify;

use super::{
    database::{self, ReadError},
    feed::Buffer,
    row::{TopicNumber, TopicPartition, Unreadable},
};

/// Where a topic partition ends: the offset that its next record will get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    pub(super) topic: Topic,
    pub(super) next: u64,
}

/// What one reader wants to hear of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interest {
    pub(super) service: Service,
    /// `None`: all of them.
    pub(super) partition: Option<u16>,
}

impl Interest {
    fn covers(self, topic: Topic, partition: u16) -> bool {
        topic.action.target() == self.service && self.partition.is_none_or(|wanted| wanted == partition)
    }
}

/// The ends that a reader has not seen yet: only the topic partitions that grew, however many there
/// are.
pub(super) struct Inbox {
    pub(super) interest: Interest,
    news: Mutex<News>,
    bell: Notify,
}

#[derive(Default)]
pub(super) struct News {
    pub(super) ends: BTreeMap<TopicPartition, End>,
    pub(super) stopped: bool,
}

impl Inbox {
    /// Takes the news, if any.
    pub(super) fn take(&self) -> News {
        let mut news = self.news.lock();
        News { ends: std::mem::take(&mut news.ends), stopped: news.stopped }
    }

    /// Waits until there may be news.
    pub(super) async fn wait(&self) {
        self.bell.notified().await;
    }

    fn notify(&self, at: TopicPartition, end: End) {
        if self.interest.covers(end.topic, at.partition) {
            self.news.lock().ends.insert(at, end);
            self.bell.notify_one();
        }
    }

    fn stop(&self) {
        self.news.lock().stopped = true;
        self.bell.notify_one();
    }
}

#[derive(Default)]
pub(super) struct Board {
    numbers: HashMap<Topic, TopicNumber>,
    ends: HashMap<TopicPartition, End>,
    inboxes: Vec<Weak<Inbox>>,
    feeds: Vec<Weak<Buffer>>,
    stopped: bool,
}

impl Board {
    /// Reloads topics and ends from the database; listeners stay registered.
    pub(super) fn load(&mut self, db: &DB) -> Result<(), ReadError> {
        let topics = database::topics(db)?;
        let names: HashMap<TopicNumber, Topic> =
            topics.iter().map(|(topic, number)| (*number, *topic)).collect();
        self.ends = HashMap::new();
        for (at, next) in database::ends(db)? {
            let topic = *names.get(&at.topic).ok_or_else(|| ReadError::Row {
                place: "topics".to_owned(),
                error: Unreadable(format!("topic number {} has records but no name", at.topic)),
            })?;
            self.ends.insert(at, End { topic, next });
        }
        self.numbers = topics.into_iter().collect();
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(super) fn number(&self, topic: Topic) -> Option<TopicNumber> {
        self.numbers.get(&topic).copied()
    }

    /// Gives a new topic the next number.
    pub(super) fn add_topic(&mut self, topic: Topic) -> TopicNumber {
        let number =
            TopicNumber::try_from(self.numbers.len()).unwrap_or_else(|_| unreachable!("four billion topics"));
        self.numbers.insert(topic, number);
        number
    }

    /// The offset that the next record of this topic partition gets.
    pub(super) fn end(&self, at: TopicPartition) -> u64 {
        self.ends.get(&at).map_or(0, |end| end.next)
    }

    pub(super) fn set_end(&mut self, at: TopicPartition, end: End) {
        self.ends.insert(at, end);
    }

    /// All ends of this interest.
    pub(super) fn ends_of(&self, interest: Interest) -> BTreeMap<TopicPartition, End> {
        let covered = self.ends.iter().filter(|(at, end)| interest.covers(end.topic, at.partition));
        covered.map(|(at, end)| (*at, *end)).collect()
    }

    /// An inbox that begins with all ends there are.
    pub(super) fn listen(&mut self, interest: Interest) -> Arc<Inbox> {
        let news = News { ends: self.ends_of(interest), stopped: self.stopped };
        let inbox = Arc::new(Inbox { interest, news: Mutex::new(news), bell: Notify::new() });
        self.inboxes.retain(|inbox| inbox.strong_count() > 0);
        self.inboxes.push(Arc::downgrade(&inbox));
        inbox
    }

    pub(super) fn feed(&mut self) -> Arc<Buffer> {
        let feed = Arc::new(Buffer::default());
        if self.stopped {
            feed.stop();
        }
        self.feeds.retain(|feed| feed.strong_count() > 0);
        self.feeds.push(Arc::downgrade(&feed));
        feed
    }

    /// Notifies the readers of new records and the feeds of changed rows.
    pub(super) fn notify(&self, grown: &BTreeMap<TopicPartition, End>, puts: &[Put]) {
        for inbox in self.inboxes.iter().filter_map(Weak::upgrade) {
            for (at, end) in grown {
                inbox.notify(*at, *end);
            }
        }
        if !puts.is_empty() {
            self.feeds.iter().filter_map(Weak::upgrade).for_each(|feed| feed.push(puts));
        }
    }

    /// After the log was opened again: publishes all ends, and that the feeds may have missed
    /// something.
    pub(super) fn notify_all(&self) {
        for inbox in self.inboxes.iter().filter_map(Weak::upgrade) {
            for (at, end) in &self.ends {
                inbox.notify(*at, *end);
            }
        }
        self.feeds.iter().filter_map(Weak::upgrade).for_each(|feed| feed.break_off());
    }

    /// Ends all reading.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
        self.inboxes.iter().filter_map(Weak::upgrade).for_each(|inbox| inbox.stop());
        self.feeds.iter().filter_map(Weak::upgrade).for_each(|feed| feed.stop());
    }

    pub(super) fn stopped(&self) -> bool {
        self.stopped
    }
}
