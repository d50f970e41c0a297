//! The invariants, each checked on its own from the facts. The names are those of the reliability
//! goals; `docs/RUNBOOK.md` lists them.
//!
//! Most hold at every moment. Those that compare stores with each other are checked only when
//! nothing is in flight.

mod figures;
mod finder;
mod lanes;
mod money;
mod stores;

use std::collections::{HashMap, HashSet};

use kernel::{
    EventId, SeatNo,
    message::{Grant, Hold, Partial, Source, TicketReservedRequest},
    plan::SectionOutline,
};

use super::{
    evidence::{BookingStatus, Evidence},
    history::{Answer, History, asks_for},
    report::Report,
};

/// Checks everything.
pub fn audit(evidence: &Evidence) -> Report {
    let history = History::read(&evidence.records);
    let mut report =
        Report { records: evidence.records.len(), bookings: evidence.bookings.len(), ..Report::default() };
    one_answer(&mut report, evidence, &history);
    one_holder(&mut report, &history);
    order(&mut report, &history);
    grants(&mut report, &history);
    finder::check(&mut report, &history);
    lanes::check(&mut report, evidence);
    one_winner(&mut report, evidence, &history);
    stores::seats(&mut report, evidence, &history);
    money::times(&mut report, evidence);
    report.check("I3 checkpoints = log", evidence.unlike_log.is_empty(), || evidence.unlike_log.join("; "));
    report.check("I10 no reader ahead of the log", evidence.ahead.is_empty(), || evidence.ahead.join("; "));
    report.check("I18 dead letters", evidence.dead_letters.is_empty(), || evidence.dead_letters.join("; "));
    on_their_way(&mut report, evidence);
    if report.on_their_way.is_empty() {
        stores::agreement(&mut report, evidence, &history);
        figures::check(&mut report, evidence, &history);
        money::check(&mut report, evidence);
    }
    money::due(&mut report, evidence);
    report.settled = report.on_their_way.is_empty();
    report
}

/// What keeps the stores from agreeing.
fn on_their_way(report: &mut Report, evidence: &Evidence) {
    let processing = evidence.bookings.iter().filter(|b| b.status == BookingStatus::Processing).count();
    report.waits_for(evidence.unread, "records that are not read yet");
    report.waits_for(evidence.unsent, "messages that are not published yet");
    report.waits_for(processing as u64, "bookings without an answer of the seat engine");
}

/// I10: each request has one answer to each service; a repeated request has the first answer again,
/// unless that was final for so long that the seat engine may have forgotten it.
fn one_answer(report: &mut Report, evidence: &Evidence, history: &History) {
    let mut first: HashMap<_, (Source, &Answer)> = HashMap::new();
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
            let (cause, before) = *first.entry(request.booking_id).or_insert((*source, answer));
            let same = before == answer;
            let log_time = history.answered_at.get(source);
            let forgotten = !same && history.may_be_forgotten(cause, before, log_time);
            report.check("I12 a repeated request has the first answer", same || forgotten, || {
                format!("{}: first {before:?}, then {answer:?}", request.booking_id)
            });
            if forgotten {
                first.insert(request.booking_id, (*source, answer));
            }
        }
    }
    for cause in history.answers.keys().chain(history.reservations.keys()) {
        report.check("I10 no answer without a request", history.requests.contains_key(cause), || {
            format!("{cause:?}")
        });
    }
}

/// I1, I6: a seat passes to another hold only after the hold before it was released, and never
/// after it was paid. A partition's time never goes back, so a release that the seat engine read
/// before the grant has no later time.
fn one_holder(report: &mut Report, history: &History) {
    let mut holder: HashMap<(EventId, SeatNo), Hold> = HashMap::new();
    for grant in history.holds() {
        for seat in grant.seat_nos() {
            if let Some(before) = holder.insert((grant.event_id, seat.clone()), grant.hold) {
                let granted_at = history.granted_at.get(&grant.hold);
                let in_order = history.ended_at.get(&before).is_some_and(|end| Some(end) <= granted_at);
                let released = history.released.contains(&before) && in_order;
                let free = released && !history.paid.contains_key(&before);
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
        report
            .check("I6 only what was paid is sold", history.paid.contains_key(hold), || format!("{hold:?}"));
    }
}

/// I11: a section's holds are numbered 1, 2, 3 … in the order of the log, and its answers follow
/// the order of its requests.
fn order(report: &mut Report, history: &History) {
    for ((event, section), grants) in &history.grants {
        let mut number = 0;
        let mut seen = HashSet::new();
        let mut last_cause = None;
        for (cause, grant) in grants {
            if seen.insert(grant.hold) {
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

/// I8 and the shape of a grant: its seats exist, are all different, were asked for, and have the
/// price in force.
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

/// I7: of paid and given back exactly one happened to a hold.
fn one_winner(report: &mut Report, evidence: &Evidence, history: &History) {
    for hold in history.paid.keys() {
        report.check("I7 paid or given back, never both", !history.given_back.contains(hold), || {
            format!("{hold:?}")
        });
    }
    let known: HashSet<_> = evidence.bookings.iter().map(|booking| booking.id).collect();
    for booking in history.requested_bookings() {
        report.check("I16 every request has its booking", known.contains(&booking), || booking.to_string());
    }
}
