//! Rows read back what they write, sort as promised, and refuse everything else.

use kernel::{Currency, Money, SeatPlace};
use uuid::Uuid;

use super::*;

fn event(n: u128) -> EventId {
    EventId::new(Uuid::from_u128(n))
}

fn name(name: &str) -> SectionName {
    name.parse().unwrap()
}

fn twd(amount: i64) -> Money {
    Money::new(amount, "TWD".parse::<Currency>().unwrap())
}

fn hold(number: u64) -> Hold {
    Hold { booking_id: BookingId::new(Uuid::from_u128(7)), number }
}

fn holder(number: u64, sold: bool, seats: &[u16]) -> Holder {
    let at = Timestamp::from_millis(1_700_000_000_000);
    Holder { hold: hold(number), buyer_id: UserId::new(Uuid::from_u128(9)), at, sold, seats: seats.to_vec() }
}

fn grant() -> Grant {
    let place = |seat| SeatPlace { subsection: 2, row: 3, seat };
    Grant {
        hold: hold(5),
        buyer_id: UserId::new(Uuid::from_u128(9)),
        event_id: event(1),
        section: name("搖滾 A"),
        seats: vec![place(4), place(5)],
        unit_price: twd(3000),
    }
}

fn seats(section: &str, subsection: u16, row: u16, holders: Vec<Holder>) -> SeatRow {
    SeatRow::Seats(Seats { event_id: event(1), section: name(section), subsection, row, holders })
}

fn all() -> Vec<SeatRow> {
    let at = Timestamp::from_millis(12);
    let outcome = |lane, answer| SeatRow::Outcome(Outcome { booking_id: hold(5).booking_id, lane, answer });
    let failed = |failure| Answer::Failed { event_id: event(1), failure, at };
    let subsections = [1, 999].map(|number| SubsectionOutline::new(number, 1000, 20));
    let outline = SectionOutline::new(name("搖滾 A"), 9, twd(-1), subsections);
    let mut rows = vec![
        SeatRow::Partition(Partition { partition: 3, log_time: Timestamp::from_millis(-5) }),
        SeatRow::Section(Section { event_id: event(1), lane: Lane::Own(event(1)), outline: outline.clone() }),
        SeatRow::Section(Section { event_id: event(1), lane: Lane::Shared, outline: outline.clone() }),
        SeatRow::Section(Section {
            event_id: event(1),
            lane: Lane::Shared,
            outline: SectionOutline { price_version: 7, ..outline },
        }),
        SeatRow::Version(Version { event_id: event(1), section: name("A"), version: u64::MAX }),
        seats("A", 1, 1, Vec::new()),
        seats("A", 1, 1, vec![holder(1, true, &[1]), holder(2, false, &[2, 3, 1000])]),
        outcome(Lane::Shared, Answer::Reserved { grant: grant() }),
        outcome(Lane::Own(event(1)), Answer::Released { grant: grant(), at }),
        outcome(Lane::Own(event(1)), Answer::Sold { grant: grant(), at }),
    ];
    rows.extend(Failure::ALL.map(|failure| outcome(Lane::Shared, failed(failure))));
    rows
}

#[test]
fn every_row_reads_back_what_it_writes() {
    for row in all() {
        let (key, value) = row.encode();
        assert_eq!(decode_row(&key, &value), Ok(row));
    }
}

#[test]
fn no_row_reads_with_bytes_missing_or_too_many() {
    for row in all() {
        let (key, value) = row.encode();
        for end in 0..key.len() {
            assert!(decode_row(&key[..end], &value).is_err(), "{row:?} key to {end}");
        }
        for end in 0..value.len() {
            // A row of seats may end after any of its holders.
            let whole = matches!(&row, SeatRow::Seats(_)) && matches!(end, 1 | 54);
            assert_eq!(decode_row(&key, &value[..end]).is_ok(), whole, "{row:?} value to {end}");
        }
        let longer = |bytes: &Bytes| [&bytes[..], &[1]].concat();
        assert!(decode_row(&longer(&key), &value).is_err());
        assert!(decode_row(&key, &longer(&value)).is_err());
    }
}

#[test]
fn other_kinds_versions_and_values_are_refused() {
    let (key, value) = seats("A", 1, 1, Vec::new()).encode();
    assert_eq!(decode_row(&[9], &value), Err(InvalidRow::UnknownKind(9)));
    assert_eq!(decode_row(&key, &[2]), Err(InvalidRow::UnknownVersion(2)));
    let key = section_key(event(1), &name("A"));
    assert_eq!(decode_row(&key, &[3]), Err(InvalidRow::UnknownVersion(3)));
    for holders in [
        vec![holder(1, false, &[])],
        vec![holder(1, false, &[0])],
        vec![holder(1, false, &[2, 2])],
        vec![holder(1, false, &[3, 2])],
        vec![holder(2, false, &[1]), holder(1, false, &[2])],
        vec![holder(1, false, &[1]), holder(1, false, &[2])],
    ] {
        let (key, value) = seats("A", 1, 1, holders.clone()).encode();
        assert!(matches!(decode_row(&key, &value), Err(InvalidRow::Invalid(_))), "{holders:?}");
    }
}

#[test]
fn keys_sort_by_event_section_subsection_row() {
    let key = |n, section, subsection, row| seats_key(event(n), &name(section), subsection, row);
    let sorted = [
        section_key(event(9), &name("Z")),
        key(1, "A", 1, 1),
        key(1, "A", 1, 2),
        key(1, "A", 1, 256),
        key(1, "A", 2, 1),
        key(1, "A", 300, 1),
        key(1, "B", 1, 1),
        key(1, "AA", 1, 1),
        key(2, "A", 1, 1),
        outcome_key(hold(0).booking_id),
    ];
    assert!(sorted.is_sorted_by(|a, b| a < b));
}

/// Stored rows outlive the program: the bytes of every kind and version must always read the same.
/// No line of the file is ever edited; a new row or version adds one.
#[test]
fn stored_rows_of_every_kind_stay_readable() {
    let stored: Vec<&str> = include_str!("golden.txt").lines().collect();
    let rows = all();
    for row in &rows {
        let (key, value) = row.encode();
        let line = format!("{} {}", hex::encode(&key), hex::encode(&value));
        assert!(stored.contains(&line.as_str()), "add {line}");
    }
    for line in stored {
        let (key, value) = line.split_once(' ').unwrap();
        let read = decode_row(&hex::decode(key).unwrap(), &hex::decode(value).unwrap()).unwrap();
        assert!(rows.contains(&read), "{line} reads as {read:?}");
    }
}

/// A section as it was stored before its price had a version: the price is the first one.
#[test]
fn a_stored_section_of_version_1_stays_readable() {
    let outline = SectionOutline::new(name("A"), 9, twd(300), [SubsectionOutline::new(1, 25, 20)]);
    let section = Section { event_id: event(1), lane: Lane::Shared, outline };
    let rest = [0, 0, 9, 0, 0, 0, 0, 0, 0, 1, 44, b'T', b'W', b'D', 0, 1, 0, 1, 0, 25, 0, 20];
    let old = [&[1], &rest[..]].concat();
    let (key, value) = SeatRow::Section(section.clone()).encode();
    assert_eq!(decode_row(&key, &old), Ok(SeatRow::Section(section)));
    assert_eq!(value, [&[2], &rest[..], &[0; 4]].concat());
    let too_long = [&old[..], &[0; 4]].concat();
    assert_eq!(decode_row(&key, &too_long), Err(InvalidRow::Long));
}
