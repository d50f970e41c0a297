//! What people read: events, figures, taken seats, tickets.

use std::collections::HashMap;

use event_ticketing::{
    Event, TicketStatus,
    domain::{
        sales::EventSales,
        ticket::{SoldTicket, TakenSeat, Ticket},
    },
    ports::{EventPage, Listed, TakenSeats, TicketPage},
};
use kernel::{EventId, SeatPlace, UserId, limits};

use super::rows::{EventRow, MinuteRow, SectionRow, TicketRow};
use crate::sql::{Database, SqlFault, args, ids, json};

pub(super) async fn event(database: &Database, id: EventId) -> Result<Option<Event>, SqlFault> {
    let Some(row) = database.optional::<EventRow>(EventRow::ONE, args![id]).await? else { return Ok(None) };
    row.event(database.all(SectionRow::OF_EVENT, args![id]).await?).map(Some)
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
        Listed::OnSale { words } => {
            (EventRow::ON_SALE, args![before, format!("%{}%", escaped(&words)), page.limit])
        }
        Listed::Of(seller) => (EventRow::OF_SELLER, args![before, seller, page.limit]),
    };
    let rows = database.all(sql, arguments).await?;
    with_sections(database, rows).await
}

async fn with_sections(database: &Database, rows: Vec<EventRow>) -> Result<Vec<Event>, SqlFault> {
    let named: Vec<_> = ids(rows.iter().map(EventRow::id)).collect();
    let sections: Vec<SectionRow> = database.all(SectionRow::OF_EVENTS, args![json(&named)]).await?;
    let mut of_event: HashMap<String, Vec<SectionRow>> = HashMap::new();
    for section in sections {
        of_event.entry(section.event_id().to_owned()).or_default().push(section);
    }
    rows.into_iter()
        .map(|row| {
            let sections = of_event.remove(row.id()).unwrap_or_default();
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
    let sections: Vec<SectionRow> = database.all(SectionRow::OF_EVENT, args![id]).await?;
    let mut minutes: Vec<MinuteRow> =
        database.all(MinuteRow::LATEST, args![id, limits::SALES_MINUTES]).await?;
    minutes.reverse();
    Ok(Some(EventSales {
        seller_id: seller.parse().map_err(|_| impossible("seller_id"))?,
        currency: currency.parse().map_err(|_| impossible("currency"))?,
        sections: sections.into_iter().map(SectionRow::sales).collect::<Result<_, _>>()?,
        minutes: minutes.into_iter().map(MinuteRow::sales).collect(),
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
    let rows: Vec<TicketRow> = database.all(TicketRow::AFTER_SEAT, arguments).await?;
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
        database.all(TicketRow::OF_BUYER, args![page.buyer_id, after, page.limit]).await?;
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
