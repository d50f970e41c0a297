//! A partition's log with metrics: who owns it, and what was decided there.
//!
//! Promises: a decision counts once it is committed, and where it was committed; a dead letter is
//! logged. Never: changes what passes through.

use adapters::log::log_dead_letter;
use kernel::{Fault, topic::Action};
use metrics::{counter, gauge};
use stream::{Batch, Record, Row, port::PartitionLog};

use crate::telemetry::{BOOKINGS_DECIDED, SEAT_PARTITIONS_OWNED};

pub(super) struct Measured<L> {
    log: L,
    owned: bool,
}

impl<L> Measured<L> {
    pub(super) fn new(log: L) -> Self {
        // So that it shows also before there is something to count.
        gauge!(SEAT_PARTITIONS_OWNED).increment(0);
        Self { log, owned: false }
    }

    fn set_owned(&mut self, owned: bool) {
        match (self.owned, owned) {
            (false, true) => gauge!(SEAT_PARTITIONS_OWNED).increment(1),
            (true, false) => gauge!(SEAT_PARTITIONS_OWNED).decrement(1),
            _ => {}
        }
        self.owned = owned;
    }
}

impl<L: PartitionLog> PartitionLog for Measured<L> {
    async fn restore(&mut self) -> Result<Vec<Row>, Fault> {
        let rows = self.log.restore().await?;
        self.set_owned(true);
        Ok(rows)
    }

    async fn next_batch(&mut self) -> Result<Option<Vec<Record>>, Fault> {
        let batch = self.log.next_batch().await?;
        if batch.is_none() {
            self.set_owned(false);
        }
        Ok(batch)
    }

    async fn commit(&mut self, batch: Batch) -> Result<(), Fault> {
        let sent = |action| batch.outgoing.iter().filter(|message| message.topic.action == action).count();
        let granted = sent(Action::UpdateBookingStatusToPendingPayment);
        let failed = sent(Action::BookingStatusToFailed);
        let letters = batch.dead_letters.clone();
        self.log.commit(batch).await?;
        letters.iter().for_each(log_dead_letter);
        counter!(BOOKINGS_DECIDED, "outcome" => "granted").increment(granted as u64);
        counter!(BOOKINGS_DECIDED, "outcome" => "failed").increment(failed as u64);
        Ok(())
    }

    async fn back_off(&mut self, fault: Fault, attempt: u32) {
        self.set_owned(false);
        self.log.back_off(fault, attempt).await;
    }
}
