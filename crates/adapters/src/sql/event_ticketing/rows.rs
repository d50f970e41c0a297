//! The mapping of events, figures and tickets to their rows.
//!
//! Promises: a row that our statements cannot have written is a fault with its table, key and
//! column.

use event_ticketing::{
    Details, Event,
    domain::{
        sales::SectionSales,
        ticket::{SoldTicket, Ticket},
    },
};
use kernel::{
    Currency, Money, SeatNo, SeatPlace, Timestamp,
    plan::{SectionOutline, SubsectionOutline},
};
use serde::Serialize;

use crate::sql::SqlFault;

#[derive(sqlx::FromRow)]
pub(super) struct EventRow {
    pub(super) id: String,
    seller_id: String,
    name: String,
    description: String,
    venue_name: String,
    time_zone: String,
    starts_at_ms: i64,
    currency: String,
    max_seats_per_booking: i64,
    status: String,
    created_at_ms: i64,
}

#[derive(sqlx::FromRow)]
pub(super) struct SectionRow {
    pub(super) event_id: String,
    name: String,
    partition_no: i64,
    price_minor: i64,
    subsections: String,
}

/// A section's sums.
#[derive(sqlx::FromRow)]
pub(super) struct SalesRow {
    name: String,
    seats: i64,
    reserved: i64,
    sold: i64,
    revenue_minor: i64,
}

#[derive(sqlx::FromRow)]
pub(super) struct TicketRow {
    event_id: String,
    section: String,
    subsection_no: i64,
    row_no: i64,
    seat_no: i64,
    id: String,
    code: String,
    booking_id: String,
    buyer_id: String,
    price_minor: i64,
    currency: String,
    status: String,
    since_ms: i64,
}

/// A section as a statement over many takes it.
#[derive(Serialize)]
pub(super) struct NewSection {
    event_id: String,
    position: usize,
    name: String,
    partition: u16,
    price_minor: i64,
    subsections: String,
    seats: u32,
}

impl EventRow {
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
    fn outline(self, currency: Currency) -> Result<SectionOutline, SqlFault> {
        let impossible = |column| SqlFault::impossible("event_section", &self.event_id, column);
        let subsections: Vec<(u16, u16, u16)> =
            serde_json::from_str(&self.subsections).map_err(|_| impossible("subsections"))?;
        Ok(SectionOutline {
            name: self.name.parse().map_err(|_| impossible("name"))?,
            partition: u16::try_from(self.partition_no).map_err(|_| impossible("partition_no"))?,
            price: Money::new(self.price_minor, currency),
            subsections: subsections
                .into_iter()
                .map(|(number, rows, seats)| SubsectionOutline::new(number, rows, seats))
                .collect(),
        })
    }
}

impl SalesRow {
    pub(super) fn sales(self) -> Result<SectionSales, SqlFault> {
        let impossible = |column| SqlFault::impossible("event_section", &self.name, column);
        let count = |value: i64, column| u64::try_from(value).map_err(|_| impossible(column));
        Ok(SectionSales {
            name: self.name.parse().map_err(|_| impossible("name"))?,
            available: count(self.seats - self.reserved - self.sold, "seats")?,
            reserved: count(self.reserved, "reserved")?,
            sold: count(self.sold, "sold")?,
            revenue_minor: self.revenue_minor,
        })
    }
}

impl TicketRow {
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

pub(super) fn new_sections(event: &Event) -> Vec<NewSection> {
    let section = |(position, section): (usize, &SectionOutline)| {
        let triples: Vec<_> =
            section.subsections.iter().map(|s| [s.number, s.rows, s.seats_per_row]).collect();
        NewSection {
            event_id: event.id.to_string(),
            position,
            name: section.name.to_string(),
            partition: section.partition,
            price_minor: section.price.amount_minor,
            subsections: crate::sql::json(&triples),
            seats: section.seats(),
        }
    };
    event.sections.iter().enumerate().map(section).collect()
}

/// What a search looks through.
pub(super) fn search_text(details: &Details) -> String {
    format!("{}\n{}", details.name, details.venue_name).to_lowercase()
}
