//! Events as sellers create and change them, and as buyers find them.

use std::collections::HashMap;

use event_ticketing::{
    Event,
    app::{
        change_price::{PriceChanged, change_price},
        edit_event::{Edited, EventEdit, edit_event},
        publish::{Published, publish},
    },
};
use kernel::{EventId, SectionName, Timestamp, UserId, Violation};
use serde::Serialize;

use super::rows::{EventRow, SectionRow, new_sections, search_text};
use crate::sql::{Database, SqlFault, Tx, args, json, outbox};

const EVENT: &str = "SELECT id, seller_id, name, description, venue_name, time_zone, starts_at_ms, currency, \
                     max_seats_per_booking, status, created_at_ms FROM event WHERE id = $1";
const SECTIONS: &str = "SELECT event_id, name, partition_no, price_minor, subsections FROM event_section \
                        WHERE event_id = $1 ORDER BY position_no";

#[derive(Serialize)]
struct IdRow {
    id: String,
}

/// Events in SQL.
#[derive(Clone)]
pub struct SqlEvents {
    database: Database,
}

/// What publishing an event came to.
pub enum Publishing {
    Done(Box<Event>),
    NoSuchEvent,
}

/// What an edit came to.
pub enum Editing {
    Done(Box<Event>),
    NoSuchEvent,
    /// What it changes is fixed once an event is on sale.
    OnSale,
    Invalid(Vec<Violation>),
}

/// What a new price came to.
pub enum Repricing {
    Done(Box<Event>),
    NoSuchEvent,
    NoSuchSection,
    Invalid(Violation),
}

impl SqlEvents {
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Stores a new draft, and puts it on sale in the same transaction when asked to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create(&self, draft: Event, on_sale: bool, now: Timestamp) -> Result<Event, SqlFault> {
        let (event, messages) = match on_sale.then(|| publish(draft.clone(), now)) {
            Some(Published::Done { event, messages }) => (event, messages),
            Some(Published::AlreadyDone(event)) => (event, Vec::new()),
            None => (draft, Vec::new()),
        };
        let stored = event.clone();
        let storing = self.database.write((stored, messages), |(event, messages), tx| {
            Box::pin(async move {
                insert(tx, event).await?;
                outbox::append(tx, messages).await
            })
        });
        storing.await?;
        Ok(event)
    }

    /// Waits until the log has what was changed before: who hears of it then acts on the change. While the log is away, a few seconds at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn in_the_log(&self) -> Result<(), SqlFault> {
        outbox::delivered(&self.database).await
    }

    /// # Errors
    /// When the database fails.
    pub async fn event(&self, id: EventId) -> Result<Option<Event>, SqlFault> {
        let Some(row) = self.database.optional::<EventRow>(EVENT, args![id]).await? else { return Ok(None) };
        let sections = self.database.all(SECTIONS, args![id]).await?;
        row.event(sections).map(Some)
    }

    /// The events on sale, the newest first, that are older than `before` and contain `words` (any case) in their name or venue.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn on_sale(
        &self,
        before: Option<EventId>,
        words: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Event>, SqlFault> {
        let pattern = words.map_or_else(|| "%".to_owned(), |words| format!("%{}%", escaped(words)));
        let rows: Vec<EventRow> = self
            .database
            .all(
                "SELECT id, seller_id, name, description, venue_name, time_zone, starts_at_ms, currency,
                        max_seats_per_booking, status, created_at_ms
                 FROM event WHERE status = 'on_sale' AND id < $1 AND search_text LIKE $2 ESCAPE '!'
                 ORDER BY id DESC LIMIT $3",
                args![upper_bound(before), pattern, limit],
            )
            .await?;
        self.with_sections(rows).await
    }

    /// A seller's own events, drafts too, the newest first, that are older than `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_seller(
        &self,
        seller: UserId,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<Event>, SqlFault> {
        let rows: Vec<EventRow> = self
            .database
            .all(
                "SELECT id, seller_id, name, description, venue_name, time_zone, starts_at_ms, currency,
                        max_seats_per_booking, status, created_at_ms
                 FROM event WHERE seller_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
                args![seller, upper_bound(before), limit],
            )
            .await?;
        self.with_sections(rows).await
    }

    async fn with_sections(&self, rows: Vec<EventRow>) -> Result<Vec<Event>, SqlFault> {
        let ids: Vec<IdRow> = rows.iter().map(|row| IdRow { id: row.id.clone() }).collect();
        let sections: Vec<SectionRow> = self
            .database
            .all(
                "SELECT event_id, name, partition_no, price_minor, subsections FROM event_section
                 WHERE event_id IN (SELECT value ->> 'id' FROM jsonb_each($1)) ORDER BY event_id, position_no",
                args![json(&ids)],
            )
            .await?;
        let mut of_event: HashMap<String, Vec<SectionRow>> = HashMap::new();
        for section in sections {
            of_event.entry(section.event_id.clone()).or_default().push(section);
        }
        rows.into_iter()
            .map(|row| {
                let sections = of_event.remove(&row.id).unwrap_or_default();
                row.event(sections)
            })
            .collect()
    }

    /// Changes a seller's own event.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn edit(&self, id: EventId, seller: UserId, edit: EventEdit) -> Result<Editing, SqlFault> {
        let editing = self.database.write((id, seller, edit), |(id, seller, edit), tx| {
            Box::pin(async move {
                let Some(event) = own(tx, *id, *seller).await? else { return Ok(Editing::NoSuchEvent) };
                let plan_before = event.sections.clone();
                let event = match edit_event(event, edit.clone()) {
                    Edited::Done(event) => event,
                    Edited::OnSale => return Ok(Editing::OnSale),
                    Edited::Invalid(violations) => return Ok(Editing::Invalid(violations)),
                };
                update_details(tx, &event).await?;
                if event.sections != plan_before {
                    tx.execute("DELETE FROM event_section WHERE event_id = $1", args![event.id]).await?;
                    insert_sections(tx, &event).await?;
                }
                Ok(Editing::Done(event))
            })
        });
        editing.await
    }

    /// Puts a seller's own event on sale. Doing it twice is the same.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn publish(&self, id: EventId, seller: UserId, now: Timestamp) -> Result<Publishing, SqlFault> {
        let publishing = self.database.write((id, seller, now), |(id, seller, now), tx| {
            Box::pin(async move {
                let Some(event) = own(tx, *id, *seller).await? else { return Ok(Publishing::NoSuchEvent) };
                let event = match publish(event, *now) {
                    Published::AlreadyDone(event) => event,
                    Published::Done { event, messages } => {
                        let sql = "UPDATE event SET status = 'on_sale' WHERE id = $1 AND status = 'draft'";
                        tx.execute(sql, args![event.id]).await?;
                        outbox::append(tx, &messages).await?;
                        event
                    }
                };
                Ok(Publishing::Done(Box::new(event)))
            })
        });
        publishing.await
    }

    /// Sets the price of a section of a seller's own event, for bookings that come later.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reprice(
        &self,
        id: EventId,
        seller: UserId,
        section: SectionName,
        price_minor: i64,
        now: Timestamp,
    ) -> Result<Repricing, SqlFault> {
        let input = (id, seller, section, price_minor, now);
        let repricing = self.database.write(input, |(id, seller, section, price_minor, now), tx| {
            Box::pin(async move {
                let Some(event) = own(tx, *id, *seller).await? else { return Ok(Repricing::NoSuchEvent) };
                match change_price(event, section, *price_minor, *now) {
                    PriceChanged::NoSuchSection => Ok(Repricing::NoSuchSection),
                    PriceChanged::Invalid(violation) => Ok(Repricing::Invalid(violation)),
                    PriceChanged::Done(changed) => {
                        tx.execute(
                            "UPDATE event_section SET price_minor = $3 WHERE event_id = $1 AND name = $2",
                            args![*id, section.as_str(), *price_minor],
                        )
                        .await?;
                        let messages: Vec<_> = changed.message.iter().cloned().collect();
                        outbox::append(tx, &messages).await?;
                        Ok(Repricing::Done(Box::new(changed.event)))
                    }
                }
            })
        });
        repricing.await
    }
}

async fn own(tx: &mut Tx, id: EventId, seller: UserId) -> Result<Option<Event>, SqlFault> {
    let Some(row) = tx.optional::<EventRow>(EVENT, args![id]).await? else { return Ok(None) };
    let sections = tx.all(SECTIONS, args![id]).await?;
    Ok(Some(row.event(sections)?).filter(|event| event.seller_id == seller))
}

async fn insert(tx: &mut Tx, event: &Event) -> Result<(), SqlFault> {
    let details = &event.details;
    tx.execute(
        "INSERT INTO event (id, seller_id, name, description, venue_name, search_text, time_zone, starts_at_ms, currency,
                            max_seats_per_booking, status, created_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        args![
            event.id,
            event.seller_id,
            &details.name,
            &details.description,
            &details.venue_name,
            search_text(details),
            &details.time_zone,
            details.starts_at,
            details.currency.code(),
            details.max_seats_per_booking,
            event.status.as_str(),
            event.created_at
        ],
    )
    .await?;
    insert_sections(tx, event).await
}

async fn update_details(tx: &mut Tx, event: &Event) -> Result<(), SqlFault> {
    let details = &event.details;
    tx.execute(
        "UPDATE event SET name = $2, description = $3, venue_name = $4, search_text = $5, time_zone = $6,
                starts_at_ms = $7, currency = $8, max_seats_per_booking = $9 WHERE id = $1",
        args![
            event.id,
            &details.name,
            &details.description,
            &details.venue_name,
            search_text(details),
            &details.time_zone,
            details.starts_at,
            details.currency.code(),
            details.max_seats_per_booking
        ],
    )
    .await
    .map(drop)
}

async fn insert_sections(tx: &mut Tx, event: &Event) -> Result<(), SqlFault> {
    tx.execute(
        "INSERT INTO event_section (event_id, position_no, name, partition_no, price_minor, subsections, seats, reserved, sold,
                                    revenue_minor)
         SELECT value ->> 'event_id', CAST(value ->> 'position' AS BIGINT), value ->> 'name',
                CAST(value ->> 'partition' AS BIGINT), CAST(value ->> 'price_minor' AS BIGINT), value ->> 'subsections',
                CAST(value ->> 'seats' AS BIGINT), 0, 0, 0
         FROM jsonb_each($1) WHERE true",
        args![json(&new_sections(event))],
    )
    .await
    .map(drop)
}

/// What the ids of a page stay below; without a page before it, a text behind every id of ours, since those are hex digits.
fn upper_bound(before: Option<EventId>) -> String {
    before.map_or_else(|| "evt_~".to_owned(), |id| id.to_string())
}

/// Words as a LIKE pattern that means just them.
fn escaped(words: &str) -> String {
    words.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_")
}
