//! What must hold, looked at from outside: at a sample of moments, and when everything has come to
//! rest.
//!
//! Promises: the audit's checks run here too; no rule is shared with the services. Truth is what
//! the log in memory saw the owners consume, in order. Never: reads a record of the log twice: what
//! only grows is checked as far as it has grown.

mod evidence;
mod reading;
mod reference;
mod rest;

use kernel::topic::PARTITIONS;
use seat_reservation::SeatEngine;
use stream::exactly_once::Handler;

use crate::{sql::locked, town::Town};

pub(crate) use evidence::count_orphans;
pub(crate) use reading::Reading;
pub(crate) use rest::{at_rest, settled};

/// What holds at every moment; what the audit says of it.
pub(crate) fn always(town: &Town) -> audit::Report {
    let mut reading = locked(&town.reading);
    reading.catch_up(town);
    for partition in 0..PARTITIONS {
        if let Some(engine) = reading.engine(partition) {
            store_is_the_log(town, partition, engine);
        }
    }
    evidence::audit(town, &mut reading)
}

/// I8, I11, I15 and what the naive finder saw, of the whole run.
pub(crate) fn finder(town: &Town) -> reference::Seen {
    let mut reading = locked(&town.reading);
    reading.catch_up(town);
    reference::agrees(town, &reading)
}

/// I2, I3: the rows are what the engine makes of the records, byte for byte, and its own invariants
/// hold.
fn store_is_the_log(town: &Town, partition: u16, engine: &SeatEngine) {
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
