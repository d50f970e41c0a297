//! The mapping of events, figures and tickets to their rows.
//!
//! Promises: a row that our statements cannot have written is a fault with its table, key and
//! column.

use base64::{Engine, engine::general_purpose::STANDARD};
use event_ticketing::{
    Details, Event, HoldStatus,
    domain::{
        holds::HoldChange,
        sales::{Delta, MinuteSales, SectionSales},
        ticket::{SoldTicket, Ticket},
    },
};
use kernel::{
    Currency, EventId, Money, SeatNo, SeatPlace, TicketId, Timestamp, message::Hold, plan::SectionOutline,
};
use uuid::Uuid;

use crate::sql::{SqlFault, table};

table! {
    #[derive(sqlx::FromRow)]
    pub(super) struct EventRow of "event" {
        id: String,
        seller_id: String,
        name: String,
        description: String,
        venue_name: String,
        search_text: String,
        time_zone: String,
        starts_at_ms: i64,
        currency: String,
        max_seats_per_booking: i64,
        status: String,
        created_at_ms: i64,
    }
    insert "";
    ONE = "WHERE id = $1";
    ON_SALE = "WHERE status = 'on_sale' AND id < $1 AND search_text LIKE $2 ESCAPE '!' ORDER BY id DESC LIMIT $3";
    OF_SELLER = "WHERE id < $1 AND seller_id = $2 ORDER BY id DESC LIMIT $3";
}

/// What an edit changes of an event, guarded by the status that it was decided from.
pub(super) const UPDATE_EVENT: &str = "UPDATE event
    SET name = new.value ->> 'name', description = new.value ->> 'description', venue_name = new.value ->> 'venue_name',
        search_text = new.value ->> 'search_text', time_zone = new.value ->> 'time_zone',
        starts_at_ms = CAST(new.value ->> 'starts_at_ms' AS BIGINT), currency = new.value ->> 'currency',
        max_seats_per_booking = CAST(new.value ->> 'max_seats_per_booking' AS BIGINT), status = new.value ->> 'status'
    FROM jsonb_each($1) AS new WHERE event.id = new.value ->> 'id' AND event.status = $2";

table! {
    /// A section with its sums.
    #[derive(sqlx::FromRow)]
    pub(super) struct SectionRow of "event_section" {
        event_id: String,
        position_no: i64,
        name: String,
        outline_base64: String,
        price_minor: i64,
        price_version: i64,
        available: i64,
        reserved: i64,
        sold: i64,
        revenue_minor: i64,
    }
    insert "";
    OF_EVENT = "WHERE event_id = $1 ORDER BY position_no";
    OF_EVENTS = "WHERE event_id IN (SELECT value ->> 'id' FROM jsonb_each($1)) ORDER BY event_id, position_no";
}

table! {
    /// What was sold in a minute.
    #[derive(sqlx::FromRow)]
    pub(super) struct MinuteRow of "sales_minute" {
        event_id: String,
        minute_ms: i64,
        sold: i64,
        revenue_minor: i64,
    }
    insert "ON CONFLICT (event_id, minute_ms) DO UPDATE SET sold = sales_minute.sold + excluded.sold,
            revenue_minor = sales_minute.revenue_minor + excluded.revenue_minor";
    LATEST = "WHERE event_id = $1 ORDER BY minute_ms DESC LIMIT $2";
}

table! {
    /// How far a hold has come.
    #[derive(sqlx::FromRow)]
    pub(super) struct HoldRow of "hold" {
        booking_id: String,
        hold_no: i64,
        status: String,
    }
    insert "ON CONFLICT (booking_id, hold_no) DO UPDATE SET status = excluded.status";
    NAMED = "WHERE (booking_id, hold_no) IN
             (SELECT value ->> 'booking_id', CAST(value ->> 'hold_no' AS BIGINT) FROM jsonb_each($1))";
}

table! {
    #[derive(sqlx::FromRow)]
    pub(super) struct TicketRow of "ticket" {
        event_id: String,
        section: String,
        subsection_no: i64,
        row_no: i64,
        seat_no: i64,
        id: String,
        code: String,
        booking_id: String,
        hold_no: i64,
        buyer_id: String,
        price_minor: i64,
        currency: String,
        status: String,
        since_ms: i64,
    }
    insert "";
    AFTER_SEAT = "WHERE event_id = $1 AND ($2 = '' OR section = $2) AND ($3 = '' OR status = $3)
                    AND (section, subsection_no, row_no, seat_no) > ($4, $5, $6, $7)
                  ORDER BY section, subsection_no, row_no, seat_no LIMIT $8";
    OF_BUYER = "WHERE buyer_id = $1 AND status <> 'reserved' AND id > $2 ORDER BY id LIMIT $3";
}

impl EventRow {
    pub(super) fn of(event: &Event) -> Self {
        let details = &event.details;
        Self {
            id: event.id.to_string(),
            seller_id: event.seller_id.to_string(),
            name: details.name.clone(),
            description: details.description.clone(),
            venue_name: details.venue_name.clone(),
            search_text: format!("{}\n{}", details.name, details.venue_name).to_lowercase(),
            time_zone: details.time_zone.clone(),
            starts_at_ms: details.starts_at.as_millis(),
            currency: details.currency.code().to_owned(),
            max_seats_per_booking: details.max_seats_per_booking.into(),
            status: event.status.as_str().to_owned(),
            created_at_ms: event.created_at.as_millis(),
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The event with its sections, which are in the seller's order.
    pub(super) fn event(self, sections: Vec<SectionRow>) -> Result<Event, SqlFault> {
        let impossible = |column| SqlFault::impossible("event", &self.id, column);
        let currency: Currency = self.currency.parse().map_err(|_| impossible("currency"))?;
        let sections = sections.into_iter().map(|row| row.outline(currency)).collect::<Result<_, _>>()?;
        Ok(Event {
            id: self.id.parse().map_err(|_| impossible("id"))?,
            seller_id: self.seller_id.parse().map_err(|_| impossible("seller_id"))?,
            status: self.status.parse().map_err(|_| impossible("status"))?,
            created_at: Timestamp::from_millis(self.created_at_ms),
            sections,
            details: Details {
                name: self.name,
                description: self.description,
                venue_name: self.venue_name,
                time_zone: self.time_zone,
                starts_at: Timestamp::from_millis(self.starts_at_ms),
                currency,
                max_seats_per_booking: u16::try_from(self.max_seats_per_booking)
                    .map_err(|_| SqlFault::impossible("event", &self.id, "max_seats_per_booking"))?,
            },
        })
    }
}

impl SectionRow {
    /// The sections of an event that has sold nothing, in its seller's order.
    pub(super) fn all_of(event: &Event) -> impl Iterator<Item = Self> + '_ {
        (0..).zip(&event.sections).map(|(position_no, section)| Self {
            event_id: event.id.to_string(),
            position_no,
            name: section.name.to_string(),
            outline_base64: STANDARD.encode(section.encode()),
            price_minor: section.price.amount_minor,
            price_version: section.price_version.into(),
            available: section.seats().into(),
            reserved: 0,
            sold: 0,
            revenue_minor: 0,
        })
    }

    pub(super) fn event_id(&self) -> &str {
        &self.event_id
    }

    /// At the price in force.
    fn outline(self, currency: Currency) -> Result<SectionOutline, SqlFault> {
        let bytes = STANDARD.decode(&self.outline_base64).ok();
        let outline = bytes.and_then(|bytes| SectionOutline::decode(bytes.into()).ok());
        let impossible = |column| SqlFault::impossible("event_section", &self.event_id, column);
        let outline = outline.ok_or_else(|| impossible("outline_base64"))?;
        let price = Money::new(self.price_minor, currency);
        let price_version = u32::try_from(self.price_version).map_err(|_| impossible("price_version"))?;
        Ok(SectionOutline { price, price_version, ..outline })
    }

    /// Its figures.
    pub(super) fn sales(self) -> Result<SectionSales, SqlFault> {
        let impossible = |column| SqlFault::impossible("event_section", &self.name, column);
        let count = |value: i64, column| u64::try_from(value).map_err(|_| impossible(column));
        Ok(SectionSales {
            name: self.name.parse().map_err(|_| impossible("name"))?,
            available: count(self.available, "available")?,
            reserved: count(self.reserved, "reserved")?,
            sold: count(self.sold, "sold")?,
            revenue_minor: self.revenue_minor,
        })
    }
}

impl MinuteRow {
    pub(super) fn of(event: EventId, minute: Timestamp, delta: Delta) -> Self {
        let (event_id, minute_ms) = (event.to_string(), minute.as_millis());
        Self { event_id, minute_ms, sold: delta.sold, revenue_minor: delta.revenue_minor }
    }

    pub(super) fn sales(self) -> MinuteSales {
        let at = Timestamp::from_millis(self.minute_ms);
        MinuteSales { at, sold: self.sold, revenue_minor: self.revenue_minor }
    }
}

impl HoldRow {
    pub(super) fn of(hold: Hold, status: HoldStatus) -> Self {
        Self {
            booking_id: hold.booking_id.to_string(),
            // Holds are counted from 1 per section; they do not come near the sign bit.
            hold_no: hold.number.cast_signed(),
            status: status.as_str().to_owned(),
        }
    }

    pub(super) fn hold(&self) -> Result<(Hold, HoldStatus), SqlFault> {
        let impossible = |column| SqlFault::impossible("hold", &self.booking_id, column);
        let hold = Hold {
            booking_id: self.booking_id.parse().map_err(|_| impossible("booking_id"))?,
            number: u64::try_from(self.hold_no).map_err(|_| impossible("hold_no"))?,
        };
        Ok((hold, self.status.parse().map_err(|_| impossible("status"))?))
    }
}

impl TicketRow {
    /// New tickets for the seats of a hold.
    pub(super) fn all_of(change: &HoldChange) -> impl Iterator<Item = Self> + '_ {
        let grant = &change.grant;
        grant.seats.iter().map(|place| Self {
            event_id: grant.event_id.to_string(),
            section: grant.section.to_string(),
            subsection_no: place.subsection.into(),
            row_no: place.row.into(),
            seat_no: place.seat.into(),
            id: TicketId::new(Uuid::new_v4()).to_string(),
            code: Uuid::new_v4().simple().to_string(),
            booking_id: grant.hold.booking_id.to_string(),
            hold_no: grant.hold.number.cast_signed(),
            buyer_id: grant.buyer_id.to_string(),
            price_minor: grant.unit_price.amount_minor,
            currency: grant.unit_price.currency.code().to_owned(),
            status: change.after.as_str().to_owned(),
            since_ms: change.at.as_millis(),
        })
    }

    pub(super) fn ticket(self) -> Result<SoldTicket, SqlFault> {
        let impossible = |column| SqlFault::impossible("ticket", &self.id, column);
        let number = |value: i64, column| u16::try_from(value).map_err(|_| impossible(column));
        let place = SeatPlace {
            subsection: number(self.subsection_no, "subsection_no")?,
            row: number(self.row_no, "row_no")?,
            seat: number(self.seat_no, "seat_no")?,
        };
        let currency: Currency = self.currency.parse().map_err(|_| impossible("currency"))?;
        let ticket = Ticket {
            id: self.id.parse().map_err(|_| impossible("id"))?,
            booking_id: self.booking_id.parse().map_err(|_| impossible("booking_id"))?,
            buyer_id: self.buyer_id.parse().map_err(|_| impossible("buyer_id"))?,
            event_id: self.event_id.parse().map_err(|_| impossible("event_id"))?,
            seat: SeatNo { section: self.section.parse().map_err(|_| impossible("section"))?, place },
            price: Money::new(self.price_minor, currency),
            status: self.status.parse().map_err(|_| impossible("status"))?,
            since: Timestamp::from_millis(self.since_ms),
        };
        Ok(SoldTicket { ticket, code: self.code })
    }
}
