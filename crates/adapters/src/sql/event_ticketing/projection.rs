//! The store as the reader of the log changes it: one transaction per batch of records, with the
//! positions and the messages for the seat engine.
//!
//! Promises what [`HoldStore`] asks. Never: a statement per seat.

use std::collections::BTreeMap;

use async_trait::async_trait;
use event_ticketing::{
    HoldStatus,
    domain::holds::{Followed, HoldBatch, HoldChange, HoldMessage},
    ports::HoldStore,
};
use kernel::{Fault, message::Hold};
use serde_json::json;
use stream::{Position, Record};

use super::rows::{HoldRow, MinuteRow, TicketRow};
use crate::{
    failpoint::{Point, hit},
    sql::{Database, Moves, Positions, SqlFault, Tx, keep_dead_letters, outbox},
};

/// Holds, tickets and figures in SQL, and how far the log was read.
pub struct SqlHolds {
    database: Database,
    positions: Positions,
}

impl SqlHolds {
    pub fn new(database: Database) -> Self {
        Self { database, positions: Positions::default() }
    }

    async fn store(&mut self, records: &[Record], batch: HoldBatch) -> Result<(), SqlFault> {
        let moves = self.positions.past(records)?;
        hit(Point::TicketsRead);
        let moved = moves.clone();
        self.database.write((batch, moves), |(batch, moves), tx| Box::pin(store(batch, moves, tx))).await?;
        hit(Point::TicketsCommitted);
        self.positions.moved(&moved);
        Ok(())
    }
}

#[async_trait]
impl HoldStore for SqlHolds {
    async fn positions(&mut self) -> Result<Vec<Position>, Fault> {
        let loaded = self.positions.load(&self.database).await;
        loaded.map_err(|fault| fault.doing("read the positions of event_ticketing"))
    }

    async fn apply(&mut self, records: &[Record], batch: HoldBatch) -> Result<(), Fault> {
        self.store(records, batch).await.map_err(|fault| fault.doing("follow the holds"))
    }
}

async fn store(batch: &HoldBatch, moves: &Moves, tx: &mut Tx) -> Result<(), SqlFault> {
    // First, as a fence: a reader that was replaced gets no further.
    moves.make(tx).await?;
    hit(Point::TicketsMoved);
    let known = known(tx, &batch.messages).await?;
    let followed = batch.decide(&known);
    tx.insert(followed.holds.iter().map(|change| HoldRow::of(change.grant.hold, change.after))).await?;
    store_tickets(tx, &followed.holds).await?;
    store_figures(tx, &followed).await?;
    hit(Point::TicketsRowsWritten);
    outbox::append(tx, &followed.messages).await?;
    keep_dead_letters(tx, &batch.dead_letters, batch.read_at).await?;
    hit(Point::TicketsWritten);
    Ok(())
}

/// How far the holds of these messages have come so far.
async fn known(tx: &mut Tx, messages: &[HoldMessage]) -> Result<BTreeMap<Hold, HoldStatus>, SqlFault> {
    let named = messages.iter().map(|message| HoldRow::of(message.grant.hold, message.asked));
    let rows: Vec<HoldRow> = tx.all_bulk(HoldRow::NAMED, named).await?;
    rows.iter().map(HoldRow::hold).collect()
}

/// Tickets go first, then come: a seat that changes hands within one batch is free before it is
/// taken.
async fn store_tickets(tx: &mut Tx, holds: &[HoldChange]) -> Result<(), SqlFault> {
    let of = |HoldChange { grant, after, at, .. }: &HoldChange| {
        json!({ "booking": grant.hold.booking_id.to_string(), "hold": grant.hold.number,
                "status": after.as_str(), "since": at.as_millis() })
    };
    let had_tickets = |change: &&HoldChange| change.before.and_then(HoldStatus::tickets).is_some();
    let released = |change: &&HoldChange| change.after.tickets().is_none();
    let gone = holds.iter().filter(had_tickets).filter(released).map(of);
    tx.execute_bulk(
        "DELETE FROM ticket WHERE (booking_id, hold_no) IN
         (SELECT value ->> 'booking', CAST(value ->> 'hold' AS BIGINT) FROM jsonb_each($1))",
        gone,
    )
    .await?;
    let forward = holds.iter().filter(had_tickets).filter(|c| !released(c)).map(of);
    tx.execute_bulk(
        "UPDATE ticket SET status = moved.status, since_ms = moved.since_ms
         FROM (SELECT value ->> 'booking' AS booking_id, CAST(value ->> 'hold' AS BIGINT) AS hold_no,
                      value ->> 'status' AS status, CAST(value ->> 'since' AS BIGINT) AS since_ms
               FROM jsonb_each($1)) AS moved
         WHERE ticket.booking_id = moved.booking_id AND ticket.hold_no = moved.hold_no",
        forward,
    )
    .await?;
    let fresh = holds.iter().filter(|change| change.before.is_none()).filter(|change| !released(change));
    tx.insert(fresh.flat_map(TicketRow::all_of)).await
}

async fn store_figures(tx: &mut Tx, followed: &Followed) -> Result<(), SqlFault> {
    let sections = followed.sales.sections.iter().filter(|(_, delta)| !delta.is_zero());
    let sections = sections.map(|((event, section), delta)| {
        let (reserved, sold, revenue) = (delta.reserved, delta.sold, delta.revenue_minor);
        json!({ "event": event.to_string(), "section": section.as_str(), "available": delta.available,
                "reserved": reserved, "sold": sold, "revenue": revenue })
    });
    tx.execute_bulk(
        "UPDATE event_section SET available = event_section.available + delta.available,
                reserved = event_section.reserved + delta.reserved, sold = event_section.sold + delta.sold,
                revenue_minor = event_section.revenue_minor + delta.revenue
         FROM (SELECT value ->> 'event' AS event_id, value ->> 'section' AS name,
                      CAST(value ->> 'available' AS BIGINT) AS available,
                      CAST(value ->> 'reserved' AS BIGINT) AS reserved, CAST(value ->> 'sold' AS BIGINT) AS sold,
                      CAST(value ->> 'revenue' AS BIGINT) AS revenue
               FROM jsonb_each($1)) AS delta
         WHERE event_section.event_id = delta.event_id AND event_section.name = delta.name",
        sections,
    )
    .await?;
    let minutes = followed.sales.minutes.iter();
    tx.insert(minutes.map(|((event, minute), delta)| MinuteRow::of(*event, *minute, *delta))).await
}
