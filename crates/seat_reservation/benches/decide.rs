//! How fast seats are found and records decided, and what a seat costs in memory. `cargo bench -p
//! seat_reservation`.
//!
//! Each figure is the best of several rounds, on one core; a figure that is a ratio compares with
//! the same work on empty seats.

#![allow(clippy::unwrap_used, reason = "a measurement may stop at once")]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

use std::{hint::black_box, time::Instant};

use bytes::Bytes;
use kernel::{
    BookingId, EventId, Money, SeatPlace, Timestamp, UserId,
    message::{Envelope, Hold, Message, Partial, SectionOpened, Selection, Source, TicketReservedRequest},
    plan::{SectionOutline, SubsectionOutline},
    topic::{Action, Lane, Topic},
};
use seat_reservation::{
    SeatEngine,
    domain::{best_available, holders::Holder, section::Section},
    row::{self, SeatRow},
};
use stream::{
    Record, Row,
    exactly_once::{Effects, Handler},
};
use uuid::Uuid;

const NAMES: [&str; 10] = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"];

fn main() {
    let idle = idle_engines();
    memory_of_sold_seats();
    println!("finder, 500 seats from empty to sold out, 1-4 each: {:.1} M decisions/s", sell_out_500());
    let empty = take_and_release(&mut section(100));
    println!("finder, 50,000 seats in 100 subsections, take and release of 1-4:");
    for (what, kept) in [("99 % sold", Kept::OneInHundred), ("checkerboard", Kept::Checkerboard)] {
        let mut full = section(100);
        fill(&mut full, kept);
        let scattered = take_and_release(&mut full);
        println!("  {what}: {scattered:.0} ns, empty {empty:.0} ns, ratio {:.1}", scattered / empty);
    }
    let mut late = section(100);
    fill(&mut late, Kept::LastSubsection);
    let last = take_and_release(&mut late);
    println!("  99 subsections full, the last free: {last:.0} ns, ratio {:.1}", last / empty);
    engine(idle);
}

fn event() -> EventId {
    EventId::new(Uuid::from_u128(1))
}

fn hold(number: u64) -> Holder {
    let hold = Hold { booking_id: BookingId::new(Uuid::from_u128(number.into())), number };
    let buyer_id = UserId::new(Uuid::from_u128(2));
    Holder { hold, buyer_id, at: Timestamp::from_millis(0), sold: false }
}

fn opened(name: &str, subsections: u16) -> SectionOpened {
    let price = Money::new(3000, "TWD".parse().unwrap());
    let subsections = (1..=subsections).map(|number| SubsectionOutline::new(number, 25, 20));
    let outline = SectionOutline::new(name.parse().unwrap(), 0, price, subsections);
    SectionOpened { event_id: event(), lane: Lane::Shared, section: outline }
}

fn section(subsections: u16) -> Section {
    Section::open(opened("A", subsections))
}

/// Millions of decisions per second, opening the section included.
fn sell_out_500() -> f64 {
    let round = || {
        let (mut decisions, start) = (0_u32, Instant::now());
        for _ in 0..200 {
            let mut section = section(1);
            while section.free_in(None) > 0 {
                let slot = section.add_holder(hold(1));
                let quantity = u8::try_from(decisions % 4 + 1).unwrap();
                black_box(best_available::take(&mut section, None, quantity, slot));
                decisions += 1;
            }
        }
        f64::from(decisions) / start.elapsed().as_secs_f64() / 1e6
    };
    (0..20).map(|_| round()).fold(0.0, f64::max)
}

/// Nanoseconds of finding and giving back 1 to 4 seats.
fn take_and_release(section: &mut Section) -> f64 {
    const TIMES: u32 = 100_000;
    let mut round = || {
        let start = Instant::now();
        for n in 0..TIMES {
            let slot = section.add_holder(hold(2));
            let quantity = u8::try_from(n % 4 + 1).unwrap();
            let seats = best_available::take(section, None, quantity, slot);
            section.release(slot, black_box(&seats));
        }
        start.elapsed().as_nanos() as f64 / f64::from(TIMES)
    };
    (0..10).map(|_| round()).fold(f64::MAX, f64::min)
}

#[derive(Clone, Copy)]
enum Kept {
    OneInHundred,
    Checkerboard,
    LastSubsection,
}

/// Takes every seat but those kept free.
fn fill(section: &mut Section, kept: Kept) {
    let slot = section.add_holder(hold(3));
    let places = (1..=100).flat_map(|subsection| {
        let row = move |row| (1..=20).map(move |seat| SeatPlace { subsection, row, seat });
        (1..=25).flat_map(row)
    });
    for (n, place) in places.enumerate() {
        let free = match kept {
            Kept::OneInHundred => n % 100 == 99,
            Kept::Checkerboard => (place.row + place.seat) % 2 == 0,
            Kept::LastSubsection => place.subsection == 100,
        };
        if !free {
            section.take_seat(place, slot);
        }
    }
}

/// A hundred partitions of 50,000 seats each, open and never asked for. Runs first, on a heap
/// without holes.
fn idle_engines() -> Vec<SeatEngine> {
    let opening = |name| record(0, Message::SectionOpened(opened(name, 10)));
    let openings = NAMES.map(opening);
    let before = resident_bytes();
    let mut engines: Vec<SeatEngine> = (0..100).map(|_| SeatEngine::default()).collect();
    for engine in &mut engines {
        handle(engine, &openings);
    }
    let idle = (resident_bytes() - before) as f64 / 5_000_000.0;
    println!("memory, idle: {idle:.2} bytes/seat");
    engines
}

/// Sells a 50,000-seat partition of ten sections out through records, in batches of 200, then
/// restores it.
fn engine(mut engines: Vec<SeatEngine>) {
    let records: Vec<Record> =
        (0..20_000).zip(NAMES.iter().cycle()).map(|(n, name)| request(n, name)).collect();
    let before = resident_bytes();
    let mut seconds = f64::MAX;
    for engine in engines.iter_mut().take(20) {
        let start = Instant::now();
        records.chunks(200).for_each(|batch| handle(engine, batch));
        seconds = seconds.min(start.elapsed().as_secs_f64());
    }
    let sold = (resident_bytes() - before) as f64 / 1_000_000.0;
    println!("memory, all seats held by bookings of 1-4, outcomes kept: {sold:.1} bytes/seat");
    println!("engine, records decoded, decided and encoded: {:.2} M records/s", 20_000.0 / seconds / 1e6);

    let rows = engines[0].rows();
    let start = Instant::now();
    let restored = SeatEngine::restore(rows.clone()).unwrap();
    println!("restore of 50,000 held seats, {} rows: {:?}", rows.len(), start.elapsed());
    assert_eq!(restored.rows(), rows);
}

/// Restores partitions of 50,000 seats, all sold to bookings of 1 to 4 whose outcomes are
/// forgotten. Runs first, on a heap without holes.
fn memory_of_sold_seats() {
    const PARTITIONS: u32 = 20;
    let rows = sold_rows();
    let before = resident_bytes();
    let engines: Vec<_> = (0..PARTITIONS).map(|_| SeatEngine::restore(rows.clone()).unwrap()).collect();
    let bytes = (resident_bytes() - before) as f64 / (50_000.0 * f64::from(PARTITIONS));
    println!("memory, all seats sold, outcomes forgotten: {bytes:.1} bytes/seat");
    drop(engines);
}

fn sold_rows() -> Vec<Row> {
    let opened = opened("A", 100);
    let name = opened.section.name.clone();
    let mut version = 0;
    let mut holder = |seats: std::ops::RangeInclusive<u16>| {
        version += 1;
        let Holder { hold, buyer_id, at, .. } = hold(version);
        row::Holder { hold, buyer_id, at, sold: true, seats: seats.collect() }
    };
    let runs = [1..=1, 2..=3, 4..=6, 7..=10, 11..=11, 12..=13, 14..=16, 17..=20];
    let places = (1..=100).flat_map(|subsection| (1..=25).map(move |row| (subsection, row)));
    let seats = places.map(|(subsection, row)| {
        let holders = runs.clone().map(&mut holder).into();
        SeatRow::Seats(row::Seats { event_id: event(), section: name.clone(), subsection, row, holders })
    });
    let mut rows: Vec<_> = seats.collect();
    rows.push(SeatRow::Version(row::Version { event_id: event(), section: name, version }));
    let SectionOpened { event_id, lane, section: outline } = opened;
    rows.push(SeatRow::Section(row::Section { event_id, lane, outline }));
    rows.iter().map(SeatRow::encode).collect()
}

fn handle(engine: &mut SeatEngine, records: &[Record]) {
    let mut effects = Effects::default();
    for record in records {
        engine.handle(record, &mut effects).unwrap();
    }
    black_box(effects);
}

fn request(n: u64, section: &str) -> Record {
    let id = Uuid::from_u128(u128::from(n) << 64 | u128::from(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    record(
        n,
        Message::TicketReservedRequest(TicketReservedRequest {
            booking_id: BookingId::new(id),
            buyer_id: UserId::new(id),
            event_id: event(),
            section: section.parse().unwrap(),
            selection: Selection::BestAvailable {
                quantity: u16::try_from(n / 10 % 4 + 1).unwrap(),
                subsection: None,
            },
            partial: Partial::Accept,
        }),
    )
}

fn record(offset: u64, message: Message) -> Record {
    let topic = Topic::new(Lane::Shared, Action::TicketReserveRequest);
    let at = Timestamp::from_millis(i64::try_from(offset / 20).unwrap());
    let payload = Envelope { at, source: None, message }.encode();
    Record { source: Source { topic, partition: 0, offset }, key: Bytes::new(), payload }
}

fn resident_bytes() -> i64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<i64>().unwrap() * 4096
}
