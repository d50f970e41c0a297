//! Collects the facts of a deployment: the log, the seat rows, and the rows of booking,
//! `event_ticketing` and the payment provider's ledger.
//!
//! Promises: reads everything, or says what could not be read; changes nothing. Never: leaves out a
//! row that it cannot decode.

mod rows;

use std::{
    collections::HashMap,
    time::{SystemTime, UNIX_EPOCH},
};

use adapters::sql::{DatabaseUrl, inspection::Inspection as SqlInspection};
use anyhow::{Context as _, anyhow};
use kernel::{
    Timestamp,
    message::Envelope,
    topic::{Service, Topic},
};
use seat_reservation::row::decode_row;

use super::{
    evidence::{Evidence, Logged},
    places::{Log, LogPlace, Places},
};

/// How many records each partition has, or how far it was read.
type Marks = HashMap<(Topic, u16), u64>;

/// Reads everything there is.
///
/// # Errors
/// When something cannot be read or understood.
pub async fn gather(places: &Places) -> anyhow::Result<Evidence> {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let mut evidence = Evidence { taken_at: Some(Timestamp::from_millis(now)), ..Evidence::default() };
    let log = Log::open(&places.log).await.context("cannot open the log")?;
    let ends = records(&log, &mut evidence).await?;
    seat_rows(&log, &mut evidence).await?;
    evidence.dead_letters.extend(log.dead_letters().await?.into_iter().map(|letter| letter.reason));
    evidence.unlike_log = log.unlike(&places.checkpoints).await?;
    let seats = log.positions().await?.into_iter().map(|p| ((p.topic, p.partition), p.next)).collect();
    let mut read = HashMap::from([(Service::SeatReservation, seats)]);

    let booking = open(&places.booking).await?;
    read.insert(Service::Booking, positions(&booking).await?);
    rows::booking(&booking, &mut evidence).await?;
    let ticketing = open(&places.event_ticketing).await?;
    read.insert(Service::EventTicketing, positions(&ticketing).await?);
    rows::ticketing(&ticketing, &booking, &mut evidence).await?;
    for database in [&booking, &ticketing] {
        on_their_way(database, &mut evidence).await?;
    }
    if let Some(ledger) = &places.ledger {
        rows::ledger(&open(ledger).await?, &mut evidence).await?;
    }
    evidence.unread = unread(&ends, &read);
    if matches!(places.log, LogPlace::Folder(_)) {
        evidence.ahead = ahead(&ends, &read);
    }
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
        match Envelope::decode(record.payload) {
            Ok(Envelope { at, source: caused_by, message }) => {
                evidence.records.push(Logged { source, at, caused_by, message });
            }
            // Its reader stores it as a dead letter; here it counts even if that reader did not.
            Err(error) => evidence.dead_letters.push(format!("{source:?} cannot be read: {error}")),
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

/// Readers that are further than the log. Not of Kafka, where the end of a transaction takes an
/// offset of its own.
fn ahead(ends: &Marks, read: &HashMap<Service, Marks>) -> Vec<String> {
    let marks = read.iter().flat_map(|(service, marks)| marks.iter().map(move |mark| (service, mark)));
    marks
        .filter(|(_, (at, next))| **next > ends.get(*at).copied().unwrap_or(0))
        .map(|(service, (at, next))| format!("{service:?} is at {next} of {at:?}"))
        .collect()
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
