//! A short correct history passes, and each corruption of it is found under its name.

mod story;

use kernel::{
    limits,
    message::{Failure, Grant, Message, SectionPriceChanged, Source},
    topic::{Action, Lane, Topic},
};
use seat_reservation::row::{Answer, SeatRow, Seats, Section};

use super::{
    audit,
    evidence::{AttemptStatus, BookingStatus, Entry, Evidence, HoldStatus, KeyRow, Logged},
    invariants::{PROMISES, number},
};
use story::{EXPIRY, PRICE, Story, at, best, booking, event, grant, held, hold, place, section, story, twd};

/// The names of the invariants that do not hold.
fn violated(evidence: &Evidence) -> Vec<&'static str> {
    audit(evidence).violated().collect()
}

/// The message of this kind that was logged at this place among its kind.
fn nth(evidence: &mut Evidence, action: Action, offset: u64) -> &mut Logged {
    let of = |record: &&mut Logged| record.source.topic.action == action && record.source.offset == offset;
    evidence.records.iter_mut().find(of).unwrap()
}

fn grant_of(evidence: &mut Evidence, action: Action, offset: u64) -> &mut Grant {
    match &mut nth(evidence, action, offset).message {
        Message::SeatUpdatedToReserved(grant) | Message::BookingUpdatedToPendingPayment(grant) => grant,
        other => panic!("no grant: {other:?}"),
    }
}

/// Changes both messages of the answer at this place among the answers.
fn change_grant(story: &mut Story, offset: u64, change: impl Fn(&mut Grant)) {
    for action in [Action::UpdateTicketStatusToReserved, Action::UpdateBookingStatusToPendingPayment] {
        change(grant_of(&mut story.evidence, action, offset));
    }
}

fn seats(story: &mut Story) -> &mut Seats {
    match &mut story.evidence.seat_rows[0] {
        SeatRow::Seats(row) => row,
        other => panic!("no seats: {other:?}"),
    }
}

fn stored_section(story: &mut Story) -> &mut Section {
    let mut rows = story.evidence.seat_rows.iter_mut();
    rows.find_map(|row| if let SeatRow::Section(section) = row { Some(section) } else { None }).unwrap()
}

fn price_changed(price: i64, price_version: u32) -> Message {
    let (event_id, section, price) = (event(), section(), twd(price));
    Message::SectionPriceChanged(SectionPriceChanged { event_id, section, price, price_version })
}

/// The first change of the price comes again behind the second, in the log; the stores have the
/// second.
fn prices_out_of_order(story: &mut Story) {
    for change in [price_changed(2, 1), price_changed(1, 2), price_changed(2, 1)] {
        story.request(change);
    }
    let outline = &mut stored_section(story).outline;
    (outline.price, outline.price_version) = (twd(1), 2);
    let sold = &mut story.seller().sections[0];
    (sold.price, sold.price_version) = (twd(1), 2);
}

fn outcome(story: &mut Story, of: u128, change: impl Fn(&mut Answer)) {
    for row in &mut story.evidence.seat_rows {
        if let SeatRow::Outcome(outcome) = row
            && outcome.booking_id == booking(of)
        {
            change(&mut outcome.answer);
        }
    }
}

#[test]
fn a_true_story_is_clean() {
    let report = audit(&story().evidence);
    assert!(report.clean(), "{:#?}", report.lines());
    assert_eq!((report.seats_sold, report.seats_reserved), (2, 1));
}

#[test]
fn every_check_has_its_words() {
    let report = audit(&story().evidence);
    for (name, _) in report.checked() {
        assert!(PROMISES.iter().any(|promise| promise.name == name), "{name} has no words");
    }
}

#[test]
fn a_report_is_in_the_order_of_its_numbers() {
    let numbers = |names: Vec<&str>| -> Vec<u8> {
        names.iter().filter_map(|name| number(name)?.strip_prefix('I')?.parse().ok()).collect()
    };
    assert!(numbers(PROMISES.iter().map(|promise| promise.name).collect()).is_sorted());
    let lines = audit(&story().evidence).lines();
    let shown = numbers(lines.iter().filter_map(|line| line.strip_prefix("ok   ")).collect());
    assert!(shown.len() > 20 && shown.is_sorted(), "{lines:#?}");
}

#[test]
fn what_is_on_its_way_is_not_called_clean() {
    let on_its_way: [fn(&mut Evidence); 5] = [
        |evidence| evidence.unread = 1,
        |evidence| evidence.unsent = 1,
        |evidence| evidence.bookings[3].status = BookingStatus::Processing,
        |evidence| evidence.books.as_mut().unwrap().attempts[2].status = AttemptStatus::Refunding,
        |evidence| evidence.bookings[0].ended_at = Some(at(EXPIRY + 5_001)),
    ];
    for change in on_its_way {
        let mut story = story();
        change(&mut story.evidence);
        let report = audit(&story.evidence);
        assert!(!report.settled && !report.clean() && report.violations() == 0, "{:#?}", report.lines());
    }
}

/// A program that runs asks the provider soon, and again after at most as long as it has waited.
#[test]
fn an_attempt_stays_open_only_for_a_while_after_its_money_is_decided() {
    for (waited, before_the_end, settled) in [
        (0, 15_000, true),
        (0, 15_001, false),
        (7_000, 22_000, true),
        (7_000, 22_001, false),
        (90_000, 75_000, true),
        (90_000, 75_001, false),
    ] {
        let (mut story, decided) = (story(), at(EXPIRY - before_the_end));
        let attempt = &mut story.books().attempts[0];
        (attempt.status, attempt.sent_at) = (AttemptStatus::Open, at(EXPIRY - before_the_end - waited));
        story.books().ledger[0].at = decided;
        let report = audit(&story.evidence);
        assert_eq!((report.settled, report.violations()), (settled, 0), "{:#?}", report.lines());
    }
}

#[test]
fn each_lie_is_found() {
    type Lie = (&'static str, fn(&mut Story));
    let lies: &[Lie] = &[
        ("I1 no seat twice", |story| change_grant(story, 2, |grant| grant.seats = vec![place(1)])),
        ("I1 no seat twice", |story| {
            story.evidence.records.retain(|record| !matches!(record.message, Message::ReleaseSeat(_)));
        }),
        ("I1 no seat twice", |story| {
            nth(&mut story.evidence, Action::ReleaseTicketToAvailable, 0).at = at(6);
        }),
        ("I1 one living ticket per seat", |story| story.stored_ticket(hold(9, 9), 1, HoldStatus::Sold)),
        ("I1 one living booking per seat", |story| {
            story.stored_booking(9, BookingStatus::Paid, Some(hold(9, 9)), &[1]);
        }),
        ("I2 seats conserved", |story| seats(story).holders.push(held(hold(9, 9), &[2], true))),
        ("I2 seats conserved", |story| seats(story).holders.push(held(hold(9, 9), &[4], true))),
        ("I3 seat store = log", |story| {
            seats(story).holders.pop();
        }),
        ("I3 seat store = log", |story| seats(story).holders[1].sold = true),
        ("I3 rows are in order", |story| seats(story).holders.reverse()),
        ("I3 rows are in order", |story| seats(story).holders[0].seats.reverse()),
        ("I3 stored sections = log", |story| stored_section(story).outline.price = twd(1)),
        ("I3 stored versions = log", |story| {
            story.evidence.seat_rows.retain(|row| !matches!(row, SeatRow::Version(_)));
        }),
        ("I4 sales figures = tickets", |story| story.seller().sections[0].reserved += 1),
        ("I4 sales figures = tickets", |story| story.seller().sections[0].sold -= 1),
        ("I4 sales figures = tickets", |story| story.seller().sections[0].revenue_minor *= 2),
        ("I4 sales by minute = log", |story| story.seller().minutes.clear()),
        ("I4 sales by minute = log", |story| story.seller().minutes[0].revenue_minor *= 2),
        ("I4 sales by minute = log", |story| story.seller().minutes[0].at = at(0)),
        ("I4 what is on sale can be booked", |story| story.seller().outlines.clear()),
        ("I4 every open section has an event", |story| story.seller().sections.clear()),
        ("I4 sales figures = tickets", |story| story.seller().sections[0].available += 1),
        ("I6 bookings = log", |story| story.evidence.bookings[1].status = BookingStatus::PendingPayment),
        ("I6 tickets = log", |story| story.evidence.tickets[2].status = HoldStatus::Sold),
        ("I6 tickets = log", |story| story.evidence.tickets[0].sale.as_mut().unwrap().since = at(0)),
        ("I6 holds followed = log", |story| story.seller().holds[1].status = HoldStatus::Reserved),
        ("I6 holds followed = log", |story| {
            story.seller().holds.remove(2);
        }),
        ("I8 the seat engine has the seller's price", |story| story.seller().sections[0].price = twd(1)),
        ("I8 the seat engine has the seller's price", |story| story.seller().sections[0].price_version = 1),
        ("I8 the seat engine has the seller's price", |story| {
            prices_out_of_order(story);
            (stored_section(story).outline.price, stored_section(story).outline.price_version) = (twd(2), 1);
        }),
        ("I3 stored sections = log", |story| {
            prices_out_of_order(story);
            stored_section(story).outline.price_version = 1;
        }),
        ("I8 bookings = grants", |story| story.evidence.bookings[1].unit_price = Some(twd(1))),
        ("I8 bookings = grants", |story| story.evidence.bookings[1].seats.clear()),
        ("I8 tickets = grants", |story| story.evidence.tickets[0].sale.as_mut().unwrap().price = twd(1)),
        ("I10 records lie in the lane of their event", |story| {
            let record = nth(&mut story.evidence, Action::TicketReserveRequest, 1);
            record.source.topic.lane = Lane::Own(event());
        }),
        ("I10 sections share the partitions", |story| {
            let mut opened = match &nth(&mut story.evidence, Action::TicketReserveRequest, 0).message {
                Message::SectionOpened(opened) => opened.clone(),
                other => panic!("no section: {other:?}"),
            };
            opened.section.name = "B".parse().unwrap();
            story.request(Message::SectionOpened(opened));
        }),
        ("I15 half of a party sits side by side", |story| {
            nth(&mut story.evidence, Action::TicketReserveRequest, 1).message = best(1, 3);
            change_grant(story, 0, |grant| grant.seats = vec![place(1), place(3)]);
        }),
        ("I14 no payment begins after the deadline", |story| story.books().attempts[0].sent_at = at(EXPIRY)),
        ("I4 tickets = seat store", |story| {
            story.evidence.tickets.pop();
        }),
        ("I4 tickets = seat store", |story| story.evidence.tickets[2].status = HoldStatus::Sold),
        ("I4 bookings = seat store", |story| {
            story.evidence.bookings[0].status = BookingStatus::PendingPayment;
        }),
        ("I4 bookings = seat store", |story| {
            story.evidence.bookings[3].seats.pop();
        }),
        ("I6 only what was given back is released", |story| {
            story
                .evidence
                .records
                .retain(|record| !matches!(record.message, Message::BookingExpiredReleaseTickets(_)));
        }),
        ("I6 only what was paid is sold", |story| {
            story.evidence.records.retain(|record| !matches!(record.message, Message::BookingPaidSuccess(_)));
        }),
        ("I7 paid or given back, never both", |story| story.given_back(&grant(hold(1, 1), &[1, 2]))),
        ("I8 the price in force", |story| change_grant(story, 0, |grant| grant.unit_price = twd(1))),
        ("I8 the price in force", |story| {
            prices_out_of_order(story);
            let asked = story.request(best(5, 1));
            story.granted(asked, &Grant { unit_price: twd(2), ..grant(hold(4, 5), &[3]) });
        }),
        ("I9 money = paid bookings", |story| story.payments()[1].captured_minor -= 1),
        ("I9 money = paid bookings", |story| story.ledger(Entry::Refund, "refund:yes", 1, 2 * PRICE)),
        ("I9 no money without a booking", |story| story.ledger(Entry::Charge, "stray", 9, 1)),
        ("I9 no money without an attempt", |story| story.ledger(Entry::Charge, "stray", 1, 1)),
        ("I9 attempts = ledger", |story| story.books().ledger[0].entry = Entry::Charge),
        ("I9 attempts = ledger", |story| story.books().ledger[1].amount_minor -= 1),
        ("I9 attempts = ledger", |story| story.books().attempts[0].status = AttemptStatus::Voided),
        ("I9 a charge pays its booking or goes back", |story| {
            story.books().ledger.pop();
        }),
        ("I9 a charge pays its booking or goes back", |story| {
            story.attempt(1, "again", AttemptStatus::Charged, 2);
        }),
        ("I9 a refund is of one charge", |story| story.ledger(Entry::Refund, "refund:late:2", 2, PRICE)),
        ("I9 a refund is of one charge", |story| story.books().ledger[3].amount_minor += 1),
        ("I10 one answer per request", |story| {
            story.request(best(1, 2));
        }),
        ("I10 one answer per request", |story| {
            let request = nth(&mut story.evidence, Action::TicketReserveRequest, 3).source;
            story.failed(request, 3, Failure::NoSeatsLeft);
        }),
        ("I10 one answer per request", |story| {
            let grant = grant_of(&mut story.evidence, Action::UpdateBookingStatusToPendingPayment, 0);
            grant.seats.pop();
        }),
        ("I10 no answer without a request", |story| {
            let topic = Topic::new(Lane::Shared, Action::TicketReserveRequest);
            let nowhere = Source { topic, partition: 7, offset: 7 };
            story.failed(nowhere, 3, Failure::NoSeatsLeft);
        }),
        ("I10 no reader ahead of the log", |story| story.evidence.ahead.push("by one".to_owned())),
        ("I11 holds are numbered in order", |story| change_grant(story, 2, |grant| grant.hold.number = 5)),
        ("I11 holds are numbered in order", |story| change_grant(story, 2, |grant| grant.hold.number = 2)),
        ("I11 answers follow the requests' order", |story| {
            let (one, two) = (
                nth(&mut story.evidence, Action::TicketReserveRequest, 1).source,
                nth(&mut story.evidence, Action::TicketReserveRequest, 2).source,
            );
            nth(&mut story.evidence, Action::UpdateTicketStatusToReserved, 0).caused_by = Some(two);
            nth(&mut story.evidence, Action::UpdateTicketStatusToReserved, 1).caused_by = Some(one);
        }),
        ("I12 a repeated request has the first answer", |story| {
            let again = story.request(best(1, 2));
            story.failed(again, 1, Failure::NoSeatsLeft);
        }),
        ("I12 answers are kept for repeated requests", |story| {
            story
                .evidence
                .seat_rows
                .retain(|row| !matches!(row, SeatRow::Outcome(o) if o.booking_id == booking(3)));
        }),
        ("I12 answers are kept for repeated requests", |story| {
            outcome(story, 1, |stored| {
                let Answer::Sold { grant, .. } = stored.clone() else { panic!("{stored:?}") };
                *stored = Answer::Reserved { grant };
            });
        }),
        ("I12 keys are remembered", |story| {
            story.books().keys.remove(0);
        }),
        ("I12 a key names what its request made", |story| {
            story.books().keys.push(KeyRow { resource: "nothing".to_owned(), first_seen: at(6) });
        }),
        ("I14 no hold ends before its time", |story| {
            story.evidence.bookings[1].ended_at = Some(at(EXPIRY - 1));
        }),
        ("I14 money that counts came in time", |story| story.books().ledger[1].at = at(EXPIRY + 1)),
        ("I15 no false refusal", |story| {
            let request = nth(&mut story.evidence, Action::TicketReserveRequest, 1).source;
            story.evidence.records.retain(|record| record.caused_by != Some(request));
            story.failed(request, 1, Failure::NoSeatsLeft);
        }),
        ("I15 no false refusal", |story| change_grant(story, 0, |grant| grant.seats.truncate(1))),
        ("I15 no false refusal", |story| {
            let request = nth(&mut story.evidence, Action::TicketReserveRequest, 2).source;
            story.evidence.records.retain(|record| record.caused_by != Some(request));
            story.failed(request, 2, Failure::SeatsTaken);
        }),
        ("I15 a party sits side by side", |story| {
            change_grant(story, 0, |grant| grant.seats = vec![place(1), place(3)]);
        }),
        ("I16 every request has its booking", |story| {
            story.evidence.bookings.remove(2);
        }),
        ("I18 dead letters", |story| story.evidence.dead_letters.push("no protobuf".to_owned())),
        ("a grant is of the plan and of the request", |story| {
            change_grant(story, 1, |grant| grant.seats = vec![place(4)]);
        }),
        ("a grant is of the plan and of the request", |story| {
            change_grant(story, 0, |grant| grant.hold.booking_id = booking(9));
        }),
    ];
    for (at, (expected, lie)) in lies.iter().enumerate() {
        let mut story = story();
        lie(&mut story);
        let found = violated(&story.evidence);
        assert!(found.contains(expected), "lie {at}: expected {expected:?}, found {found:?}");
    }
}

#[test]
fn a_price_change_holds_from_its_place_on() {
    let mut story = story();
    story.request(price_changed(1, 0));
    stored_section(&mut story).outline.price = twd(1);
    story.seller().sections[0].price = twd(1);
    assert_eq!(violated(&story.evidence), Vec::<&str>::new());
}

#[test]
fn a_price_that_comes_behind_a_later_one_is_not_in_force() {
    let mut story = story();
    prices_out_of_order(&mut story);
    assert_eq!(violated(&story.evidence), Vec::<&str>::new());
}

#[test]
fn money_that_is_still_asked_about_is_left_alone() {
    let mut story = story();
    story.books().ledger.retain(|row| row.booking_id != Some(booking(1)));
    story.books().attempts.remove(0);
    story.books().attempts[0].status = AttemptStatus::Open;
    story.payments().retain(|row| row.booking_id != booking(1));
    story.evidence.undecided_money.insert(booking(1));
    assert!(!audit(&story.evidence).violated().any(|name| name.starts_with("I9")));
}

#[test]
fn a_ledger_that_is_elsewhere_is_not_called_checked() {
    let mut story = story();
    story.evidence.payments = None;
    story.books().ledger.clear();
    let report = audit(&story.evidence);
    assert!(!report.clean() && report.lines().iter().any(|line| line.starts_with("skip I9")));
    let verdict = "incomplete: every invariant that was checked holds; see the lines that begin with skip";
    assert_eq!(report.lines().last().unwrap(), verdict);
    assert_eq!(report.exit_code(), 6);
    story.books().keys.remove(0);
    assert_eq!(violated(&story.evidence), ["I12 keys are remembered"]);
}

#[test]
fn what_ended_long_ago_may_be_forgotten() {
    let mut story = story();
    let day = i64::try_from(limits::IDEMPOTENCY_KEY_LIFETIME.as_millis()).unwrap();
    for row in &mut story.evidence.seat_rows {
        if let SeatRow::Partition(partition) = row {
            partition.log_time = at(day);
        }
    }
    story.evidence.seat_rows.retain(|row| !matches!(row, SeatRow::Outcome(o) if o.booking_id != booking(4)));
    story.books().keys.clear();
    story.evidence.taken_at = Some(at(day + 10));
    story.evidence.bookings[3].expires_at = Some(at(day));
    story.request(best(1, 2));
    let again = story.evidence.records.last_mut().unwrap();
    again.at = at(day + 10);
    let source = again.source;
    story.granted(source, &grant(hold(1, 1), &[1, 2]));
    story.answered_at(source, at(day));
    // A repeat does not renew what was answered first.
    assert_eq!(violated(&story.evidence), Vec::<&str>::new());
    story.outcome(1, Answer::Sold { grant: grant(hold(1, 1), &[1, 2]), at: at(7) });
    assert_eq!(violated(&story.evidence), Vec::<&str>::new());
}

#[test]
fn a_request_is_decided_again_once_its_answer_may_be_forgotten() {
    let retention = i64::try_from(limits::OUTCOME_RETENTION.as_millis()).unwrap();
    // The first answer was given at 5.
    for (now, broken) in
        [(retention + 4, vec!["I12 a repeated request has the first answer"]), (retention + 5, vec![])]
    {
        let mut story = story();
        let again = story.request(best(3, 1));
        story.failed(again, 3, Failure::NotEnoughSeats);
        story.answered_at(again, at(now));
        story
            .evidence
            .seat_rows
            .retain(|row| !matches!(row, SeatRow::Outcome(o) if o.booking_id == booking(3)));
        let failure = Failure::NotEnoughSeats;
        story.outcome(3, Answer::Failed { event_id: event(), failure, at: at(now) });
        assert_eq!(violated(&story.evidence), broken, "answered again at {now}");
    }
}
