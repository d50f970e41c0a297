//! How many seat decisions one core makes: `cargo bench -p bench --bench seat_finder`.
//!
//! Two rows per case. *find* is choosing and taking the seats in memory; *decide* is the whole
//! record: decoding it, choosing, and making the rows to store and the messages to send. Every case
//! has many sections, each decided once a round and put back off the clock, so that nothing is a
//! cache's favour.

use bench::measure::{Figure, Rounds};
use bench::rng::Rng;
use bench::scene::{self, Ask, Log, Size, Taken};
use kernel::SeatPlace;
use kernel::message::{Envelope, Message, Selection};
use kernel::topic::Action;
use seat_reservation::SeatEngine;
use seat_reservation::domain::holders::Slot;
use seat_reservation::domain::section::Section;
use seat_reservation::domain::{best_available, manual};
use stream::exactly_once::decide;
use stream::{Batch, Record};

/// Sections per case, all decided once a round.
const SECTIONS: usize = 64;
const ROUNDS: usize = 1_000;
/// Events sold from empty to full.
const SELL_OUTS: usize = 200;

struct Case {
    name: &'static str,
    size: Size,
    taken: Taken,
    ask: Ask,
}

fn main() {
    let cases = [Size(1), Size(10)].into_iter().flat_map(cases_of);
    println!("{:<44} {:>7} {:>13} {:>10} {:>10}", "case", "", "decisions/s", "CPU ns", "p99 ns");
    for case in cases {
        let name = format!("{} of {} seats", case.name, case.size.seats());
        show(&name, "find", find(&case));
        show(&name, "decide", decide_records(&case));
    }
    for size in [Size(1), Size(10)] {
        show(&format!("empty to sold out, of {} seats", size.seats()), "decide", sell_out(size));
    }
}

fn cases_of(size: Size) -> [Case; 4] {
    let case = |name, taken, ask| Case { name, size, taken, ask };
    [
        case("best available, empty", Taken::None, Ask::BestAvailable),
        case("best available, 99 % sold", Taken::NearlyAll, Ask::BestAvailable),
        case("best available, checkerboard", Taken::Checkerboard, Ask::BestAvailable),
        case("manual, half taken", Taken::Half, Ask::Manual),
    ]
}

fn show(name: &str, layer: &str, figure: Figure) {
    let Figure { per_second, cpu_ns, p99_ns, .. } = figure;
    println!("{name:<44} {layer:>7} {per_second:>13.0} {cpu_ns:>10.0} {p99_ns:>10.0}");
}

/// Choosing and taking, nothing else.
fn find(case: &Case) -> Figure {
    let mut rng = Rng::of(1);
    let section = |n| scene::section(n, case.size, &case.taken.of(case.size, &mut Rng::of(n as u64)));
    let mut sections: Vec<Section> = (0..SECTIONS).map(section).collect();
    let mut rounds = Rounds::default();
    for _ in 0..ROUNDS {
        let wishes: Vec<Selection> = sections.iter().map(|_| case.ask.next(case.size, &mut rng)).collect();
        let holds: Vec<Option<(Slot, Vec<SeatPlace>)>> = rounds.time(SECTIONS, || {
            sections.iter_mut().zip(&wishes).map(|(section, wish)| take(section, wish)).collect()
        });
        for (section, hold) in sections.iter_mut().zip(holds) {
            if let Some((slot, seats)) = hold {
                section.release(slot, &seats);
            }
        }
    }
    rounds.figure()
}

fn take(section: &mut Section, wish: &Selection) -> Option<(Slot, Vec<SeatPlace>)> {
    match wish {
        Selection::BestAvailable { quantity, .. } => {
            let slot = section.add_holder(scene::holder(u64::MAX));
            let quantity = u8::try_from(*quantity).unwrap_or(1);
            Some((slot, best_available::take(section, None, quantity, slot)))
        }
        Selection::Manual { seats } => {
            let seats = manual::available(section, &manual::distinct(seats));
            if seats.is_empty() {
                return None;
            }
            let slot = section.add_holder(scene::holder(u64::MAX));
            for seat in &seats {
                section.take_seat(*seat, slot);
            }
            Some((slot, seats))
        }
    }
}

/// Whole records through the engine, a round being one batch.
fn decide_records(case: &Case) -> Figure {
    let mut rng = Rng::of(1);
    let (mut engine, mut log) = (SeatEngine::default(), Log::default());
    for n in 0..SECTIONS {
        let mut records = vec![log.open(n, case.size)];
        let taken = case.taken.of(case.size, &mut Rng::of(n as u64));
        let picks = taken.chunks(4).map(|seats| Selection::Manual { seats: seats.to_vec() });
        records.extend(picks.map(|pick| log.request(n, pick)));
        carry_out(&mut engine, records);
    }
    let mut rounds = Rounds::default();
    for _ in 0..ROUNDS {
        let request = |n| log.request(n, case.ask.next(case.size, &mut rng));
        let records: Vec<Record> = (0..SECTIONS).map(request).collect();
        let batch = rounds.time(SECTIONS, || decide(&mut engine, records));
        let back = give_back(&batch, &mut log);
        carry_out(&mut engine, back);
    }
    rounds.figure()
}

/// A batch that nothing may go wrong in.
fn carry_out(engine: &mut SeatEngine, records: Vec<Record>) -> Batch {
    let batch = decide(engine, records);
    assert!(
        batch.dead_letters.is_empty(),
        "the benchmark's records are understood: {:?}",
        batch.dead_letters
    );
    batch
}

/// The records that release every hold that the batch granted.
fn give_back(batch: &Batch, log: &mut Log) -> Vec<Record> {
    let messages = batch.outgoing.iter().filter_map(|out| Envelope::decode(out.payload.clone()).ok());
    let release = |envelope: Envelope| match envelope.message {
        Message::BookingUpdatedToPendingPayment(grant) => {
            let release = Message::ReleaseSeat(grant.hold_of_section());
            Some(log.record(Action::ReleaseTicketToAvailable, release))
        }
        _ => None,
    };
    messages.filter_map(release).collect()
}

/// Sections sold from the first seat to the last, in batches of 100.
fn sell_out(size: Size) -> Figure {
    let mut rng = Rng::of(1);
    let (mut engine, mut log) = (SeatEngine::default(), Log::default());
    let mut rounds = Rounds::default();
    for n in 0..SELL_OUTS {
        let opening = vec![log.open(n, size)];
        carry_out(&mut engine, opening);
        let sold_before = engine.counters().seats_granted;
        while engine.counters().seats_granted - sold_before < u64::from(size.seats()) {
            let request = |_| log.request(n, Ask::BestAvailable.next(size, &mut rng));
            let records: Vec<Record> = (0..100).map(request).collect();
            let batch = rounds.time(records.len(), || decide(&mut engine, records));
            assert!(batch.dead_letters.is_empty(), "the benchmark's records are understood");
        }
    }
    rounds.figure()
}
