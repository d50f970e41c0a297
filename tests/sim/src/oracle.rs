//! What must hold, looked at from outside: at a sample of moments, and when everything has come to rest.
//!
//! Promises: the audit's checks run here too; no rule is shared with the services. Truth is what the log in memory saw the owners consume, in order.

mod evidence;
mod reference;
mod rest;

use std::collections::BTreeMap;

use kernel::topic::{PARTITIONS, Topic};
use seat_reservation::SeatEngine;
use stream::{
    exactly_once::{Effects, Handler},
    testing::Consumed,
};

use crate::town::Town;

pub(crate) use evidence::count_orphans;
pub(crate) use rest::{at_rest, settled};

/// What holds at every moment.
pub(crate) fn always(town: &Town) {
    for partition in 0..PARTITIONS {
        let consumed = town.log.consumed(partition);
        if !consumed.is_empty() {
            each_record_once(town, partition, &consumed);
            store_is_the_log(town, partition, &consumed);
        }
    }
    evidence::audit(town);
}

/// I8, I11, I15 and what the naive finder saw, of the whole run.
pub(crate) fn finder(town: &Town) -> reference::Seen {
    let mut seen = reference::Seen::default();
    for partition in 0..PARTITIONS {
        let consumed = town.log.consumed(partition);
        if !consumed.is_empty() {
            seen.merge(reference::agrees(town, partition, &consumed));
        }
    }
    seen
}

/// I10, I17: each record of each topic is consumed once, in order, and epochs only rise.
fn each_record_once(town: &Town, partition: u16, consumed: &[Consumed]) {
    let mut next: BTreeMap<Topic, u64> = BTreeMap::new();
    let mut epoch = 0;
    for commit in consumed {
        if commit.epoch < epoch {
            town.world.violated(format!("I17 partition {partition}: epoch {} after {epoch}", commit.epoch));
        }
        epoch = commit.epoch;
        for record in &commit.records {
            let next = next.entry(record.source.topic).or_default();
            if record.source.offset != *next {
                town.world.violated(format!("I10 {:?} is consumed where {next} is next", record.source));
            }
            *next = record.source.offset + 1;
        }
    }
}

/// I2, I3: the rows are what the engine makes of the records, byte for byte, and its own invariants hold.
fn store_is_the_log(town: &Town, partition: u16, consumed: &[Consumed]) {
    let mut engine = match SeatEngine::restore(Vec::new()) {
        Ok(engine) => engine,
        Err(fault) => return town.world.violated(format!("an empty engine is refused: {fault}")),
    };
    let mut effects = Effects::default();
    for record in consumed.iter().flat_map(|commit| &commit.records) {
        // A record that cannot be understood is a dead letter, which is looked for elsewhere.
        let _ = engine.handle(record, &mut effects);
    }
    let rows = town.log.rows(partition);
    if engine.rows() != rows {
        town.world.violated(format!("I3 the rows of partition {partition} are not what its log says"));
    }
    match SeatEngine::restore(rows) {
        Ok(restored) => {
            if let Err(broken) = restored.check() {
                town.world.violated(broken.to_string());
            }
        }
        Err(fault) => town.world.violated(format!("I3 the rows of partition {partition}: {fault}")),
    }
}
