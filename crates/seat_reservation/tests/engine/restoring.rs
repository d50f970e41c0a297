//! Restoring from rows that no engine wrote: a fault that says so, never a panic, never a silent
//! repair.

use bytes::Bytes;
use kernel::{Timestamp, message::Message};
use seat_reservation::{
    SeatEngine,
    row::{Answer, SeatRow, decode_row},
};
use stream::{Row, exactly_once::Handler};

use crate::world::*;

/// A store with a sold, a reserved, a released and a failed booking.
fn world() -> World {
    let mut world = World::with(&[opened("A", &[(1, 2, 5), (2, 1, 3)])]);
    for n in 1..=4 {
        world.send(Message::TicketReservedRequest(best(n, "A", 3)));
    }
    world.send(Message::FinalizeSeat(hold(1, "A", 1)));
    world.send(Message::ReleaseSeat(hold(2, "A", 2)));
    world.send(Message::TicketReservedRequest(best(5, "Z", 1)));
    world
}

fn edit(change: impl Fn(&mut SeatRow) -> bool) -> Vec<Row> {
    let mut edited = 0;
    let rows = world().stored().into_iter().filter_map(|(key, value)| {
        let mut row = decode_row(&key, &value).unwrap();
        let before = row.clone();
        let keep = change(&mut row);
        edited += usize::from(!keep || row != before);
        keep.then(|| row.encode())
    });
    let rows = rows.collect();
    assert!(edited > 0, "the edit found nothing to change");
    rows
}

#[test]
fn an_untouched_store_restores_in_any_order_of_rows() {
    let world = world();
    let mut rows = world.stored();
    rows.reverse();
    let engine = SeatEngine::restore(rows).unwrap();
    assert_eq!(engine.rows(), world.stored());
    assert_eq!(engine.check(), Ok(()));
    assert_eq!(SeatEngine::restore(Vec::new()).unwrap().rows(), Vec::<Row>::new());
}

#[test]
fn a_damaged_store_is_a_fault() {
    type Edit = Box<dyn Fn(&mut SeatRow) -> bool>;
    let seats = |change: fn(&mut seat_reservation::row::Seats)| -> Edit {
        Box::new(move |row| {
            if let SeatRow::Seats(row) = row
                && !row.holders.is_empty()
            {
                change(row);
            }
            true
        })
    };
    let edits: Vec<(&str, Edit)> = vec![
        ("no section", Box::new(|row| !matches!(row, SeatRow::Section(_)))),
        ("no version", Box::new(|row| !matches!(row, SeatRow::Version(_)))),
        ("no log time", Box::new(|row| !matches!(row, SeatRow::Partition(_)))),
        ("no seats", Box::new(|row| !matches!(row, SeatRow::Seats(_)))),
        (
            "no living outcome",
            Box::new(|row| !matches!(row, SeatRow::Outcome(o) if o.answer.final_at().is_none())),
        ),
        ("a seat beyond its row", seats(|row| row.holders[0].seats.push(9))),
        ("a row beyond its subsection", seats(|row| row.row += 7)),
        ("a subsection of no plan", seats(|row| row.subsection = 9)),
        (
            "a seat with two holders",
            seats(|row| {
                let mut second = row.holders[0].clone();
                second.hold.number += 100;
                row.holders.push(second);
            }),
        ),
        ("another buyer", seats(|row| row.holders.iter_mut().for_each(|h| h.buyer_id = buyer(99)))),
        ("half a hold", seats(|row| row.holders.iter_mut().for_each(|h| h.seats.truncate(1)))),
        ("sold in part", seats(|row| row.holders.iter_mut().for_each(|h| h.sold = !h.sold))),
        (
            "an outcome after the log's time",
            Box::new(|row| {
                if let SeatRow::Outcome(outcome) = row
                    && let Answer::Failed { at, .. } = &mut outcome.answer
                {
                    *at = Timestamp::from_millis(1_000_000);
                }
                true
            }),
        ),
        (
            "an empty plan",
            Box::new(|row| {
                if let SeatRow::Section(section) = row {
                    section.outline.subsections[0].rows = 0;
                }
                true
            }),
        ),
    ];
    for (what, change) in edits {
        assert!(SeatEngine::restore(edit(change)).is_err(), "{what}");
    }
    let mut rows = world().stored();
    rows[0].1 = Bytes::from_static(&[9]);
    assert!(SeatEngine::restore(rows).is_err(), "another version");
}
