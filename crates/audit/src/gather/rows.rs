//! The rows of the services' databases and of the sandbox's ledger, read as facts.
//!
//! Promises: every row, or an error that names what cannot be decoded. Never: a statement that
//! writes.

use std::str::FromStr;

use adapters::sql::inspection::Inspection;
use anyhow::anyhow;
use kernel::{BookingId, Money, SeatNo, SeatPlace, SectionName, Timestamp, message::Hold};

use crate::evidence::{
    AttemptRow, AttemptStatus, BookingRow, Books, Entry, Evidence, HoldRow, KeyRow, LedgerRow, MinuteRow,
    PaymentRow, Sale, SectionRow, SellerFacts, TicketRow,
};

/// Reads what booking stores.
pub(super) async fn booking(database: &Inspection, evidence: &mut Evidence) -> anyhow::Result<()> {
    bookings(database, evidence).await?;
    let mut books = Books::default();
    payments(database, &mut books).await?;
    let keys: Vec<(String, i64)> =
        database.all("SELECT resource, first_seen_ms FROM idempotency_keys").await?;
    books.keys = keys
        .into_iter()
        .map(|(resource, first_seen)| KeyRow { resource, first_seen: Timestamp::from_millis(first_seen) })
        .collect();
    let undecided = books
        .attempts
        .iter()
        .filter(|attempt| matches!(attempt.status, AttemptStatus::Open | AttemptStatus::Refunding));
    evidence.undecided_money = undecided.map(|attempt| attempt.booking_id).collect();
    evidence.books = Some(books);
    Ok(())
}

/// Reads what `event_ticketing` stores.
pub(super) async fn ticketing(
    database: &Inspection,
    booking: &Inspection,
    evidence: &mut Evidence,
) -> anyhow::Result<()> {
    tickets(database, evidence).await?;
    let mut seller = SellerFacts::default();
    holds(database, &mut seller).await?;
    figures(database, &mut seller).await?;
    let outlines: Vec<(String,)> = booking.all("SELECT event_id FROM event_outlines").await?;
    for (event,) in outlines {
        seller.outlines.insert(event.parse()?);
    }
    evidence.seller = Some(seller);
    Ok(())
}

type StoredBooking = (
    String,
    String,
    String,
    String,
    Option<i64>,
    String,
    Option<String>,
    Option<i64>,
    Option<String>,
    i64,
    Option<i64>,
    Option<i64>,
    Option<String>,
);

async fn bookings(database: &Inspection, evidence: &mut Evidence) -> anyhow::Result<()> {
    let rows: Vec<StoredBooking> = database
        .all(
            "SELECT id, event_id, buyer_id, status, hold_number, section, seats, unit_price_minor, currency,
                    created_at_ms, expires_at_ms, ended_at_ms, cancel_reason
             FROM bookings",
        )
        .await?;
    for row in rows {
        evidence.bookings.push(booking_row(row)?);
    }
    Ok(())
}

fn booking_row(row: StoredBooking) -> anyhow::Result<BookingRow> {
    let (id, event, buyer, status, number, section, seats, price, currency, created, expires, ended, reason) =
        row;
    let id = id.parse()?;
    let section: SectionName = section.parse()?;
    let seats: Vec<SeatNo> = seats
        .iter()
        .flat_map(|seats| seats.split(','))
        .map(|place| format!("{section}-{place}").parse())
        .collect::<Result<_, _>>()?;
    let price = price.zip(currency).map(|(price, currency)| anyhow::Ok(Money::new(price, currency.parse()?)));
    let hold = number.map(|number| anyhow::Ok(Hold { booking_id: id, number: u64::try_from(number)? }));
    Ok(BookingRow {
        id,
        event_id: event.parse()?,
        buyer_id: buyer.parse()?,
        status: named(&status, "booking")?,
        hold: hold.transpose()?,
        seats,
        unit_price: price.transpose()?,
        created_at: Timestamp::from_millis(created),
        expires_at: expires.map(Timestamp::from_millis),
        ended_at: ended.map(Timestamp::from_millis),
        expired: reason.as_deref() == Some("expired"),
    })
}

fn named<T: FromStr>(name: &str, what: &str) -> anyhow::Result<T> {
    name.parse().map_err(|_| anyhow!("a {what} is {name}"))
}

async fn payments(database: &Inspection, books: &mut Books) -> anyhow::Result<()> {
    let rows: Vec<(String, String, i64, String, i64)> =
        database.all("SELECT id, booking_id, amount_minor, status, sent_at_ms FROM payment_attempts").await?;
    for (id, booking, amount_minor, status, sent_at) in rows {
        books.attempts.push(AttemptRow {
            id,
            booking_id: booking.parse()?,
            amount_minor,
            status: AttemptStatus::of(&status).ok_or_else(|| anyhow!("a payment is {status}"))?,
            sent_at: Timestamp::from_millis(sent_at),
        });
    }
    Ok(())
}

async fn tickets(database: &Inspection, evidence: &mut Evidence) -> anyhow::Result<()> {
    type Row = (String, String, i64, i64, i64, String, i64, String, i64, String, String, i64);
    let rows: Vec<Row> = database
        .all(
            "SELECT event_id, section, subsection_no, row_no, seat_no, booking_id, hold_no, buyer_id,
                    price_minor, currency, status, since_ms
             FROM ticket",
        )
        .await?;
    for (event, section, subsection, row, seat, booking, number, buyer, price, currency, status, since) in
        rows
    {
        let place = SeatPlace {
            subsection: u16::try_from(subsection)?,
            row: u16::try_from(row)?,
            seat: u16::try_from(seat)?,
        };
        evidence.tickets.push(TicketRow {
            event_id: event.parse()?,
            seat: SeatNo { section: section.parse()?, place },
            hold: Hold { booking_id: booking.parse()?, number: u64::try_from(number)? },
            status: named(&status, "ticket")?,
            sale: Some(Sale {
                buyer_id: buyer.parse()?,
                price: Money::new(price, currency.parse()?),
                since: Timestamp::from_millis(since),
            }),
        });
    }
    Ok(())
}

async fn holds(database: &Inspection, seller: &mut SellerFacts) -> anyhow::Result<()> {
    let rows: Vec<(String, i64, String)> =
        database.all("SELECT booking_id, hold_no, status FROM hold").await?;
    for (booking, number, status) in rows {
        let hold = Hold { booking_id: booking.parse()?, number: u64::try_from(number)? };
        let status = named(&status, "hold")?;
        seller.holds.push(HoldRow { hold, status });
    }
    Ok(())
}

async fn figures(database: &Inspection, seller: &mut SellerFacts) -> anyhow::Result<()> {
    type Row = (String, String, String, i64, i64, String, i64, i64, i64, i64);
    let rows: Vec<Row> = database
        .all(
            "SELECT event.id, event.status, section.name, section.price_minor, section.price_version, event.currency,
                    section.available, section.reserved, section.sold, section.revenue_minor
             FROM event_section AS section JOIN event ON event.id = section.event_id",
        )
        .await?;
    for (event, status, section, price, version, currency, available, reserved, sold, revenue_minor) in rows {
        seller.sections.push(SectionRow {
            event_id: event.parse()?,
            section: section.parse()?,
            on_sale: status != "draft",
            price: Money::new(price, currency.parse()?),
            price_version: version.try_into()?,
            available,
            reserved,
            sold,
            revenue_minor,
        });
    }
    let rows: Vec<(String, i64, i64, i64)> =
        database.all("SELECT event_id, minute_ms, sold, revenue_minor FROM sales_minute").await?;
    for (event, at, sold, revenue_minor) in rows {
        let (event_id, at) = (event.parse()?, Timestamp::from_millis(at));
        seller.minutes.push(MinuteRow { event_id, at, sold, revenue_minor });
    }
    Ok(())
}

/// Reads what the provider knows, after booking. A charge may take its money later; its attempt is
/// open until then.
pub(super) async fn ledger(database: &Inspection, evidence: &mut Evidence) -> anyhow::Result<()> {
    let rows: Vec<(String, String, Option<String>, i64, i64)> = database
        .all("SELECT entry, entry_key, booking_id, amount_minor, effective_at_ms FROM ledger")
        .await?;
    let books = evidence.books.get_or_insert_default();
    let payments = evidence.payments.get_or_insert_default();
    for (entry, key, booking, amount_minor, at) in rows {
        let entry = named(&entry, "line of the ledger")?;
        let booking_id: Option<BookingId> = booking.map(|booking| booking.parse()).transpose()?;
        let (captured_minor, refunded_minor) = match entry {
            Entry::Charge => (amount_minor, 0),
            Entry::Refund => (0, amount_minor),
            Entry::Decline | Entry::Void => (0, 0),
        };
        if let Some(booking_id) = booking_id {
            payments.push(PaymentRow { booking_id, captured_minor, refunded_minor });
        }
        let at = Timestamp::from_millis(at);
        books.ledger.push(LedgerRow { entry, key, booking_id, amount_minor, at });
    }
    Ok(())
}
