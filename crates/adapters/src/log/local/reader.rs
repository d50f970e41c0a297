//! What one service reads: all partitions of its topics of all lanes, also of lanes that come
//! later.
//!
//! Promises: order within each partition, nothing left out. Never: keeps a position; the service's
//! own database does.

use std::{collections::HashMap, sync::Arc};

use kernel::{Fault, limits, topic::Service};
use stream::{Position, Record, port::Reader};

use super::{Core, cursor::Cursor, row::TopicPartition};
use crate::log::back_off;

/// One service's reading of the log. It begins at the first record unless `seek` says otherwise.
pub struct LocalReader {
    core: Arc<Core>,
    cursor: Cursor,
}

impl LocalReader {
    pub(super) fn new(core: Arc<Core>, service: Service) -> Self {
        let cursor = Cursor::new(Arc::clone(&core.shared), service, None, limits::RECORDS_PER_PROJECTION);
        Self { core, cursor }
    }

    /// The positions in this log's numbers. One in a topic that the log does not know means that
    /// the log lost records.
    fn numbered(&self, positions: Vec<Position>) -> Result<HashMap<TopicPartition, u64>, Fault> {
        let shared = &self.core.shared;
        let board = shared.board.lock();
        let mut numbered = HashMap::new();
        for position in positions.into_iter().filter(|position| position.next > 0) {
            let lost = || shared.failure.refuse(format!("the log lost the topic {}", position.topic));
            let topic = board.number(position.topic).ok_or_else(lost)?;
            numbered.insert(TopicPartition { topic, partition: position.partition }, position.next);
        }
        Ok(numbered)
    }
}

impl Reader for LocalReader {
    async fn seek(&mut self, positions: Vec<Position>) -> Result<(), Fault> {
        if self.cursor.stopped() {
            return Ok(());
        }
        let positions = self.numbered(positions)?;
        self.cursor.seek(positions)
    }

    async fn next_batch(&mut self) -> Result<Option<Vec<Record>>, Fault> {
        self.cursor.next_batch().await
    }

    async fn back_off(&mut self, fault: Fault, attempt: u32) {
        if !self.cursor.stopped() {
            back_off(&fault, attempt).await;
        }
    }
}
