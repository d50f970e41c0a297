//! The rules one by one, as tables and short stories.

use bytes::Bytes;
use kernel::{
    Money, SeatPlace, Timestamp,
    message::{Failure, Grant, Message, Partial, Selection, TicketReservedRequest},
    topic::{Action, Lane},
};
use seat_reservation::row::{self, SeatRow};

use crate::world::*;

const MINUTE: i64 = 60_000;

/// A hall of one subsection per block of rows, its taken seats (`x`) held by others.
fn hall(blocks: &[&[&str]]) -> World {
    let size = |(at, rows): (usize, &&[&str])| {
        let short = |n: usize| u16::try_from(n).unwrap();
        (short(at + 1), short(rows.len()), short(rows[0].len()))
    };
    let plan: Vec<_> = blocks.iter().enumerate().map(size).collect();
    let mut world = World::with(&[opened("A", &plan)]);
    let mut taken = Vec::new();
    for (block, rows) in (1..).zip(blocks) {
        for (row, text) in (1..).zip(*rows) {
            let seats = (1..).zip(text.bytes()).filter(|(_, seat)| *seat == b'x');
            taken.extend(seats.map(|(seat, _)| place(block, row, seat)));
        }
    }
    for (n, ten) in (500..).zip(taken.chunks(10)) {
        world.send(Message::TicketReservedRequest(manual(n, "A", ten)));
    }
    world
}

fn answer(world: &mut World, request: TicketReservedRequest) -> Result<Grant, Failure> {
    match &world.send(Message::TicketReservedRequest(request)).messages()[..] {
        [Message::SeatUpdatedToReserved(a), Message::BookingUpdatedToPendingPayment(b)] if a == b => {
            Ok(a.clone())
        }
        [Message::BookingUpdatedToFailed(failed)] => Err(failed.failure),
        other => panic!("{other:?}"),
    }
}

fn seats(text: &str) -> Vec<SeatPlace> {
    let seat = |text: &str| format!("A-{text}").parse::<kernel::SeatNo>().unwrap().place;
    text.split_whitespace().map(seat).collect()
}

#[test]
fn best_available_takes_the_front_row_that_fits_then_halves() {
    let open: &[&[&str]] = &[&[".....", "....."], &["..."]];
    let gaps: &[&[&str]] = &[&["..x..", "x...x"], &["x.x"]];
    let singles: &[&[&str]] = &[&[".x.x.", "x.x.x"], &[".x."]];
    let full: &[&[&str]] = &[&["xx"], &["xx"]];
    for (blocks, quantity, subsection, expected) in [
        (open, 1, None, "1-1-1"),
        (open, 3, None, "1-1-1 1-1-2 1-1-3"),
        (open, 5, None, "1-1-1 1-1-2 1-1-3 1-1-4 1-1-5"),
        // No row has 6: 3 and 3, each in the first row that has them.
        (open, 6, None, "1-1-1 1-1-2 1-1-3 1-2-1 1-2-2 1-2-3"),
        (open, 2, Some(2), "2-1-1 2-1-2"),
        // Four of three: two and one are left.
        (open, 4, Some(2), "2-1-1 2-1-2 2-1-3"),
        (gaps, 2, None, "1-1-1 1-1-2"),
        // The front row that fits, although a nearer one has seats.
        (gaps, 3, None, "1-2-2 1-2-3 1-2-4"),
        (gaps, 4, None, "1-1-1 1-1-2 1-1-4 1-1-5"),
        // 3 and 2: the three behind, the two in front.
        (gaps, 5, None, "1-1-1 1-1-2 1-2-2 1-2-3 1-2-4"),
        (gaps, 2, Some(2), "2-1-2"),
        (singles, 2, None, "1-1-1 1-1-3"),
        (singles, 10, None, "1-1-1 1-1-3 1-1-5 1-2-2 1-2-4 2-1-1 2-1-3"),
        (full, 1, None, ""),
        (full, 4, Some(1), ""),
        (open, 1, Some(9), ""),
    ] {
        let selection = Selection::BestAvailable { quantity, subsection };
        let request = TicketReservedRequest { selection, ..best(1, "A", 1) };
        let got = answer(&mut hall(blocks), request).map(|grant| grant.seats);
        let expected = if expected.is_empty() { Err(Failure::NoSeatsLeft) } else { Ok(seats(expected)) };
        assert_eq!(got, expected, "{quantity} of {blocks:?} in {subsection:?}");
    }
}

#[test]
fn manual_takes_what_is_free_of_what_was_picked() {
    for (asked, expected) in [
        ("1-1-2 1-1-1", Ok("1-1-1 1-1-2")),
        ("1-1-1 1-1-3", Ok("1-1-1")),
        ("1-1-3", Err(Failure::SeatsTaken)),
        ("1-1-6 1-3-1 2-1-1", Err(Failure::SeatsTaken)),
        ("1-1-99 1-2-5", Ok("1-2-5")),
        ("1-1-1 1-1-1", Ok("1-1-1")),
    ] {
        let mut world = hall(&[&["..x..", "....."]]);
        let got = answer(&mut world, manual(1, "A", &seats(asked))).map(|grant| grant.seats);
        assert_eq!(got, expected.map(seats), "{asked}");
    }
}

#[test]
fn who_refuses_a_part_gets_all_or_nothing() {
    let blocks: &[&[&str]] = &[&[".x.x."], &["xx"]];
    let best_of = |quantity, subsection| Selection::BestAvailable { quantity, subsection };
    let picked = |text| Selection::Manual { seats: seats(text) };
    for (selection, expected) in [
        (best_of(3, None), Ok("1-1-1 1-1-3 1-1-5")),
        (best_of(4, None), Err(Failure::NotEnoughSeats)),
        (best_of(4, Some(1)), Err(Failure::NotEnoughSeats)),
        (best_of(2, Some(2)), Err(Failure::NoSeatsLeft)),
        (picked("1-1-1 1-1-3"), Ok("1-1-1 1-1-3")),
        (picked("1-1-1 1-1-2"), Err(Failure::NotEnoughSeats)),
        (picked("1-1-1 1-1-9"), Err(Failure::NotEnoughSeats)),
        (picked("1-1-2 2-1-1"), Err(Failure::SeatsTaken)),
        (picked("1-1-1 1-1-1"), Ok("1-1-1")),
    ] {
        let mut world = hall(blocks);
        let before = world.stored();
        let request = TicketReservedRequest {
            selection: selection.clone(),
            partial: Partial::Refuse,
            ..best(1, "A", 1)
        };
        let got = answer(&mut world, request).map(|grant| grant.seats);
        assert_eq!(got, expected.map(seats), "{selection:?}");
        if got.is_err() {
            let after = world.stored();
            let changed: Vec<_> = after.iter().filter(|row| !before.contains(row)).collect();
            assert_eq!(changed.len(), 1, "only the outcome is stored");
            assert_eq!(changed[0].0, row::outcome_key(booking(1)));
        }
    }
}

#[test]
fn a_repeated_request_gets_its_first_answer_and_changes_nothing() {
    let mut world = World::with(&[opened("A", &[(1, 1, 4)])]);
    let first = world.send(Message::TicketReservedRequest(best(1, "A", 3)));
    for n in [2, 3] {
        world.send(Message::TicketReservedRequest(best(n, "A", 1)));
    }
    let failed = world.send(Message::TicketReservedRequest(best(4, "A", 1)));
    let stored = world.stored();
    // Even when it asks for something else, and when seats came back in between.
    let again = world.send(Message::TicketReservedRequest(best(1, "A", 1)));
    assert_eq!(again.messages(), first.messages());
    assert_eq!(again.puts, []);
    assert_eq!(world.stored(), stored);
    for end in [Message::ReleaseSeat(hold(2, "A", 2)), Message::FinalizeSeat(hold(1, "A", 1))] {
        world.send(end);
    }
    let stored = world.stored();
    for (n, answer) in [(1, &first), (4, &failed)] {
        let again = world.send(Message::TicketReservedRequest(best(n, "A", 1)));
        assert_eq!((again.messages(), again.puts), (answer.messages(), Vec::new()));
    }
    assert_eq!(world.stored(), stored);
    assert_eq!(world.engine.counters().requests_repeated, 3);
}

#[test]
fn only_the_hold_that_owns_the_seats_ends_and_only_once() {
    let release = |n, number| Message::ReleaseSeat(hold(n, "A", number));
    let finalize = |n, number| Message::FinalizeSeat(hold(n, "A", number));
    // Booking 1 is hold 1 of seats 1 and 2; then booking 2 asks for one seat.
    for (what, ends, sold, second) in [
        ("nothing", vec![], false, Ok("1-1-3")),
        ("released", vec![release(1, 1)], false, Ok("1-1-1")),
        ("released twice", vec![release(1, 1), release(1, 1)], false, Ok("1-1-1")),
        ("sold", vec![finalize(1, 1)], true, Ok("1-1-3")),
        ("sold twice", vec![finalize(1, 1), finalize(1, 1)], true, Ok("1-1-3")),
        ("sold, late release", vec![finalize(1, 1), release(1, 1)], true, Ok("1-1-3")),
        ("released, late sale", vec![release(1, 1), finalize(1, 1)], false, Ok("1-1-1")),
        ("foreign number", vec![release(1, 2), finalize(1, 2)], false, Ok("1-1-3")),
        ("foreign booking", vec![release(9, 1), finalize(9, 1)], false, Ok("1-1-3")),
        ("other section", vec![Message::ReleaseSeat(hold(1, "B", 1))], false, Ok("1-1-3")),
    ] {
        let mut world = World::with(&[opened("A", &[(1, 1, 3)]), opened("B", &[(1, 1, 3)])]);
        let _: Grant = answer(&mut world, best(1, "A", 2)).unwrap();
        let count = ends.len() as u64;
        for end in ends {
            world.send(end);
        }
        let counters = world.engine.counters();
        let effective = counters.holds_released + counters.holds_sold;
        assert_eq!(effective + counters.releases_ignored + counters.finalizes_ignored, count, "{what}");
        assert_eq!(counters.holds_sold, u64::from(sold), "{what}");
        let got = answer(&mut world, best(2, "A", 1)).map(|grant| grant.seats);
        assert_eq!(got, second.map(seats), "{what}");
    }
}

#[test]
fn a_late_release_does_not_free_the_next_holders_seats() {
    let mut world = World::with(&[opened("A", &[(1, 1, 2)])]);
    let first = answer(&mut world, best(1, "A", 2)).unwrap();
    world.send(Message::ReleaseSeat(first.hold_of_section()));
    let second = answer(&mut world, best(2, "A", 2)).unwrap();
    assert_eq!((first.hold.number, second.hold.number), (1, 2));
    let stored = world.stored();
    world.send(Message::ReleaseSeat(first.hold_of_section()));
    world.send(Message::FinalizeSeat(first.hold_of_section()));
    assert_eq!(world.stored(), stored);
    let key = row::seats_key(event(1), &name("A"), 1, 1);
    let SeatRow::Seats(row) = row::decode_row(&key, &world.store[&key]).unwrap() else { panic!() };
    assert_eq!(row.holders.iter().map(|holder| holder.hold).collect::<Vec<_>>(), [second.hold]);
    // A row that is free again is said to be so, never removed.
    world.send(Message::ReleaseSeat(second.hold_of_section()));
    assert_eq!(world.store[&key], Bytes::from_static(&[row::VALUE_VERSION]));
}

#[test]
fn a_stored_row_says_who_holds_what_since_when() {
    let mut world = World::with(&[opened("A", &[(1, 1, 5)])]);
    world.now = 70;
    for (n, seats) in [(1, "1-1-4 1-1-1"), (2, "1-1-2 1-1-3")] {
        let _: Grant = answer(&mut world, manual(n, "A", &self::seats(seats))).unwrap();
        world.now += 5;
    }
    world.send(Message::FinalizeSeat(hold(2, "A", 2)));
    world.restart();
    let holder = |n, number, at, sold, seats: &[u16]| row::Holder {
        hold: hold(n, "A", number).hold,
        buyer_id: buyer(n),
        at: Timestamp::from_millis(at),
        sold,
        seats: seats.to_vec(),
    };
    let expected = SeatRow::Seats(row::Seats {
        event_id: event(1),
        section: name("A"),
        subsection: 1,
        row: 1,
        holders: vec![holder(1, 1, 70, false, &[1, 4]), holder(2, 2, 75, true, &[2, 3])],
    });
    let (key, value) = expected.encode();
    assert_eq!(world.store.get(&key), Some(&value));
    assert!(world.engine.rows().contains(&(key, value)));
}

#[test]
fn a_grant_is_at_the_price_in_force_where_it_stands_in_the_log() {
    let mut world = World::with(&[opened("A", &[(1, 1, 9)])]);
    let grant = |world: &mut World, n| answer(world, best(n, "A", 1)).unwrap().unit_price;
    assert_eq!(grant(&mut world, 1), twd(100));
    world.send(price("A", twd(250), 0));
    assert_eq!(grant(&mut world, 2), twd(250));
    // Opened again, with its first price: nothing changes.
    assert_eq!(world.send(Message::SectionOpened(opened("A", &[(1, 1, 9)]))).puts, []);
    assert_eq!(grant(&mut world, 3), twd(250));
    // What was granted before keeps its price.
    assert_eq!(grant(&mut world, 1), twd(100));
    world.restart();
    assert_eq!(grant(&mut world, 4), twd(250));
    assert_eq!(world.send(price("Z", twd(1), 1)).puts, []);
    assert_eq!(world.engine.counters().price_changes_ignored, 1);
}

/// A relay that lost its turn may publish its batch behind the messages of the next one.
#[test]
fn a_price_that_comes_behind_a_later_one_changes_nothing() {
    let mut world = World::with(&[opened("A", &[(1, 1, 9)])]);
    let grant = |world: &mut World, n| answer(world, best(n, "A", 1)).unwrap().unit_price;
    world.send(price("A", twd(250), 1));
    world.send(price("A", twd(180), 2));
    let came_again = world.send(price("A", twd(250), 1));
    assert_eq!(grant(&mut world, 1), twd(180));
    world.restart();
    let came_twice = world.send(price("A", twd(180), 2));
    let without_version = world.send(price("A", twd(900), 0));
    assert_eq!(grant(&mut world, 2), twd(180));
    assert_eq!([came_again, came_twice, without_version].map(|done| done.puts.len()), [0; 3]);
    assert_eq!(world.engine.counters().prices_outdated, 2, "since the restart");
    world.send(price("A", twd(250), 4));
    assert_eq!(grant(&mut world, 3), twd(250), "a later one counts, although one between never came");
}

#[test]
fn a_section_that_is_not_open_fails_the_request_on_the_lane_it_came_on() {
    let mut world = World::default();
    let done = world.send(Message::TicketReservedRequest(best(1, "A", 1)));
    assert_eq!(done.outgoing[0].topic.lane, Lane::Own(event(1)));
    assert_eq!(done.outgoing[0].topic.action, Action::BookingStatusToFailed);
    assert_eq!(answer(&mut world, best(1, "A", 1)), Err(Failure::SectionNotOpen));
    // Opening it later does not change that booking's answer.
    world.send(Message::SectionOpened(opened("A", &[(1, 1, 9)])));
    assert_eq!(answer(&mut world, best(1, "A", 1)), Err(Failure::SectionNotOpen));
    assert!(answer(&mut world, best(2, "A", 1)).is_ok());
}

#[test]
fn final_outcomes_are_forgotten_after_a_while_and_living_ones_are_not() {
    let mut world = World::with(&[opened("A", &[(1, 1, 4)])]);
    let kept = |world: &World, n| world.store.contains_key(&row::outcome_key(booking(n)));
    for n in 1..=5 {
        let _ = answer(&mut world, best(n, "A", 1));
    }
    world.now = MINUTE;
    world.send(Message::FinalizeSeat(hold(1, "A", 1)));
    world.send(Message::ReleaseSeat(hold(2, "A", 2)));
    // Booking 5 failed at minute 0; 1 and 2 ended at minute 1; 3 and 4 live on.
    for (now, expected) in [
        (15 * MINUTE, [true; 5]),
        (15 * MINUTE + 1, [true, true, true, true, false]),
        (16 * MINUTE, [true, true, true, true, false]),
        (16 * MINUTE + 1, [false, false, true, true, false]),
        (999 * MINUTE, [false, false, true, true, false]),
    ] {
        world.now = now;
        world.send(price("A", twd(now), 0));
        assert_eq!([1, 2, 3, 4, 5].map(|n| kept(&world, n)), expected, "{now}");
        world.restart();
    }
    // Ends of a forgotten hold change nothing.
    world.send(Message::ReleaseSeat(hold(1, "A", 1)));
    world.send(Message::FinalizeSeat(hold(2, "A", 2)));
    let seats = answer(&mut world, best(9, "A", 2)).map(|grant| grant.seats);
    assert_eq!(seats, Ok(vec![place(1, 1, 2)]), "seat 1 stays sold, seat 2 stays free");
}

#[test]
fn forgetting_is_bounded_per_record_and_catches_up() {
    let mut world = World::default();
    for n in 0..20 {
        world.send(Message::TicketReservedRequest(best(n, "Z", 1)));
    }
    world.now = 60 * MINUTE;
    let mut left = Vec::new();
    for _ in 0..6 {
        world.send(Message::ReleaseSeat(hold(77, "Z", 1)));
        left.push(world.store.len() - 1);
    }
    assert_eq!(left, [16, 12, 8, 4, 0, 0]);
}

#[test]
fn time_is_the_latest_of_the_log_and_never_goes_back() {
    let mut world = World { now: 5000, ..World::default() };
    world.send(Message::SectionOpened(opened("A", &[(1, 1, 4)])));
    world.now = 100;
    let done = world.send(Message::TicketReservedRequest(best(1, "A", 1)));
    let envelope = kernel::message::Envelope::decode(done.outgoing[0].payload.clone()).unwrap();
    assert_eq!(envelope.at.as_millis(), 5000);
    world.restart();
    let done = world.send(Message::TicketReservedRequest(best(2, "A", 1)));
    let envelope = kernel::message::Envelope::decode(done.outgoing[0].payload.clone()).unwrap();
    assert_eq!(envelope.at.as_millis(), 5000);
}

#[test]
fn what_cannot_be_understood_is_refused_and_changes_nothing() {
    let mut world = World::with(&[opened("A", &[(1, 1, 4)])]);
    world.now = 9999;
    let stored = world.stored();
    let mut elsewhere = opened("B", &[(1, 1, 1)]);
    elsewhere.section.partition = PARTITION + 1;
    let priced = |amount| {
        let mut opened = opened("B", &[(1, 1, 1)]);
        opened.section.price = twd(amount);
        Message::SectionOpened(opened)
    };
    let planned = |plan: &[(u16, u16, u16)]| Message::SectionOpened(opened("B", plan));
    let many: Vec<_> = (1..=1001).map(|n| (n, 1, 1)).collect();
    let asked: Vec<_> = (1..=11).map(|seat| place(1, 1, seat)).collect();
    let grant = answer(&mut World::with(&[opened("A", &[(1, 1, 4)])]), best(1, "A", 1)).unwrap();
    let eur = Money::new(5, "EUR".parse().unwrap());
    for message in [
        Message::TicketReservedRequest(best(1, "A", 0)),
        Message::TicketReservedRequest(best(1, "A", 11)),
        Message::TicketReservedRequest(manual(1, "A", &asked)),
        Message::SectionOpened(elsewhere),
        planned(&[]),
        planned(&[(0, 1, 1)]),
        planned(&[(1, 0, 1)]),
        planned(&[(1, 1, 0)]),
        planned(&[(2, 1, 1), (1, 1, 1)]),
        planned(&[(1, 1, 1), (1, 1, 1)]),
        planned(&[(1, 1001, 1)]),
        planned(&[(1, 1, 1001)]),
        planned(&[(1, 1000, 500), (2, 1, 1)]),
        planned(&many),
        priced(-1),
        priced(i64::MAX),
        price("A", twd(-1), 1),
        price("A", eur, 1),
        Message::SeatUpdatedToReserved(grant),
    ] {
        let done = world.send(message.clone());
        assert!(done.refused.is_some(), "{message:?}");
        assert_eq!((done.puts.len(), done.outgoing.len()), (0, 0));
    }
    let mut garbage = record(1, 0, price("A", twd(1), 1));
    garbage.payload = Bytes::from_static(b"garbage");
    assert!(world.handle(&garbage).refused.is_some());
    assert_eq!(world.stored(), stored);
    assert_eq!(world.engine.rows(), stored);
}

#[test]
fn the_largest_plan_works() {
    let mut world = World::with(&[opened("A", &[(1, 500, 1000)]), opened("B", &[(1, 1, 1)])]);
    let grant = answer(&mut world, best(1, "A", 10)).unwrap();
    assert_eq!(grant.seats.last(), Some(&place(1, 1, 10)));
    let grant = answer(&mut world, manual(2, "A", &[place(1, 500, 1000)])).unwrap();
    assert_eq!(grant.seats, [place(1, 500, 1000)]);
    world.restart();
    assert_eq!(world.engine.rows(), world.stored());
}
