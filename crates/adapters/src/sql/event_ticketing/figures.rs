//! What sellers and buyers read: sales figures, the seats that are taken, tickets.

use event_ticketing::{
    TicketStatus,
    domain::{
        sales::{MinuteSales, SectionSales},
        ticket::Ticket,
    },
};
use kernel::{
    BookingId, Currency, EventId, Money, SeatNo, SeatPlace, SectionName, TicketId, Timestamp, UserId,
};

use crate::sql::{Database, SqlFault, args};

/// Minutes of figures that one answer has: the latest day.
const MINUTES: u32 = 24 * 60;

/// The figures of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSales {
    pub currency: Currency,
    /// In the seller's order.
    pub sections: Vec<SectionSales>,
    /// Ascending; only minutes with sales.
    pub minutes: Vec<MinuteSales>,
}

/// Which taken seats a seller asks for.
#[derive(Debug, Clone)]
pub struct HoldFilter {
    pub event_id: EventId,
    pub section: Option<SectionName>,
    pub status: Option<TicketStatus>,
    /// Only seats behind this one.
    pub after: Option<SeatNo>,
    pub limit: u32,
}

/// A taken seat as its seller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldOnSeat {
    pub seat: SeatNo,
    pub status: TicketStatus,
    pub booking_id: BookingId,
    pub since: Timestamp,
}

/// Which page of a buyer's tickets.
#[derive(Debug, Clone, Copy)]
pub struct TicketPage {
    pub buyer_id: UserId,
    pub after: Option<TicketId>,
    pub limit: u32,
}

/// A ticket with the code that opens the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldTicket {
    pub ticket: Ticket,
    pub code: String,
}

/// Figures and tickets in SQL.
#[derive(Clone)]
pub struct SqlFigures {
    database: Database,
}

#[derive(sqlx::FromRow)]
struct SectionRow {
    name: String,
    seats: i64,
    reserved: i64,
    sold: i64,
    revenue_minor: i64,
}

#[derive(sqlx::FromRow)]
struct TicketRow {
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

const TICKET_COLUMNS_AFTER_SEAT: &str = "SELECT event_id, section, subsection_no, row_no, seat_no, id, code, booking_id, buyer_id, \
     price_minor, currency, status, since_ms FROM ticket \
     WHERE event_id = $1 AND ($2 = '' OR section = $2) AND ($3 = '' OR status = $3) \
     AND (section, subsection_no, row_no, seat_no) > ($4, $5, $6, $7) \
     ORDER BY section, subsection_no, row_no, seat_no LIMIT $8";

const TICKETS_OF_BUYER: &str = "SELECT event_id, section, subsection_no, row_no, seat_no, id, code, booking_id, buyer_id, \
     price_minor, currency, status, since_ms FROM ticket \
     WHERE buyer_id = $1 AND status = 'sold' AND id > $2 ORDER BY id LIMIT $3";

impl SectionRow {
    fn sales(self) -> Result<SectionSales, SqlFault> {
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
    fn ticket(self) -> Result<SoldTicket, SqlFault> {
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
            status: TicketStatus::from_name(&self.status).ok_or_else(|| impossible("status"))?,
            since: Timestamp::from_millis(self.since_ms),
        };
        Ok(SoldTicket { ticket, code: self.code })
    }
}

impl SqlFigures {
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// The figures of a seller's own event; `None` when it is not the seller's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sales(&self, event: EventId, seller: UserId) -> Result<Option<EventSales>, SqlFault> {
        let own = "SELECT currency FROM event WHERE id = $1 AND seller_id = $2";
        let Some((currency,)) = self.database.optional::<(String,)>(own, args![event, seller]).await? else {
            return Ok(None);
        };
        let currency =
            currency.parse().map_err(|_| SqlFault::impossible("event", &event.to_string(), "currency"))?;
        let sections: Vec<SectionRow> = self
            .database
            .all(
                "SELECT name, seats, reserved, sold, revenue_minor FROM event_section WHERE event_id = $1 ORDER BY position_no",
                args![event],
            )
            .await?;
        let mut minutes: Vec<(i64, i64, i64)> = self
            .database
            .all(
                "SELECT minute_ms, sold, revenue_minor FROM sales_minute WHERE event_id = $1 ORDER BY minute_ms DESC LIMIT $2",
                args![event, MINUTES],
            )
            .await?;
        minutes.reverse();
        let minute =
            |(at, sold, revenue_minor)| MinuteSales { at: Timestamp::from_millis(at), sold, revenue_minor };
        Ok(Some(EventSales {
            currency,
            sections: sections.into_iter().map(SectionRow::sales).collect::<Result<_, _>>()?,
            minutes: minutes.into_iter().map(minute).collect(),
        }))
    }

    /// Whether the event is this seller's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_sellers(&self, event: EventId, seller: UserId) -> Result<bool, SqlFault> {
        let own = "SELECT id FROM event WHERE id = $1 AND seller_id = $2";
        Ok(self.database.optional::<(String,)>(own, args![event, seller]).await?.is_some())
    }

    /// The seats that are taken, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn holds(&self, filter: HoldFilter) -> Result<Vec<HoldOnSeat>, SqlFault> {
        let section = filter.section.map_or_else(String::new, |section| section.to_string());
        let status = filter.status.map_or("", TicketStatus::as_str);
        let (after, place) =
            filter.after.map_or((String::new(), None), |seat| (seat.section.to_string(), Some(seat.place)));
        let place = place.unwrap_or(SeatPlace { subsection: 0, row: 0, seat: 0 });
        let rows: Vec<TicketRow> = self
            .database
            .all(
                TICKET_COLUMNS_AFTER_SEAT,
                args![
                    filter.event_id,
                    section,
                    status,
                    after,
                    place.subsection,
                    place.row,
                    place.seat,
                    filter.limit
                ],
            )
            .await?;
        rows.into_iter()
            .map(|row| {
                let Ticket { seat, status, booking_id, since, .. } = row.ticket()?.ticket;
                Ok(HoldOnSeat { seat, status, booking_id, since })
            })
            .collect()
    }

    /// A buyer's tickets that are paid.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tickets(&self, page: TicketPage) -> Result<Vec<SoldTicket>, SqlFault> {
        let after = page.after.map_or_else(String::new, |id| id.to_string());
        let rows: Vec<TicketRow> =
            self.database.all(TICKETS_OF_BUYER, args![page.buyer_id, after, page.limit]).await?;
        rows.into_iter().map(TicketRow::ticket).collect()
    }
}
