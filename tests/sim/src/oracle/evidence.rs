//! The facts of a world as the audit wants them, so that its checks judge the simulation too.
//!
//! Promises: leaves nothing out. Never: judges.

use std::str::FromStr;

use audit::evidence::{BookingRow, Evidence, Logged, PaymentRow, TicketRow};
use booking::Booking;
use kernel::{
    message::Message,
    topic::{PARTITIONS, Service},
};
use seat_reservation::row::decode_row;

use super::Reading;
use crate::{relay::Relayed, sql::locked, town::Town};

/// Counts the holds that booking gave back at once, since nobody wanted them any more.
pub(crate) fn count_orphans(town: &Town) {
    let orphan = |logged: &&Logged| {
        matches!(logged.message, Message::BookingExpiredReleaseTickets(_)) && logged.caused_by.is_some()
    };
    let count = locked(&town.reading).records.iter().filter(orphan).count();
    town.world.cover_by("holds that nobody wanted any more", count as u64);
}

/// I1 to I18 as the audit checks them.
pub(super) fn audit(town: &Town, reading: &mut Reading) {
    let mut evidence = Evidence { records: std::mem::take(&mut reading.records), ..Evidence::default() };
    gather(town, &mut evidence);
    let report = audit::audit(&evidence);
    reading.records = evidence.records;
    if report.violations() == 0 {
        return;
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
}

fn gather(town: &Town, evidence: &mut Evidence) {
    for partition in 0..PARTITIONS {
        for (key, value) in town.log.rows(partition) {
            match decode_row(&key, &value) {
                Ok(row) => evidence.seat_rows.push(row),
                Err(error) => town.world.violated(format!("I3 a row of partition {partition}: {error}")),
            }
        }
    }
    evidence.bookings = town.bookings.memory.all().iter().map(booking_row).collect();
    let tickets = &town.tickets.memory;
    evidence.tickets = tickets
        .all_tickets()
        .into_iter()
        .map(|(hold, ticket)| TicketRow {
            event_id: ticket.event_id,
            seat: ticket.seat,
            hold,
            status: named(ticket.status.as_str()),
            sale: None,
        })
        .collect();
    let money = town.provider.money().into_iter();
    let payments = money.map(|(booking_id, (captured_minor, refunded_minor))| PaymentRow {
        booking_id,
        captured_minor,
        refunded_minor,
    });
    evidence.payments = Some(payments.collect());
    evidence.undecided_money = town.bookings.memory.undecided_money().into_iter().collect();
    evidence.unread = town.log.unread_by_seats()
        + town.log.unread_by(Service::Booking, |topic, n| town.bookings.positions.next(topic, n))
        + town.log.unread_by(Service::EventTicketing, |topic, n| tickets.next(topic, n));
    evidence.unsent = unsent(&*town.bookings) + unsent(&*town.tickets);
    evidence.dead_letters = town.log.dead_letters();
    evidence.dead_letters.extend(locked(&town.bookings.dead_letters).iter().cloned());
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
        // The clocks of this world disagree on purpose, so no moment is held against another's.
        ended_at: None,
        expired: false,
    }
}
