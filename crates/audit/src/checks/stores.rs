//! The seat store against the log, and every store against every other.
//!
//! [`seats`] holds at every moment; [`agreement`] when nothing is in flight.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use kernel::{
    BookingId, EventId, SeatNo, Timestamp,
    message::{Grant, Hold, Source},
};
use seat_reservation::row::{Answer as Stored, Holder, Outcome, SeatRow, Seats};

use crate::{
    evidence::{BookingRow, Evidence, HoldStatus, SellerFacts},
    history::{Answer, History},
    report::Report,
};

/// I1, I2, I3: the stored rows hold each seat at most once and only seats of the plan, so free +
/// reserved + sold = capacity; the same content always has the same bytes.
pub(super) fn seats(report: &mut Report, evidence: &Evidence, history: &History) {
    let mut seen = HashSet::new();
    for row in &evidence.seat_rows {
        let SeatRow::Seats(row) = row else { continue };
        report.check("I3 rows are in order", in_order(row), || format!("{row:?}"));
        let outline = history.opened.get(&(row.event_id, row.section.clone())).map(|opened| &opened.section);
        for (seat, holder) in seats_of(row) {
            let exists = outline.is_some_and(|outline| outline.contains(seat.place));
            let once = seen.insert((row.event_id, seat.clone()));
            report.check("I2 seats conserved", exists && once, || {
                format!("{} {seat} of {:?}", row.event_id, holder.hold)
            });
            if holder.sold {
                report.seats_sold += 1;
            } else {
                report.seats_reserved += 1;
            }
        }
    }
}

fn in_order(row: &Seats) -> bool {
    let holders = row.holders.windows(2).all(|pair| pair[0].hold.number < pair[1].hold.number);
    let ascending =
        |holder: &Holder| !holder.seats.is_empty() && holder.seats.windows(2).all(|s| s[0] < s[1]);
    holders && row.holders.iter().all(ascending)
}

fn seats_of(row: &Seats) -> impl Iterator<Item = (SeatNo, &Holder)> {
    row.holders.iter().flat_map(move |holder| {
        holder.seats.iter().map(move |&seat| {
            let place = kernel::SeatPlace { subsection: row.subsection, row: row.row, seat };
            (SeatNo { section: row.section.clone(), place }, holder)
        })
    })
}

/// I3, I4, I5: log, seat store, tickets and bookings say the same of every seat and every hold.
pub(super) fn agreement(report: &mut Report, evidence: &Evidence, history: &History) {
    let log = history.holders();
    let rows: BTreeMap<_, _> = evidence
        .seat_rows
        .iter()
        .filter_map(|row| if let SeatRow::Seats(row) = row { Some(row) } else { None })
        .flat_map(|row| {
            seats_of(row).map(move |(seat, holder)| ((row.event_id, seat), (holder.hold, holder.sold)))
        })
        .collect();
    let tickets: BTreeMap<_, _> = evidence
        .tickets
        .iter()
        .filter_map(|ticket| Some((ticket, ticket.status.sold()?)))
        .map(|(ticket, sold)| ((ticket.event_id, ticket.seat.clone()), (ticket.hold, sold)))
        .collect();
    report.check("I1 one living ticket per seat", tickets.len() == evidence.tickets.len(), || {
        format!("{} tickets for {} seats", evidence.tickets.len(), tickets.len())
    });
    let bookings: BTreeMap<_, _> = evidence.bookings.iter().flat_map(holds_of).collect();
    let held: usize = evidence.bookings.iter().flat_map(holds_of).count();
    report.check("I1 one living booking per seat", bookings.len() == held, || {
        format!("{held} seats of bookings on {} seats", bookings.len())
    });
    same(report, "I3 seat store = log", &log, &rows);
    same(report, "I4 tickets = seat store", &rows, &tickets);
    same(report, "I4 bookings = seat store", &rows, &bookings);
    sections(report, evidence, history);
    outcomes(report, evidence, history);
    copies(report, evidence, history);
    ends(report, evidence, history);
    if let Some(seller) = &evidence.seller {
        holds(report, seller, history);
    }
}

type Holders = BTreeMap<(EventId, SeatNo), (Hold, bool)>;

fn holds_of(booking: &BookingRow) -> impl Iterator<Item = ((EventId, SeatNo), (Hold, bool))> + '_ {
    let living = booking.status.hold().and_then(HoldStatus::sold).zip(booking.hold);
    living.into_iter().flat_map(move |(sold, hold)| {
        booking.seats.iter().map(move |seat| ((booking.event_id, seat.clone()), (hold, sold)))
    })
}

fn same(report: &mut Report, invariant: &'static str, one: &Holders, other: &Holders) {
    let seats: BTreeSet<_> = one.keys().chain(other.keys()).collect();
    for seat in seats {
        let (left, right) = (one.get(seat), other.get(seat));
        report
            .check(invariant, left == right, || format!("{} {}: {left:?} against {right:?}", seat.0, seat.1));
    }
}

/// I3: each section is stored with its plan, the price in force and the number of its latest hold.
fn sections(report: &mut Report, evidence: &Evidence, history: &History) {
    let (mut stored, mut versions) = (HashMap::new(), HashMap::new());
    for row in &evidence.seat_rows {
        match row {
            SeatRow::Section(row) => {
                stored.insert((row.event_id, row.outline.name.clone()), &row.outline);
            }
            SeatRow::Version(row) => {
                versions.insert((row.event_id, row.section.clone()), row.version);
            }
            _ => {}
        }
    }
    for (section, opened) in &history.opened {
        let mut due = opened.section.clone();
        (due.price, due.price_version) =
            history.last_price(section).unwrap_or((due.price, due.price_version));
        report.check("I3 stored sections = log", stored.get(section) == Some(&&due), || {
            format!("{} {}: {:?} instead of {due:?}", section.0, section.1, stored.get(section))
        });
        let (number, version) = (history.last_number(section), versions.get(section).copied().unwrap_or(0));
        report.check("I3 stored versions = log", number == version, || {
            format!("{} {}: {version} instead of {number}", section.0, section.1)
        });
    }
}

/// I12: the seat engine keeps its answers, so that a repeated request gets the same one; a final
/// answer only for a limited time.
fn outcomes(report: &mut Report, evidence: &Evidence, history: &History) {
    let mut kept: HashMap<BookingId, &Outcome> = HashMap::new();
    let mut log_times: HashMap<u16, Timestamp> = HashMap::new();
    for row in &evidence.seat_rows {
        match row {
            SeatRow::Outcome(row) => drop(kept.insert(row.booking_id, row)),
            SeatRow::Partition(row) => drop(log_times.insert(row.partition, row.log_time)),
            _ => {}
        }
    }
    // Kept is what was answered last; who asks again and gets the same does not renew it.
    let mut last: HashMap<BookingId, (Source, &Answer)> = HashMap::new();
    for (source, request) in &history.requests {
        let Some([answer]) = history.answers.get(source).map(Vec::as_slice) else { continue };
        let kept = last.entry(request.booking_id).or_insert((*source, answer));
        if kept.1 != answer {
            *kept = (*source, answer);
        }
    }
    for (booking, (source, answer)) in last {
        let stored = kept.get(&booking).map(|outcome| &outcome.answer);
        let log_time = log_times.get(&source.partition);
        let may_be_forgotten = history.may_be_forgotten(source, answer, log_time);
        let holds = stored.map_or(may_be_forgotten, |stored| tells(stored, answer, history));
        report.check("I12 answers are kept for repeated requests", holds, || {
            format!("{booking}: {stored:?} is kept of {answer:?}")
        });
    }
}

fn tells(stored: &Stored, answer: &Answer, history: &History) -> bool {
    let same = |kept: &Grant| matches!(answer, Answer::Granted(grant) if **grant == *kept);
    let released = |grant: &Grant| history.released.contains(&grant.hold);
    let sold = |grant: &Grant| history.finalized.contains(&grant.hold);
    match stored {
        Stored::Failed { failure, .. } => *answer == Answer::Failed(*failure),
        Stored::Reserved { grant } => same(grant) && !released(grant) && !sold(grant),
        Stored::Released { grant, .. } => same(grant) && released(grant),
        Stored::Sold { grant, .. } => same(grant) && sold(grant),
    }
}

/// I8: bookings and tickets have the seats, the buyer and the price that the seat engine granted.
fn copies(report: &mut Report, evidence: &Evidence, history: &History) {
    for booking in &evidence.bookings {
        let Some(hold) = booking.hold else { continue };
        let true_copy = history.granted.get(&hold).is_some_and(|grant| {
            (booking.buyer_id, booking.unit_price) == (grant.buyer_id, Some(grant.unit_price))
                && grant.seat_nos().eq(booking.seats.iter().cloned())
        });
        report.check("I8 bookings = grants", true_copy, || {
            format!("{booking:?} against {:?}", history.granted.get(&hold))
        });
    }
    for ticket in &evidence.tickets {
        let Some(sale) = &ticket.sale else { continue };
        let true_copy = history.granted.get(&ticket.hold).is_some_and(|grant| {
            (sale.buyer_id, sale.price, ticket.event_id) == (grant.buyer_id, grant.unit_price, grant.event_id)
        });
        report.check("I8 tickets = grants", true_copy, || {
            format!("{ticket:?} against {:?}", history.granted.get(&ticket.hold))
        });
    }
}

/// I6: each booking with a hold, and each ticket, says what the log says of the hold.
fn ends(report: &mut Report, evidence: &Evidence, history: &History) {
    for booking in &evidence.bookings {
        let Some(hold) = &booking.hold else { continue };
        let (due, got) = (history.end_of(hold), booking.status.hold());
        report.check("I6 bookings = log", got == Some(due), || format!("{booking:?}, due {due:?}"));
    }
    for ticket in &evidence.tickets {
        let (due, paid) = (history.end_of(&ticket.hold), history.paid.get(&ticket.hold));
        let since = ticket.sale.as_ref().map(|sale| &sale.since);
        let timely = paid.zip(since).is_none_or(|(paid, since)| paid == since);
        report.check("I6 tickets = log", ticket.status == due && timely, || {
            format!("{ticket:?}, due {due:?}, paid {paid:?}")
        });
    }
}

/// I6: `event_ticketing` has followed each hold exactly as far as the log says.
fn holds(report: &mut Report, seller: &SellerFacts, history: &History) {
    let followed: HashMap<Hold, HoldStatus> = seller.holds.iter().map(|row| (row.hold, row.status)).collect();
    let granted = history.granted.keys().copied();
    let all: BTreeSet<Hold> = granted.chain(followed.keys().copied()).collect();
    for hold in all {
        let due = history.end_of(&hold);
        let got = followed.get(&hold);
        report.check("I6 holds followed = log", got == Some(&due), || {
            format!("{hold:?}: {got:?}, due {due:?}")
        });
    }
}
