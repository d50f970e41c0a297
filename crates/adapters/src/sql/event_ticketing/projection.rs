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
use kernel::{Fault, TicketId, message::Hold};
use serde::Serialize;
use stream::{Position, Record};
use uuid::Uuid;

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
    store_holds(tx, &followed.holds).await?;
    store_tickets(tx, &followed.holds).await?;
    store_figures(tx, &followed).await?;
    hit(Point::TicketsRowsWritten);
    outbox::append(tx, &followed.messages).await?;
    keep_dead_letters(tx, &batch.dead_letters, batch.read_at).await?;
    hit(Point::TicketsWritten);
    Ok(())
}

#[derive(Serialize)]
struct HoldRow {
    booking: String,
    hold: u64,
    status: &'static str,
}

fn hold_row(hold: Hold, status: HoldStatus) -> HoldRow {
    HoldRow { booking: hold.booking_id.to_string(), hold: hold.number, status: status.as_str() }
}

/// How far the holds of these messages have come so far.
async fn known(tx: &mut Tx, messages: &[HoldMessage]) -> Result<BTreeMap<Hold, HoldStatus>, SqlFault> {
    let rows: Vec<(String, i64, String)> = tx
        .all_bulk(
            "SELECT booking_id, hold_no, status FROM hold WHERE (booking_id, hold_no) IN
             (SELECT value ->> 'booking', CAST(value ->> 'hold' AS BIGINT) FROM jsonb_each($1))",
            messages.iter().map(|m| hold_row(m.grant.hold, m.asked)),
        )
        .await?;
    rows.into_iter()
        .map(|(booking, number, status)| {
            let impossible = |column| SqlFault::impossible("hold", &booking, column);
            let hold = Hold {
                booking_id: booking.parse().map_err(|_| impossible("booking_id"))?,
                number: u64::try_from(number).map_err(|_| impossible("hold_no"))?,
            };
            Ok((hold, status.parse().map_err(|_| impossible("status"))?))
        })
        .collect()
}

async fn store_holds(tx: &mut Tx, holds: &[HoldChange]) -> Result<(), SqlFault> {
    tx.execute_bulk(
        "INSERT INTO hold (booking_id, hold_no, status)
         SELECT value ->> 'booking', CAST(value ->> 'hold' AS BIGINT), value ->> 'status' FROM jsonb_each($1) WHERE true
         ON CONFLICT (booking_id, hold_no) DO UPDATE SET status = excluded.status",
        holds.iter().map(|change| hold_row(change.grant.hold, change.after)),
    )
    .await
    .map(drop)
}

#[derive(Serialize)]
struct TicketRow {
    event: String,
    section: String,
    subsection: u16,
    row: u16,
    seat: u16,
    id: String,
    code: String,
    booking: String,
    hold: u64,
    buyer: String,
    price: i64,
    currency: &'static str,
    status: &'static str,
    since: i64,
}

fn ticket_rows(change: &HoldChange) -> impl Iterator<Item = TicketRow> + '_ {
    let grant = &change.grant;
    grant.seats.iter().map(|place| TicketRow {
        event: grant.event_id.to_string(),
        section: grant.section.to_string(),
        subsection: place.subsection,
        row: place.row,
        seat: place.seat,
        id: TicketId::new(Uuid::new_v4()).to_string(),
        code: Uuid::new_v4().simple().to_string(),
        booking: grant.hold.booking_id.to_string(),
        hold: grant.hold.number,
        buyer: grant.buyer_id.to_string(),
        price: grant.unit_price.amount_minor,
        currency: grant.unit_price.currency.code(),
        status: change.after.as_str(),
        since: change.at.as_millis(),
    })
}

#[derive(Serialize)]
struct StatusRow {
    booking: String,
    hold: u64,
    status: &'static str,
    since: i64,
}

/// Tickets go first, then come: a seat that changes hands within one batch is free before it is
/// taken.
async fn store_tickets(tx: &mut Tx, holds: &[HoldChange]) -> Result<(), SqlFault> {
    let of = |change: &HoldChange| StatusRow {
        booking: change.grant.hold.booking_id.to_string(),
        hold: change.grant.hold.number,
        status: change.after.as_str(),
        since: change.at.as_millis(),
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
    let new = fresh.flat_map(ticket_rows);
    tx.execute_bulk(
        "INSERT INTO ticket (event_id, section, subsection_no, row_no, seat_no, id, code, booking_id, hold_no, buyer_id,
                             price_minor, currency, status, since_ms)
         SELECT value ->> 'event', value ->> 'section', CAST(value ->> 'subsection' AS BIGINT),
                CAST(value ->> 'row' AS BIGINT), CAST(value ->> 'seat' AS BIGINT), value ->> 'id', value ->> 'code',
                value ->> 'booking', CAST(value ->> 'hold' AS BIGINT), value ->> 'buyer',
                CAST(value ->> 'price' AS BIGINT), value ->> 'currency', value ->> 'status',
                CAST(value ->> 'since' AS BIGINT)
         FROM jsonb_each($1) WHERE true",
        new,
    )
    .await?;
    Ok(())
}

#[derive(Serialize)]
struct FigureRow {
    event: String,
    section: String,
    minute: i64,
    reserved: i64,
    sold: i64,
    revenue: i64,
}

async fn store_figures(tx: &mut Tx, followed: &Followed) -> Result<(), SqlFault> {
    let sections = followed.sales.sections.iter().filter(|(_, delta)| !delta.is_zero());
    let sections = sections.map(|((event, section), delta)| FigureRow {
        event: event.to_string(),
        section: section.to_string(),
        minute: 0,
        reserved: delta.reserved,
        sold: delta.sold,
        revenue: delta.revenue_minor,
    });
    tx.execute_bulk(
        "UPDATE event_section SET reserved = event_section.reserved + delta.reserved, sold = event_section.sold + delta.sold,
                revenue_minor = event_section.revenue_minor + delta.revenue
         FROM (SELECT value ->> 'event' AS event_id, value ->> 'section' AS name,
                      CAST(value ->> 'reserved' AS BIGINT) AS reserved, CAST(value ->> 'sold' AS BIGINT) AS sold,
                      CAST(value ->> 'revenue' AS BIGINT) AS revenue
               FROM jsonb_each($1)) AS delta
         WHERE event_section.event_id = delta.event_id AND event_section.name = delta.name",
        sections,
    )
    .await?;
    let minutes = followed.sales.minutes.iter().map(|((event, minute), delta)| FigureRow {
        event: event.to_string(),
        section: String::new(),
        minute: minute.as_millis(),
        reserved: 0,
        sold: delta.sold,
        revenue: delta.revenue_minor,
    });
    tx.execute_bulk(
        "INSERT INTO sales_minute (event_id, minute_ms, sold, revenue_minor)
         SELECT value ->> 'event', CAST(value ->> 'minute' AS BIGINT), CAST(value ->> 'sold' AS BIGINT),
                CAST(value ->> 'revenue' AS BIGINT)
         FROM jsonb_each($1) WHERE true
         ON CONFLICT (event_id, minute_ms) DO UPDATE
         SET sold = sales_minute.sold + excluded.sold, revenue_minor = sales_minute.revenue_minor + excluded.revenue_minor",
        minutes,
    )
    .await?;
    Ok(())
}
