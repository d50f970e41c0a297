//! The facts of a world as the audit wants them, so that its checks judge the simulation too.
//!
//! Promises: leaves nothing out but checkpoints, which this world has not. Clocks that jump are no
//! reason to leave a moment out: what the audit compares are moments that one decision compared, by
//! one clock. Only the age of a key is judged by two: here the fastest clock of any process counts.
//! Never: judges.

use std::{str::FromStr, time::Duration};

use audit::evidence::{
    AttemptRow, AttemptStatus, BookingRow, Books, Evidence, HoldRow, KeyRow, Logged, MinuteRow, PaymentRow,
    Sale, SectionRow, SellerFacts, TicketRow,
};
use booking::{Booking, CancelReason, PaymentAttempt, State, decision::KeyUse, ports::BookingStore as _};
use event_ticketing::{
    EventStatus, HoldStatus,
    domain::{
        sales::{MinuteSales, SectionSales},
        ticket::Ticket,
    },
    ports::EventStore as _,
    testing::MemoryStore,
};
use kernel::{
    EventId, Timestamp,
    message::{Hold, Message},
    plan::SectionOutline,
    topic::{PARTITIONS, Service},
};
use seat_reservation::row::decode_row;

use super::Reading;
use crate::{
    relay::Relayed,
    sql::locked,
    store::at_once,
    town::{Town, late_money_ended},
};

/// Counts the holds that booking gave back at once, since nobody wanted them any more.
pub(crate) fn count_orphans(town: &Town) {
    let orphan = |logged: &&Logged| {
        matches!(logged.message, Message::BookingExpiredReleaseTickets(_)) && logged.caused_by.is_some()
    };
    let count = locked(&town.reading).records.iter().filter(orphan).count();
    town.world.cover_by("holds that nobody wanted any more", count as u64);
}

/// I1 to I18 as the audit checks them.
pub(super) fn audit(town: &Town, reading: &mut Reading) -> audit::Report {
    let mut evidence = Evidence { records: std::mem::take(&mut reading.records), ..Evidence::default() };
    gather(town, &mut evidence);
    let report = audit::audit(&evidence);
    reading.records = evidence.records;
    if report.violations() == 0 {
        return report;
    }
    let mut counts = false;
    for line in report.lines() {
        if !line.starts_with("    ") {
            counts = line.starts_with("FAIL");
        }
        if counts {
            town.world.violated(line);
        }
    }
    report
}

fn gather(town: &Town, evidence: &mut Evidence) {
    evidence.taken_at = Some(town.world.latest_clock());
    for partition in 0..PARTITIONS {
        for (key, value) in town.log.rows(partition) {
            match decode_row(&key, &value) {
                Ok(row) => evidence.seat_rows.push(row),
                Err(error) => town.world.violated(format!("I3 a row of partition {partition}: {error}")),
            }
        }
    }
    let (bookings, tickets) = (&town.bookings, &town.tickets.memory);
    evidence.bookings = bookings.memory.all().iter().map(booking_row).collect();
    evidence.books = Some(books(town));
    evidence.tickets = tickets.all_tickets().into_iter().map(ticket_row).collect();
    evidence.seller = Some(seller(town));
    let money = town.provider.money().into_iter();
    let payments = money.map(|(booking_id, (captured_minor, refunded_minor))| PaymentRow {
        booking_id,
        captured_minor,
        refunded_minor,
    });
    evidence.payments = Some(payments.collect());
    evidence.undecided_money = bookings.memory.undecided_money().into_iter().collect();
    evidence.unread = town.log.unread_by_seats()
        + town.log.unread_by(Service::Booking, |topic, n| bookings.positions.next(topic, n))
        + town.log.unread_by(Service::EventTicketing, |topic, n| tickets.next(topic, n));
    evidence.unsent = unsent(&**bookings) + unsent(&*town.tickets);
    evidence.dead_letters = town.log.dead_letters();
    evidence.dead_letters.extend(locked(&bookings.dead_letters).iter().cloned());
    evidence.dead_letters.extend(tickets.dead_letters());
}

fn unsent(database: &dyn Relayed) -> u64 {
    (database.sent_count() - database.outbox().removed()) as u64
}

/// The auditor's word for a status, which the rows write as the service does.
fn named<T: FromStr>(name: &str) -> T {
    name.parse().unwrap_or_else(|_| unreachable!("the auditor knows {name}"))
}

fn booking_row(booking: &Booking) -> BookingRow {
    let grant = booking.grant();
    let (ended_at, reason) = match &booking.state {
        State::Processing | State::PendingPayment { .. } => (None, None),
        State::Paid { paid_at, .. } => (Some(*paid_at), None),
        State::Failed { failed_at, .. } => (Some(*failed_at), None),
        State::Cancelled { cancelled_at, reason, .. } => (Some(*cancelled_at), Some(*reason)),
    };
    BookingRow {
        id: booking.id,
        event_id: booking.event_id,
        status: named(booking.status().as_str()),
        hold: grant.map(|grant| grant.hold),
        seats: grant.into_iter().flat_map(kernel::message::Grant::seat_nos).collect(),
        buyer_id: booking.buyer_id,
        unit_price: grant.map(|grant| grant.unit_price),
        created_at: booking.created_at,
        expires_at: booking.pay_by(),
        ended_at,
        expired: reason == Some(CancelReason::Expired) && !late_money_ended(booking),
    }
}

fn books(town: &Town) -> Books {
    let memory = &town.bookings.memory;
    let key =
        |(used, first_seen): (KeyUse, Timestamp)| KeyRow { resource: used.resource.to_string(), first_seen };
    Books {
        attempts: memory.attempts().into_iter().map(attempt_row).collect(),
        keys: memory.keys().into_iter().map(key).collect(),
        ledger: town.provider.ledger(),
    }
}

fn attempt_row(attempt: PaymentAttempt) -> AttemptRow {
    AttemptRow {
        id: attempt.id.to_string(),
        booking_id: attempt.booking_id,
        amount_minor: attempt.amount.amount_minor,
        status: AttemptStatus::of(attempt.status.as_str())
            .unwrap_or_else(|| panic!("the audit has no {}", attempt.status)),
        sent_at: attempt.sent_at,
    }
}

fn ticket_row((hold, ticket): (Hold, Ticket)) -> TicketRow {
    TicketRow {
        event_id: ticket.event_id,
        seat: ticket.seat,
        hold,
        status: named(ticket.status.as_str()),
        sale: Some(Sale { buyer_id: ticket.buyer_id, price: ticket.price, since: ticket.since }),
    }
}

fn seller(town: &Town) -> SellerFacts {
    let memory = &town.tickets.memory;
    let hold = |(hold, status): (Hold, HoldStatus)| HoldRow { hold, status: named(status.as_str()) };
    let minute = |(event_id, of): (EventId, MinuteSales)| MinuteRow {
        event_id,
        at: of.at,
        sold: of.sold,
        revenue_minor: of.revenue_minor,
    };
    let booked =
        |id: &EventId| at_once(town.bookings.memory.event(*id, Duration::ZERO)).ok().flatten().is_some();
    let events = || town.houses.iter().map(|house| house.event_id);
    SellerFacts {
        sections: events().flat_map(|id| sections(memory, id)).collect(),
        minutes: memory.all_minutes().into_iter().map(minute).collect(),
        holds: memory.all_holds().into_iter().map(hold).collect(),
        outlines: events().filter(booked).collect(),
    }
}

/// The sections of an event with their figures; none until it exists.
fn sections(memory: &MemoryStore, id: EventId) -> Vec<SectionRow> {
    let stored = at_once(memory.event(id)).ok().flatten().zip(at_once(memory.sales(id)).ok().flatten());
    let Some((event, sales)) = stored else { return Vec::new() };
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let row = |(section, figures): (SectionOutline, SectionSales)| SectionRow {
        event_id: id,
        section: section.name,
        on_sale: event.status == EventStatus::OnSale,
        price: section.price,
        price_version: section.price_version,
        available: count(figures.available),
        reserved: count(figures.reserved),
        sold: count(figures.sold),
        revenue_minor: figures.revenue_minor,
    };
    event.sections.into_iter().zip(sales.sections).map(row).collect()
}
