//! What a seller sees, compared with the tickets and with the seat engine. Holds when nothing is in
//! flight.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{EventId, SectionName, Timestamp, plan::SectionOutline};
use seat_reservation::row::SeatRow;

use crate::{
    evidence::{Evidence, HoldStatus, SellerFacts, TicketRow},
    history::History,
    report::Report,
};

const MINUTE_MS: i64 = 60_000;

/// Seats and money of some holds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Figures {
    taken: i64,
    reserved: i64,
    sold: i64,
    revenue_minor: i64,
}

impl Figures {
    fn add(&mut self, ticket: &TicketRow) {
        self.taken += 1;
        self.reserved += i64::from(ticket.status == HoldStatus::Reserved);
        if ticket.status == HoldStatus::Sold {
            self.sold += 1;
            self.revenue_minor += ticket.sale.as_ref().map_or(0, |sale| sale.price.amount_minor);
        }
    }
}

pub(super) fn check(report: &mut Report, evidence: &Evidence, history: &History) {
    let Some(seller) = &evidence.seller else { return };
    sections(report, seller, evidence, history);
    minutes(report, seller, history);
    let known: BTreeSet<_> = seller.sections.iter().map(|row| (row.event_id, &row.section)).collect();
    for section in history.opened.keys() {
        let known = known.contains(&(section.0, &section.1));
        report.check("I4 every open section has an event", known, || format!("{} {}", section.0, section.1));
    }
}

/// I4, I8: per section the counts and the revenue are those of its tickets, and plan and price are
/// those of the seat engine.
fn sections(report: &mut Report, seller: &SellerFacts, evidence: &Evidence, history: &History) {
    let mut due: BTreeMap<(EventId, &SectionName), Figures> = BTreeMap::new();
    for ticket in &evidence.tickets {
        due.entry((ticket.event_id, &ticket.seat.section)).or_default().add(ticket);
    }
    let engine = evidence.seat_rows.iter().filter_map(|row| match row {
        SeatRow::Section(row) => {
            let SectionOutline { name, price, price_version, .. } = &row.outline;
            Some(((row.event_id, name), (*price, *price_version)))
        }
        _ => None,
    });
    let engine: BTreeMap<_, _> = engine.collect();
    for row in &seller.sections {
        let name = || format!("{} {}", row.event_id, row.section);
        let due = due.get(&(row.event_id, &row.section)).copied().unwrap_or_default();
        let section = (row.event_id, row.section.clone());
        let seats = history.opened.get(&section).map(|opened| i64::from(opened.section.seats()));
        let shown = Figures {
            taken: seats.map_or(0, |seats| seats - row.available),
            reserved: row.reserved,
            sold: row.sold,
            revenue_minor: row.revenue_minor,
        };
        report.check("I4 sales figures = tickets", shown == due, || {
            format!("{}: {shown:?}, due {due:?}", name())
        });
        if !row.on_sale {
            continue;
        }
        let (set, engine) = ((row.price, row.price_version), engine.get(&(row.event_id, &row.section)));
        report.check("I8 the seat engine has the seller's price", engine == Some(&set), || {
            format!("{}: {engine:?} instead of {set:?}", name())
        });
        let open = seats.is_some() && seller.outlines.contains(&row.event_id);
        report.check("I4 what is on sale can be booked", open, name);
    }
}

/// I4: what was sold in each minute is what was paid in it.
fn minutes(report: &mut Report, seller: &SellerFacts, history: &History) {
    let mut due: BTreeMap<(EventId, Timestamp), Figures> = BTreeMap::new();
    for (hold, at) in &history.paid {
        let Some(grant) = history.granted.get(hold) else { continue };
        let minute = at.as_millis().div_euclid(MINUTE_MS) * MINUTE_MS;
        let due = due.entry((grant.event_id, Timestamp::from_millis(minute))).or_default();
        let seats = i64::try_from(grant.seats.len()).unwrap_or(i64::MAX);
        due.sold += seats;
        due.revenue_minor += grant.unit_price.amount_minor * seats;
    }
    let shown: BTreeMap<_, _> = seller
        .minutes
        .iter()
        .map(|row| {
            let figures = Figures { sold: row.sold, revenue_minor: row.revenue_minor, ..Figures::default() };
            ((row.event_id, row.at), figures)
        })
        .collect();
    let all: BTreeSet<_> = due.keys().chain(shown.keys()).collect();
    for minute in all {
        let (shown, due) = (shown.get(minute), due.get(minute));
        report.check("I4 sales by minute = log", shown == due, || {
            format!("{} {:?}: {shown:?}, due {due:?}", minute.0, minute.1)
        });
    }
}
