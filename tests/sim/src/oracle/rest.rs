//! At rest: all stores agree on every seat, all money is where it belongs, and clients were
//! notified correctly.

use std::collections::BTreeMap;

use booking::{Booking, State, Status};
use event_ticketing::TicketStatus;
use kernel::{EventId, SeatNo, message::Hold, topic::Service};
use seat_reservation::row::{SeatRow, decode_row};

use crate::{
    relay::Relayed,
    sql::locked,
    town::{Shown, Town, total},
};

type Holders = BTreeMap<(EventId, SeatNo), (Hold, bool)>;

/// Whether nothing is on its way: all records read, all messages sent, all bookings ended, all
/// money decided.
pub(crate) fn settled(town: &Town) -> bool {
    let sent = |database: &dyn Relayed| database.outbox().removed() == database.sent_count();
    let (bookings, tickets) = (&town.bookings, &town.tickets);
    bookings.memory.all_ended()
        && sent(&**bookings)
        && sent(&**tickets)
        && town.log.unread_by_seats() == 0
        && town.log.unread_by(Service::Booking, |topic, n| bookings.positions.next(topic, n)) == 0
        && town.log.unread_by(Service::EventTicketing, |topic, n| tickets.memory.next(topic, n)) == 0
        && bookings.memory.undecided_money().is_empty()
}

/// Everything that must agree.
pub(crate) fn at_rest(town: &Town, report: &audit::Report) {
    if !report.settled {
        town.world.violated(format!("I5 the audit waits for {}", report.on_their_way.join(", ")));
    }
    report.checked().for_each(|(check, count)| town.world.cover_by(check, count as u64));
    let bookings = town.bookings.memory.all();
    holders_agree(town, &bookings);
    money_is_right(town, &bookings);
    clients_were_told_the_truth(town, &bookings);
    viewers_were_told(town, &bookings);
    for reason in town.log.dead_letters().iter().chain(&*locked(&town.bookings.dead_letters)) {
        town.world.violated(format!("I18 a dead letter: {reason}"));
    }
    for reason in town.tickets.memory.dead_letters() {
        town.world.violated(format!("I18 a dead letter: {reason}"));
    }
}

/// I1, I4.
fn holders_agree(town: &Town, bookings: &[Booking]) {
    let mut rows = Holders::new();
    for partition in 0..kernel::topic::PARTITIONS {
        for (key, value) in town.log.rows(partition) {
            match decode_row(&key, &value) {
                Ok(SeatRow::Seats(row)) => {
                    for holder in &row.holders {
                        for &seat in &holder.seats {
                            let place = kernel::SeatPlace { subsection: row.subsection, row: row.row, seat };
                            let seat = SeatNo { section: row.section.clone(), place };
                            rows.insert((row.event_id, seat), (holder.hold, holder.sold));
                        }
                    }
                }
                Ok(_) => {}
                Err(error) => town.world.violated(format!("I3 a row: {error}")),
            }
        }
    }
    let mut held = Holders::new();
    for booking in bookings {
        let (State::PendingPayment { grant, .. } | State::Paid { grant, .. }) = &booking.state else {
            continue;
        };
        for seat in grant.seat_nos() {
            let sold = booking.status() == Status::Paid;
            if let Some(other) = held.insert((grant.event_id, seat), (grant.hold, sold)) {
                town.world.violated(format!("I1 {:?} and {other:?} hold one seat", grant.hold));
            }
        }
    }
    let tickets: Holders = town
        .tickets
        .memory
        .all_tickets()
        .into_iter()
        .map(|(hold, ticket)| {
            let sold = ticket.status == TicketStatus::Sold;
            ((ticket.event_id, ticket.seat), (hold, sold))
        })
        .collect();
    same(town, "I4 bookings = seats", &rows, &held);
    same(town, "I4 tickets = seats", &rows, &tickets);
}

fn same(town: &Town, what: &str, one: &Holders, other: &Holders) {
    if one == other {
        return;
    }
    let seats: std::collections::BTreeSet<_> = one.keys().chain(other.keys()).collect();
    for seat in seats {
        let (left, right) = (one.get(seat), other.get(seat));
        if left != right {
            town.world.violated(format!("{what}: {seat:?} is {left:?} and {right:?}"));
        }
    }
}

/// I8, I9: the provider holds exactly the totals of what is paid.
fn money_is_right(town: &Town, bookings: &[Booking]) {
    let mut money = town.provider.money();
    for booking in bookings {
        let (taken, returned) = money.remove(&booking.id).unwrap_or_default();
        let due = match &booking.state {
            State::Paid { grant, .. } => total(grant),
            _ => 0,
        };
        if taken - returned != due {
            let is = booking.status();
            town.world.violated(format!(
                "I9 {} is {is}: due {due}, taken {taken}, returned {returned}",
                booking.id
            ));
        }
        if returned > 0 {
            town.world.cover("bookings whose money went back");
        }
    }
    for (booking, money) in money {
        town.world.violated(format!("I9 money {money:?} of {booking}, which does not exist"));
    }
}

/// I12, I13, I16: what a client saw is stored, and nothing that it saw was taken back.
fn clients_were_told_the_truth(town: &Town, bookings: &[Booking]) {
    let known: BTreeMap<_, _> = bookings.iter().map(|booking| (booking.id, Shown::of(booking))).collect();
    let clients = locked(&town.clients);
    for (id, (seen, _)) in &clients.seen {
        match known.get(id) {
            Some(is) if is.follows(*seen) => {}
            is => town.world.violated(format!("I16 a client saw {id} as {seen:?}, and it is {is:?}")),
        }
    }
    for ((buyer, key), id) in &clients.keys {
        if !known.contains_key(id) {
            town.world.violated(format!("I16 the key {key} of {buyer} named {id}, which is gone"));
        }
    }
}

/// A viewer's stream has the last revision of each booking, where only one process changed it and
/// every commit was answered.
fn viewers_were_told(town: &Town, bookings: &[Booking]) {
    if town.world.covered("commits that nobody answered")
        + town.world.covered("processes replaced while they stood still")
        > 0
    {
        return;
    }
    let known: BTreeMap<_, _> = bookings.iter().map(|booking| (booking.id, Shown::of(booking))).collect();
    let hub = std::sync::Arc::clone(&locked(&town.doors).hub);
    for (id, shown) in &*locked(&hub.0) {
        let is = known.get(id);
        if is != Some(shown) {
            town.world.violated(format!("a viewer of {id} was last shown {shown:?}, and it is {is:?}"));
        }
    }
    town.world.cover("runs whose viewers were compared");
}
