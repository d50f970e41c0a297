//! Money: the provider's ledger against booking's attempts, refunds and paid bookings; and the
//! times that money and holds depend on.
//!
//! Promises: a charge that booking knows pays its booking, or is followed by exactly one refund of
//! the same amount.
//! Never: judges a payment that is still being polled.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Duration,
};

use kernel::{BookingId, Timestamp, limits};

use crate::{
    evidence::{
        AttemptRow, AttemptStatus, BookingRow, BookingStatus, Books, Entry, Evidence, LedgerRow, PaymentRow,
    },
    report::Report,
};

/// How long an overdue hold may wait for the sweep that releases its seats.
const SWEEP_MS: i64 = 5_000;
/// How long after the provider's decision an attempt may be open, at least: by then booking has
/// polled it, or will after at most as long as it has waited already.
const POLLED: Duration = limits::PROVIDER_CALL.saturating_add(Duration::from_secs(5));

/// I9: the provider holds exactly the totals of the paid bookings, and each charge is one of those
/// or was refunded once.
pub(super) fn check(report: &mut Report, evidence: &Evidence) {
    match &evidence.payments {
        Some(payments) => totals(report, evidence, payments),
        None => report.unchecked.push("I9: the payment provider has its ledger elsewhere"),
    }
    let Some(books) = &evidence.books else { return };
    if evidence.payments.is_some() {
        attempts(report, books);
        refunds(report, evidence, books);
    }
    keys(report, evidence, books);
}

/// Each attempt that is decided is decided as in the ledger, and the ledger has none that booking
/// does not know.
fn attempts(report: &mut Report, books: &Books) {
    let ledger: HashMap<&str, &LedgerRow> = entries(books).map(|row| (row.key.as_str(), row)).collect();
    for attempt in &books.attempts {
        let entry = ledger.get(attempt.id.as_str()).copied();
        let agree = agree(attempt, entry) || kernel::planted("audit.ledger-overlooked");
        report.check("I9 attempts = ledger", agree, || format!("{attempt:?}: {entry:?}"));
    }
    let known: HashSet<&str> = books.attempts.iter().map(|attempt| attempt.id.as_str()).collect();
    for row in entries(books) {
        report
            .check("I9 no money without an attempt", known.contains(row.key.as_str()), || format!("{row:?}"));
    }
}

fn entries(books: &Books) -> impl Iterator<Item = &LedgerRow> {
    books.ledger.iter().filter(|row| row.entry != Entry::Refund)
}

fn agree(attempt: &AttemptRow, entry: Option<&LedgerRow>) -> bool {
    let same = |row: &LedgerRow| {
        (row.booking_id, row.amount_minor) == (Some(attempt.booking_id), attempt.amount_minor)
    };
    match (attempt.status, entry) {
        (AttemptStatus::Open, None) => true,
        (AttemptStatus::Open, Some(row)) => row.entry == Entry::Void || same(row),
        (AttemptStatus::Charged | AttemptStatus::Refunding, Some(row)) => {
            row.entry == Entry::Charge && same(row)
        }
        (AttemptStatus::Declined, Some(row)) => row.entry == Entry::Decline && same(row),
        (AttemptStatus::Voided, Some(row)) => row.entry == Entry::Void,
        (_, None) => false,
    }
}

/// A refund is of one charge, of its amount; whether booking still owes it is the next check's
/// business.
fn refunds(report: &mut Report, evidence: &Evidence, books: &Books) {
    let charges: HashMap<&str, &LedgerRow> = books
        .ledger
        .iter()
        .filter(|row| row.entry == Entry::Charge)
        .map(|row| (row.key.as_str(), row))
        .collect();
    for row in books.ledger.iter().filter(|row| row.entry == Entry::Refund) {
        let charge = row.key.strip_prefix("refund:").and_then(|key| charges.get(key));
        let one = charge.is_some_and(|charge| {
            (charge.booking_id, charge.amount_minor) == (row.booking_id, row.amount_minor)
        });
        report.check("I9 a refund is of one charge", one, || format!("{row:?} of {charge:?}"));
    }
    let returned: HashSet<&str> = books
        .ledger
        .iter()
        .filter(|row| row.entry == Entry::Refund)
        .filter_map(|row| row.key.strip_prefix("refund:"))
        .collect();
    let mut kept: HashMap<BookingId, Vec<&LedgerRow>> = HashMap::new();
    for charge in charges.values().filter(|charge| !returned.contains(charge.key.as_str())) {
        if let Some(booking) = charge.booking_id {
            kept.entry(booking).or_default().push(charge);
        }
    }
    for booking in evidence.bookings.iter().filter(|booking| !evidence.undecided_money.contains(&booking.id))
    {
        let kept = kept.get(&booking.id).map_or(&[][..], Vec::as_slice);
        let due = usize::from(booking.status == BookingStatus::Paid);
        report.check("I9 a charge pays its booking or goes back", kept.len() == due, || {
            format!("{} is {:?} with {kept:?}", booking.id, booking.status)
        });
        for charge in kept {
            let in_time = booking.expires_at.is_some_and(|end| charge.at <= end);
            report
                .check("I14 money that counts came in time", in_time, || format!("{charge:?}: {booking:?}"));
        }
    }
}

fn totals(report: &mut Report, evidence: &Evidence, payments: &[PaymentRow]) {
    let mut held: HashMap<BookingId, i64> = HashMap::new();
    for payment in payments {
        *held.entry(payment.booking_id).or_default() += payment.captured_minor - payment.refunded_minor;
    }
    for booking in &evidence.bookings {
        let due = if booking.status == BookingStatus::Paid { booking.total_minor() } else { 0 };
        let got = held.remove(&booking.id).unwrap_or(0);
        if !evidence.undecided_money.contains(&booking.id) {
            report.check("I9 money = paid bookings", due == got, || {
                format!("{} is {:?}: due {due}, held {got}", booking.id, booking.status)
            });
        }
    }
    for (booking, got) in held {
        report.check("I9 no money without a booking", got == 0, || format!("{booking}: {got}"));
    }
}

/// I12: the key of a payment is remembered for as long as its buyer may repeat it.
fn keys(report: &mut Report, evidence: &Evidence, books: &Books) {
    let kept: HashSet<&str> = books.keys.iter().map(|key| key.resource.as_str()).collect();
    let Some(now) = evidence.taken_at else { return };
    for attempt in &books.attempts {
        let old = now.since(attempt.sent_at) >= limits::IDEMPOTENCY_KEY_LIFETIME;
        report.check("I12 keys are remembered", old || kept.contains(attempt.id.as_str()), || {
            format!("{} of {}", attempt.id, attempt.booking_id)
        });
    }
    let made: BTreeSet<String> = evidence.bookings.iter().map(|booking| booking.id.to_string()).collect();
    let attempts: HashSet<&str> = books.attempts.iter().map(|attempt| attempt.id.as_str()).collect();
    for key in &books.keys {
        let named = made.contains(&key.resource) || attempts.contains(key.resource.as_str());
        report.check("I12 a key names what its request made", named, || format!("{key:?}"));
    }
}

/// I14: no hold ends before its time, and no payment begins after it.
pub(super) fn times(report: &mut Report, evidence: &Evidence) {
    let ends: HashMap<_, _> = evidence.bookings.iter().map(|one| (one.id, one.expires_at)).collect();
    for attempt in evidence.books.iter().flat_map(|books| &books.attempts) {
        let end = ends.get(&attempt.booking_id).copied().flatten();
        let in_time = end.is_none_or(|end| attempt.sent_at < end);
        report.check("I14 no payment begins after the deadline", in_time, || format!("{attempt:?}: {end:?}"));
    }
    for booking in evidence.bookings.iter().filter(|booking| booking.expired) {
        let end = booking.expires_at.or_else(|| Some(booking.created_at + limits::PROCESSING_DEADLINE));
        report.check("I14 no hold ends before its time", booking.ended_at >= end, || format!("{booking:?}"));
    }
}

/// Refunds that are due, open attempts that the provider has decided, and overdue holds that no
/// sweep has released: all are work for a running program.
pub(super) fn due(report: &mut Report, evidence: &Evidence) {
    let attempts = evidence.books.iter().flat_map(|books| &books.attempts);
    let refunds = attempts.filter(|attempt| attempt.status == AttemptStatus::Refunding).count();
    report.waits_for(refunds as u64, "refunds that the provider has not confirmed");
    let Some(now) = latest(evidence) else { return };
    let open = evidence.books.iter().map(|books| decided_and_open(books, now)).sum::<usize>();
    report.waits_for(open as u64, "payments that the provider has decided and booking has not asked about");
    let ended = |booking: &&BookingRow| {
        let pending = booking.status == BookingStatus::PendingPayment
            && !evidence.undecided_money.contains(&booking.id);
        let end = booking.expires_at.map_or(i64::MAX, Timestamp::as_millis);
        pending && now.as_millis().saturating_sub(end) > SWEEP_MS
    };
    let holds = evidence.bookings.iter().filter(ended).count();
    report.waits_for(holds as u64, "holds past their time to pay");
}

/// How many attempts are open so long after the provider decided them that booking must have
/// polled.
fn decided_and_open(books: &Books, now: Timestamp) -> usize {
    let decided: HashMap<&str, Timestamp> = entries(books).map(|row| (row.key.as_str(), row.at)).collect();
    let forgotten = |attempt: &&AttemptRow| {
        let Some(&decided) = decided.get(attempt.id.as_str()) else { return false };
        now > decided + POLLED + decided.since(attempt.sent_at).min(limits::PAYMENT_POLL_PAUSE)
    };
    books.attempts.iter().filter(|one| one.status == AttemptStatus::Open).filter(forgotten).count()
}

/// The latest time in the log and the bookings: the program ran until then, at least.
fn latest(evidence: &Evidence) -> Option<Timestamp> {
    let records = evidence.records.iter().map(|record| record.at);
    let bookings = evidence.bookings.iter().flat_map(|b| [Some(b.created_at), b.ended_at]).flatten();
    let attempts = evidence.books.iter().flat_map(|books| &books.attempts).map(|attempt| attempt.sent_at);
    records.chain(bookings).chain(attempts).max()
}
