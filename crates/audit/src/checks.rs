//! The invariants, each checked on its own from the facts. The names are those of `docs/ARCHITECTURE.md` and the reliability goals.
//!
//! The first group holds at every moment; the second (`agreement`) only when nothing is on its way.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernel::{
    EventId, SeatNo,
    message::{Grant, Hold, Partial, Selection, TicketReservedRequest},
    plan::SectionOutline,
};
use seat_reservation::row::SeatRow;

use super::{
    evidence::{BookingRow, BookingStatus, Evidence},
    history::{Answer, History, asks_for},
    report::Report,
};

/// Checks everything.
pub fn audit(evidence: &Evidence) -> Report {
    let history = History::read(&evidence.records);
    let mut report = Report {
        settled: evidence.unread == 0
            && evidence.unsent == 0
            && evidence.bookings.iter().all(|booking| booking.status != BookingStatus::Processing),
        records: evidence.records.len(),
        bookings: evidence.bookings.len(),
        ..Report::default()
    };
    one_answer(&mut report, evidence, &history);
    one_holder(&mut report, &history);
    order(&mut report, &history);
    grants(&mut report, &history);
    no_false_refusal(&mut report, &history);
    one_winner(&mut report, evidence, &history);
    stored_seats(&mut report, evidence, &history);
    report.check("I3 checkpoints = log", evidence.unlike_log.is_empty(), || evidence.unlike_log.join("; "));
    report.check("I18 dead letters", evidence.dead_letters.is_empty(), || evidence.dead_letters.join("; "));
    if report.settled {
        agreement(&mut report, evidence, &history);
        money(&mut report, evidence);
    }
    report
}

/// I10: each request has one answer to each service; a repeated request has the first answer again.
fn one_answer(report: &mut Report, evidence: &Evidence, history: &History) {
    let mut first: HashMap<_, &Answer> = HashMap::new();
    for (source, request) in &history.requests {
        let answers = history.answers.get(source).map_or(&[][..], Vec::as_slice);
        let reservations = history.reservations.get(source).map_or(&[][..], Vec::as_slice);
        let expected = match answers {
            [] => evidence.unread > 0 && reservations.is_empty(),
            [Answer::Granted(grant)] => reservations.len() == 1 && reservations[0] == *grant,
            [Answer::Failed(_)] => reservations.is_empty(),
            _ => false,
        };
        report.check("I10 one answer per request", expected, || {
            format!("{} at {source:?} has {answers:?} and {reservations:?}", request.booking_id)
        });
        if let [answer] = answers {
            let before = *first.entry(request.booking_id).or_insert(answer);
            report.check("I12 a repeated request has the first answer", before == answer, || {
                format!("{}: first {before:?}, then {answer:?}", request.booking_id)
            });
        }
    }
    for cause in history.answers.keys().chain(history.reservations.keys()) {
        report.check("I10 no answer without a request", history.requests.contains_key(cause), || {
            format!("{cause:?}")
        });
    }
}

/// I1, I6: a seat passes to another hold only after the hold before it was given back and released, and never after it was paid.
fn one_holder(report: &mut Report, history: &History) {
    let mut holder: HashMap<(EventId, SeatNo), Hold> = HashMap::new();
    for grant in history.holds() {
        for seat in grant.seat_nos() {
            if let Some(before) = holder.insert((grant.event_id, seat.clone()), grant.hold) {
                let free = history.released.contains(&before) && !history.paid.contains(&before);
                report.check("I1 no seat twice", free, || {
                    format!("{} {seat} went from {before:?} to {:?}", grant.event_id, grant.hold)
                });
            }
        }
    }
    for hold in &history.released {
        report.check("I6 only what was given back is released", history.given_back.contains(hold), || {
            format!("{hold:?}")
        });
    }
    for hold in &history.finalized {
        report.check("I6 only what was paid is sold", history.paid.contains(hold), || format!("{hold:?}"));
    }
}

/// I11: a section's holds are numbered 1, 2, 3 … in the order of the log, and its answers follow the order of its requests.
fn order(report: &mut Report, history: &History) {
    for ((event, section), grants) in &history.grants {
        let mut number = 0;
        let mut last_cause = None;
        for (cause, grant) in grants {
            if grant.hold.number > number {
                report.check("I11 holds are numbered in order", grant.hold.number == number + 1, || {
                    format!("{event} {section}: {} after {number}", grant.hold.number)
                });
                number = grant.hold.number;
            }
            report.check("I11 answers follow the requests' order", *cause > last_cause, || {
                format!("{event} {section}: {cause:?} after {last_cause:?}")
            });
            last_cause = *cause;
        }
    }
}

/// I8 and the shape of a grant: its seats exist, are all different, were asked for, and have the price in force.
fn grants(report: &mut Report, history: &History) {
    for (section, grants) in &history.grants {
        let outline = history.opened.get(section).map(|opened| &opened.section);
        for (cause, grant) in grants {
            let Some((cause, request)) =
                cause.and_then(|at| history.requests.get(&at).map(|request| (at, *request)))
            else {
                continue; // Reported by I10.
            };
            // A repeated request repeats the grant, at the price of its first place.
            let first =
                grants.iter().find(|(_, other)| other.hold == grant.hold).and_then(|(first, _)| *first);
            if first == Some(cause) {
                let price = history.price_at(section, cause);
                report.check("I8 the price in force", price == Some(grant.unit_price), || {
                    format!("{:?} at {} instead of {price:?}", grant.hold, grant.unit_price)
                });
            }
            report.check("a grant is of the plan and of the request", fits(outline, request, grant), || {
                format!("{request:?} got {grant:?}")
            });
        }
    }
}

fn fits(outline: Option<&SectionOutline>, request: &TicketReservedRequest, grant: &Grant) -> bool {
    let seats: HashSet<_> = grant.seats.iter().collect();
    let count = seats.len() == grant.seats.len()
        && (1..=usize::from(request.selection.requested())).contains(&seats.len())
        && (request.partial == Partial::Accept || seats.len() == usize::from(request.selection.requested()));
    let theirs = grant.hold.booking_id == request.booking_id
        && grant.buyer_id == request.buyer_id
        && grant.event_id == request.event_id;
    count
        && theirs
        && grant.seat_nos().all(|seat| asks_for(request, &seat))
        && outline.is_some_and(|outline| grant.seats.iter().all(|&place| outline.contains(place)))
}

/// I15: nobody is refused or cut short while there is a seat that nobody ever held. (Whether a returned seat had come back by then the log
/// of one topic cannot say, so those are not counted against the engine.)
fn no_false_refusal(report: &mut Report, history: &History) {
    let mut untouched: BTreeMap<_, BTreeMap<u16, u32>> = history
        .opened
        .iter()
        .map(|(section, opened)| {
            let seats = opened.section.subsections.iter().map(|s| (s.number, s.seats()));
            (section.clone(), seats.collect())
        })
        .collect();
    let mut touched: HashSet<(EventId, SeatNo)> = HashSet::new();
    for (source, request) in &history.requests {
        let Some([answer]) = history.answers.get(source).map(Vec::as_slice) else { continue };
        let Some(free) = untouched.get_mut(&(request.event_id, request.section.clone())) else { continue };
        let granted = match answer {
            Answer::Granted(grant) => grant.seats.len(),
            Answer::Failed(_) => 0,
        };
        if let Selection::BestAvailable { quantity, subsection } = request.selection {
            let in_reach: u32 = match subsection {
                Some(number) => free.get(&number).copied().unwrap_or(0),
                None => free.values().sum(),
            };
            let in_reach = usize::try_from(in_reach).unwrap_or(usize::MAX);
            let quantity = usize::from(quantity);
            // A refusal had too few; a grant that is short took every untouched seat there was.
            let holds = match answer {
                Answer::Failed(_) if request.partial == Partial::Refuse => in_reach < quantity,
                Answer::Failed(_) => in_reach == 0,
                Answer::Granted(_) => granted == quantity || in_reach <= granted,
            };
            report.check("I15 no false refusal", holds, || {
                format!("{request:?} got {granted} of {quantity} while {in_reach} seats were untouched")
            });
        }
        if let Answer::Granted(grant) = answer {
            for seat in grant.seat_nos() {
                let number = seat.place.subsection;
                if touched.insert((grant.event_id, seat))
                    && let Some(left) = free.get_mut(&number)
                {
                    *left = left.saturating_sub(1);
                }
            }
        }
    }
}

/// I7: of paid and given back exactly one happened to a hold.
fn one_winner(report: &mut Report, evidence: &Evidence, history: &History) {
    for hold in &history.paid {
        report.check("I7 paid or given back, never both", !history.given_back.contains(hold), || {
            format!("{hold:?}")
        });
    }
    let known: HashSet<_> = evidence.bookings.iter().map(|booking| booking.id).collect();
    for booking in history.requested_bookings() {
        report.check("I16 every request has its booking", known.contains(&booking), || booking.to_string());
    }
}

/// I1, I2: the stored rows hold each seat at most once and only seats of the plan, so free + reserved + sold = capacity.
fn stored_seats(report: &mut Report, evidence: &Evidence, history: &History) {
    let mut seen = HashSet::new();
    for row in &evidence.seat_rows {
        let SeatRow::Seats(row) = row else { continue };
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

fn seats_of(
    row: &seat_reservation::row::Seats,
) -> impl Iterator<Item = (SeatNo, &seat_reservation::row::Holder)> {
    row.holders.iter().flat_map(move |holder| {
        holder.seats.iter().map(move |&seat| {
            let place = kernel::SeatPlace { subsection: row.subsection, row: row.row, seat };
            (SeatNo { section: row.section.clone(), place }, holder)
        })
    })
}

/// I3, I4, I5: log, seat store, tickets and bookings say the same of every seat.
fn agreement(report: &mut Report, evidence: &Evidence, history: &History) {
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
        .map(|ticket| ((ticket.event_id, ticket.seat.clone()), (ticket.hold, ticket.sold)))
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
}

type Holders = BTreeMap<(EventId, SeatNo), (Hold, bool)>;

fn holds_of(booking: &BookingRow) -> impl Iterator<Item = ((EventId, SeatNo), (Hold, bool))> + '_ {
    let sold = match booking.status {
        BookingStatus::PendingPayment => Some(false),
        BookingStatus::Paid => Some(true),
        BookingStatus::Processing | BookingStatus::Failed | BookingStatus::Cancelled => None,
    };
    let living = sold.zip(booking.hold);
    living.into_iter().flat_map(move |(sold, hold)| {
        booking.seats.iter().map(move |seat| ((booking.event_id, seat.clone()), (hold, sold)))
    })
}

fn same(report: &mut Report, invariant: &'static str, one: &Holders, other: &Holders) {
    let seats: std::collections::BTreeSet<_> = one.keys().chain(other.keys()).collect();
    for seat in seats {
        let (left, right) = (one.get(seat), other.get(seat));
        report
            .check(invariant, left == right, || format!("{} {}: {left:?} against {right:?}", seat.0, seat.1));
    }
}

/// I9: the provider holds exactly the totals of the paid bookings, but for those whose payment or refund is still being asked about.
fn money(report: &mut Report, evidence: &Evidence) {
    let mut held: HashMap<_, i64> = HashMap::new();
    for payment in &evidence.payments {
        *held.entry(payment.booking_id).or_default() += payment.captured_minor - payment.refunded_minor;
    }
    for booking in &evidence.bookings {
        let due = match booking.status {
            BookingStatus::Paid => booking.total.map_or(0, |total| total.amount_minor),
            _ => 0,
        };
        let got = held.remove(&booking.id).unwrap_or(0);
        if evidence.undecided_money.contains(&booking.id) {
            continue;
        }
        report.check("I9 money = paid bookings", due == got, || {
            format!("{} is {:?}: due {due}, held {got}", booking.id, booking.status)
        });
    }
    for (booking, got) in held {
        report.check("I9 no money without a booking", got == 0, || format!("{booking}: {got}"));
    }
}
