//! Collects the facts of a deployment: the log, the seat rows, and the rows of booking, `event_ticketing` and the payment sandbox.
//!
//! Promises: reads everything, or says what could not be read; changes nothing. Never: leaves out a row that it cannot understand.

use std::{
    collections::HashMap,
    time::{SystemTime, UNIX_EPOCH},
};

use adapters::sql::{DatabaseUrl, inspection::Inspection as SqlInspection};
use anyhow::{Context as _, anyhow};
use kernel::{
    Money, SeatNo, SeatPlace, SectionName,
    message::{Envelope, Hold},
    topic::{Service, Topic},
};
use seat_reservation::row::decode_row;

use super::{
    evidence::{BookingRow, BookingStatus, Evidence, Logged, PaymentRow, TicketRow},
    places::{Log, Places},
};

/// How many records each partition has, or how far it was read.
type Marks = HashMap<(Topic, u16), u64>;

/// Reads everything there is.
///
/// # Errors
/// When something cannot be read or understood.
pub async fn gather(places: &Places) -> anyhow::Result<Evidence> {
    let mut evidence = Evidence::default();
    let log = Log::open(&places.log).await.context("cannot open the log")?;
    let ends = records(&log, &mut evidence).await?;
    seat_rows(&log, &mut evidence).await?;
    evidence.dead_letters.extend(log.dead_letters().await?.into_iter().map(|letter| letter.reason));
    evidence.unlike_log = log.unlike(&places.checkpoints).await?;
    let seats = log.positions().await?.into_iter().map(|p| ((p.topic, p.partition), p.next)).collect();
    let mut read = HashMap::from([(Service::SeatReservation, seats)]);

    let booking = open(&places.booking).await?;
    read.insert(Service::Booking, positions(&booking).await?);
    bookings(&booking, &mut evidence).await?;
    undecided_money(&booking, &mut evidence).await?;
    let ticketing = open(&places.event_ticketing).await?;
    read.insert(Service::EventTicketing, positions(&ticketing).await?);
    tickets(&ticketing, &mut evidence).await?;
    for database in [&booking, &ticketing] {
        on_their_way(database, &mut evidence).await?;
    }
    payments(&open(&places.payment_sandbox).await?, &mut evidence).await?;
    evidence.unread = unread(&ends, &read);
    Ok(evidence)
}

async fn open(place: &DatabaseUrl) -> anyhow::Result<SqlInspection> {
    SqlInspection::open(place).await.with_context(|| format!("cannot open {place}"))
}

async fn records(log: &Log, evidence: &mut Evidence) -> anyhow::Result<Marks> {
    let mut ends = Marks::new();
    log.records(|record| {
        let source = record.source;
        ends.insert((source.topic, source.partition), source.offset + 1);
        // One that does not decode must be among the dead letters, which are a violation of their own.
        if let Ok(envelope) = Envelope::decode(record.payload) {
            let Envelope { source: caused_by, message, .. } = envelope;
            evidence.records.push(Logged { source, caused_by, message });
        }
    })
    .await?;
    evidence.records.sort_by_key(|record| record.source);
    Ok(ends)
}

async fn seat_rows(log: &Log, evidence: &mut Evidence) -> anyhow::Result<()> {
    let mut damaged = None;
    log.state(|row| match decode_row(&row.key, &row.value) {
        Ok(row) => evidence.seat_rows.push(row),
        Err(error) => damaged = Some(anyhow!("a seat row of partition {}: {error}", row.partition)),
    })
    .await?;
    damaged.map_or(Ok(()), Err)
}

fn unread(ends: &Marks, read: &HashMap<Service, Marks>) -> u64 {
    let next = |topic: &Topic, at: &(Topic, u16)| {
        read.get(&topic.action.target()).and_then(|marks| marks.get(at)).copied().unwrap_or(0)
    };
    ends.iter().map(|(at, end)| end.saturating_sub(next(&at.0, at))).sum()
}

async fn positions(database: &SqlInspection) -> anyhow::Result<Marks> {
    let rows: Vec<(String, i64, i64)> =
        database.all("SELECT topic, partition_no, next_offset FROM consumer_position").await?;
    rows.into_iter()
        .map(|(topic, partition, next)| {
            Ok(((topic.parse()?, u16::try_from(partition)?), u64::try_from(next)?))
        })
        .collect()
}

async fn on_their_way(database: &SqlInspection, evidence: &mut Evidence) -> anyhow::Result<()> {
    let unsent: Vec<(i64,)> = database.all("SELECT COUNT(*) FROM outbox").await?;
    evidence.unsent += unsent.iter().map(|(count,)| count.unsigned_abs()).sum::<u64>();
    let letters: Vec<(String,)> = database.all("SELECT reason FROM dead_letter").await?;
    evidence.dead_letters.extend(letters.into_iter().map(|(reason,)| reason));
    Ok(())
}

async fn bookings(database: &SqlInspection, evidence: &mut Evidence) -> anyhow::Result<()> {
    type Row = (String, String, String, Option<i64>, String, Option<String>, Option<i64>, Option<String>);
    let rows: Vec<Row> = database
        .all(
            "SELECT id, event_id, status, hold_number, section, seats, unit_price_minor, currency FROM bookings",
        )
        .await?;
    for (id, event_id, status, number, section, seats, price, currency) in rows {
        let id = id.parse()?;
        let section: SectionName = section.parse()?;
        let seats: Vec<SeatNo> = seats
            .iter()
            .flat_map(|seats| seats.split(','))
            .map(|place| format!("{section}-{place}").parse())
            .collect::<Result<_, _>>()?;
        let price =
            price.zip(currency).map(|(price, currency)| anyhow::Ok(Money::new(price, currency.parse()?)));
        let count = u32::try_from(seats.len())?;
        evidence.bookings.push(BookingRow {
            id,
            event_id: event_id.parse()?,
            status: status_named(&status)?,
            hold: number
                .map(|number| anyhow::Ok(Hold { booking_id: id, number: u64::try_from(number)? }))
                .transpose()?,
            total: price.transpose()?.map(|price| price.times(count)),
            seats,
        });
    }
    Ok(())
}

async fn undecided_money(database: &SqlInspection, evidence: &mut Evidence) -> anyhow::Result<()> {
    let rows: Vec<(String,)> = database
        .all(
            "SELECT booking_id FROM payment_attempts WHERE status IN ('sent', 'pending', 'unknown')
             UNION SELECT booking_id FROM refunds WHERE done = 0",
        )
        .await?;
    for (booking,) in rows {
        evidence.undecided_money.insert(booking.parse()?);
    }
    Ok(())
}

fn status_named(name: &str) -> anyhow::Result<BookingStatus> {
    Ok(match name {
        "processing" => BookingStatus::Processing,
        "pending_payment" => BookingStatus::PendingPayment,
        "paid" => BookingStatus::Paid,
        "failed" => BookingStatus::Failed,
        "cancelled" => BookingStatus::Cancelled,
        other => return Err(anyhow!("a booking is {other}")),
    })
}

async fn tickets(database: &SqlInspection, evidence: &mut Evidence) -> anyhow::Result<()> {
    type Row = (String, String, i64, i64, i64, String, i64, String);
    let rows: Vec<Row> = database
        .all("SELECT event_id, section, subsection_no, row_no, seat_no, booking_id, hold_no, status FROM ticket")
        .await?;
    for (event_id, section, subsection, row, seat, booking, number, status) in rows {
        let place = SeatPlace {
            subsection: u16::try_from(subsection)?,
            row: u16::try_from(row)?,
            seat: u16::try_from(seat)?,
        };
        evidence.tickets.push(TicketRow {
            event_id: event_id.parse()?,
            seat: SeatNo { section: section.parse()?, place },
            hold: Hold { booking_id: booking.parse()?, number: u64::try_from(number)? },
            sold: match status.as_str() {
                "sold" => true,
                "reserved" => false,
                other => return Err(anyhow!("a ticket is {other}")),
            },
        });
    }
    Ok(())
}

/// Money counts from the moment at which the provider takes it; what it takes later is not there yet.
async fn payments(database: &SqlInspection, evidence: &mut Evidence) -> anyhow::Result<()> {
    let rows: Vec<(String, String, i64, i64)> = database
        .all(
            "SELECT entry, booking_id, amount_minor, effective_at_ms FROM ledger
             WHERE booking_id IS NOT NULL AND entry IN ('charge', 'refund')",
        )
        .await?;
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    for (entry, booking, amount, _) in rows.into_iter().filter(|(.., effective_at)| *effective_at <= now) {
        let (captured_minor, refunded_minor) = if entry == "charge" { (amount, 0) } else { (0, amount) };
        evidence.payments.push(PaymentRow { booking_id: booking.parse()?, captured_minor, refunded_minor });
    }
    Ok(())
}
