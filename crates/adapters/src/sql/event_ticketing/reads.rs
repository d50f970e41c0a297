//! What people read: events, figures, taken seats, tickets.

use std::collections::HashMap;

use event_ticketing::{
    Event, TicketStatus,
    domain::{
        sales::{EventSales, MinuteSales},
        ticket::{SoldTicket, TakenSeat, Ticket},
    },
    ports::{EventPage, Listed, TakenSeats, TicketPage},
};
use kernel::{EventId, SeatPlace, Timestamp, UserId, limits};

use super::{
    facts::{EVENT, SECTIONS},
    rows::{EventRow, SalesRow, SectionRow, TicketRow},
};
use crate::sql::{Database, SqlFault, args, ids, json};

const TICKETS_AFTER_SEAT: &str = "SELECT event_id, section, subsection_no, row_no, seat_no, id, code, booking_id, buyer_id, \
     price_minor, currency, status, since_ms FROM ticket \
     WHERE event_id = $1 AND ($2 = '' OR section = $2) AND ($3 = '' OR status = $3) \
     AND (section, subsection_no, row_no, seat_no) > ($4, $5, $6, $7) \
     ORDER BY section, subsection_no, row_no, seat_no LIMIT $8";

const TICKETS_OF_BUYER: &str = "SELECT event_id, section, subsection_no, row_no, seat_no, id, code, booking_id, buyer_id, \
     price_minor, currency, status, since_ms FROM ticket \
     WHERE buyer_id = $1 AND status = 'sold' AND id > $2 ORDER BY id LIMIT $3";

const ON_SALE: &str = "SELECT id, seller_id, name, description, venue_name, time_zone, starts_at_ms, currency, \
     max_seats_per_booking, status, created_at_ms FROM event \
     WHERE status = 'on_sale' AND id < $1 AND search_text LIKE $2 ESCAPE '!' ORDER BY id DESC LIMIT $3";

const OF_SELLER: &str = "SELECT id, seller_id, name, description, venue_name, time_zone, starts_at_ms, currency, \
     max_seats_per_booking, status, created_at_ms FROM event \
     WHERE id < $1 AND seller_id = $2 ORDER BY id DESC LIMIT $3";

pub(super) async fn event(database: &Database, id: EventId) -> Result<Option<Event>, SqlFault> {
    let Some(row) = database.optional::<EventRow>(EVENT, args![id]).await? else { return Ok(None) };
    row.event(database.all(SECTIONS, args![id]).await?).map(Some)
}

pub(super) async fn seller_of(database: &Database, id: EventId) -> Result<Option<UserId>, SqlFault> {
    let row: Option<(String,)> =
        database.optional("SELECT seller_id FROM event WHERE id = $1", args![id]).await?;
    row.map(|(seller,)| {
        seller.parse().map_err(|_| SqlFault::impossible("event", &id.to_string(), "seller_id"))
    })
    .transpose()
}

pub(super) async fn events(database: &Database, page: EventPage) -> Result<Vec<Event>, SqlFault> {
    let before = upper_bound(page.before);
    let (sql, arguments) = match page.listed {
        Listed::OnSale { words } => (ON_SALE, args![before, format!("%{}%", escaped(&words)), page.limit]),
        Listed::Of(seller) => (OF_SELLER, args![before, seller, page.limit]),
    };
    let rows = database.all(sql, arguments).await?;
    with_sections(database, rows).await
}

async fn with_sections(database: &Database, rows: Vec<EventRow>) -> Result<Vec<Event>, SqlFault> {
    let named: Vec<_> = ids(rows.iter().map(|row| &row.id)).collect();
    let sections: Vec<SectionRow> = database
        .all(
            "SELECT event_id, name, partition_no, price_minor, subsections FROM event_section
             WHERE event_id IN (SELECT value ->> 'id' FROM jsonb_each($1)) ORDER BY event_id, position_no",
            args![json(&named)],
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

pub(super) async fn sales(database: &Database, id: EventId) -> Result<Option<EventSales>, SqlFault> {
    let own = "SELECT seller_id, currency FROM event WHERE id = $1";
    let Some((seller, currency)) = database.optional::<(String, String)>(own, args![id]).await? else {
        return Ok(None);
    };
    let impossible = |column| SqlFault::impossible("event", &id.to_string(), column);
    let sections: Vec<SalesRow> = database
        .all(
            "SELECT name, seats, reserved, sold, revenue_minor FROM event_section WHERE event_id = $1 ORDER BY position_no",
            args![id],
        )
        .await?;
    let mut minutes: Vec<(i64, i64, i64)> = database
        .all(
            "SELECT minute_ms, sold, revenue_minor FROM sales_minute WHERE event_id = $1 ORDER BY minute_ms DESC LIMIT $2",
            args![id, limits::SALES_MINUTES],
        )
        .await?;
    minutes.reverse();
    let minute =
        |(at, sold, revenue_minor)| MinuteSales { at: Timestamp::from_millis(at), sold, revenue_minor };
    Ok(Some(EventSales {
        seller_id: seller.parse().map_err(|_| impossible("seller_id"))?,
        currency: currency.parse().map_err(|_| impossible("currency"))?,
        sections: sections.into_iter().map(SalesRow::sales).collect::<Result<_, _>>()?,
        minutes: minutes.into_iter().map(minute).collect(),
    }))
}

pub(super) async fn taken_seats(database: &Database, which: TakenSeats) -> Result<Vec<TakenSeat>, SqlFault> {
    let section = which.section.map_or_else(String::new, |section| section.to_string());
    let status = which.status.map_or("", TicketStatus::as_str);
    let (after, place) = which.after.map_or_else(
        || (String::new(), SeatPlace { subsection: 0, row: 0, seat: 0 }),
        |seat| (seat.section.to_string(), seat.place),
    );
    let (subsection, row, seat) = (place.subsection, place.row, place.seat);
    let arguments = args![which.event_id, section, status, after, subsection, row, seat, which.limit];
    let rows: Vec<TicketRow> = database.all(TICKETS_AFTER_SEAT, arguments).await?;
    rows.into_iter()
        .map(|row| {
            let Ticket { seat, status, booking_id, since, .. } = row.ticket()?.ticket;
            Ok(TakenSeat { seat, status, booking_id, since })
        })
        .collect()
}

pub(super) async fn tickets(database: &Database, page: TicketPage) -> Result<Vec<SoldTicket>, SqlFault> {
    let after = page.after.map_or_else(String::new, |id| id.to_string());
    let rows: Vec<TicketRow> =
        database.all(TICKETS_OF_BUYER, args![page.buyer_id, after, page.limit]).await?;
    rows.into_iter().map(TicketRow::ticket).collect()
}

/// What the ids of a page stay below; without a page before it, a text behind every id of ours,
/// since those are hex digits.
fn upper_bound(before: Option<EventId>) -> String {
    before.map_or_else(|| "evt_~".to_owned(), |id| id.to_string())
}

/// Words as a LIKE pattern that means just them.
fn escaped(words: &str) -> String {
    words.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_")
}
