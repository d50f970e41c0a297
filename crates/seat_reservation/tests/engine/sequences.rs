//! Random sequences of records, of every kind and in every order: the engine does what the
//! reference does, keeps its promises after each record, and is the same, byte for byte, when
//! replayed and when restored in the middle.

use kernel::{
    Timestamp,
    message::{Envelope, HoldOfSection, Message, Partial, Selection},
    topic::{self, Action, Lane, Topic},
};
use proptest::{collection::vec, prelude::*, sample::select};
use seat_reservation::row::{self, SeatRow};
use stream::Outgoing;

use crate::{
    reference::{Answer, End, Reference, Seat},
    world::*,
};

/// One step of a sequence. Bookings are few, so that requests, releases and finalizes repeat and
/// cross.
#[derive(Debug, Clone)]
enum Op {
    Open {
        section: usize,
        price: i64,
    },
    Price {
        section: usize,
        price: i64,
        version: u32,
    },
    Best {
        booking: u128,
        section: usize,
        quantity: u16,
        subsection: Option<u16>,
        partial: Partial,
    },
    Manual {
        booking: u128,
        section: usize,
        seats: Vec<(u16, u16, u16)>,
        partial: Partial,
    },
    /// A hold of the booking: its latest, or one `off` numbers away; of its section, or of another.
    End {
        booking: u128,
        sell: bool,
        off: u64,
        elsewhere: bool,
    },
}

const NAMES: [&str; 4] = ["A", "B", "AA", "搖滾"];
const PLANS: [&[(u16, u16, u16)]; 4] = [&[(1, 2, 5), (3, 1, 7)], &[(2, 3, 4)], &[(1, 1, 1)], &[(1, 2, 66)]];

fn op() -> impl Strategy<Value = Op> {
    let partial = || select(vec![Partial::Accept, Partial::Refuse]);
    // Seats beyond the plan are asked for too, numbered from 0.
    let seats = vec((0..4_u16, 0..4_u16, 0..9_u16), 1..=10);
    let subsection = proptest::option::weighted(0.4, 0..4_u16);
    prop_oneof![
        2 => (0..4_usize, 1..500_i64).prop_map(|(section, price)| Op::Open { section, price }),
        1 => (0..4_usize, 1..500_i64, 0..6_u32)
            .prop_map(|(section, price, version)| Op::Price { section, price, version }),
        6 => (0..24_u128, 0..4_usize, 1..=10_u16, subsection, partial()).prop_map(
            |(booking, section, quantity, subsection, partial)| {
                // On the wire 0 means the whole section.
                let subsection = subsection.filter(|&number| number > 0);
                Op::Best { booking, section, quantity, subsection, partial }
            }
        ),
        4 => (0..24_u128, 0..4_usize, seats, partial()).prop_map(
            |(booking, section, seats, partial)| Op::Manual { booking, section, seats, partial }
        ),
        8 => (0..24_u128, any::<bool>(), select(vec![0, 0, 0, 0, 1, 2]), proptest::bool::weighted(0.1))
            .prop_map(|(booking, sell, off, elsewhere)| Op::End { booking, sell, off, elsewhere }),
    ]
}

/// How much later than the one before a record says it is: often nothing, at times earlier, at
/// times past the retention.
fn pause() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 0..1000_i64, 1 => -5000..0_i64, 1 => 300_000..1_000_000_i64]
}

/// The messages of the ops, given the holds that were granted so far.
#[derive(Default)]
struct Script {
    holds: std::collections::BTreeMap<u128, HoldOfSection>,
}

impl Script {
    fn message(&self, op: &Op) -> Message {
        match op {
            Op::Open { section, price } => {
                let mut opened = opened(NAMES[*section], PLANS[*section]);
                opened.section.price = twd(*price);
                Message::SectionOpened(opened)
            }
            Op::Price { section, price, version } => {
                super::world::price(NAMES[*section], twd(*price), *version)
            }
            Op::Best { booking, section, quantity, subsection, partial } => {
                let mut request = best(*booking, NAMES[*section], *quantity);
                request.selection = Selection::BestAvailable { quantity: *quantity, subsection: *subsection };
                request.partial = *partial;
                Message::TicketReservedRequest(request)
            }
            Op::Manual { booking, section, seats, partial } => {
                let seats: Vec<_> = seats.iter().map(|&(s, row, seat)| place(s, row, seat)).collect();
                let mut request = manual(*booking, NAMES[*section], &seats);
                request.partial = *partial;
                Message::TicketReservedRequest(request)
            }
            Op::End { booking, sell, off, elsewhere } => {
                let mut named = self.holds.get(booking).cloned().unwrap_or_else(|| hold(*booking, "A", 1));
                named.hold.number += off;
                if *elsewhere {
                    named.section = name("B");
                }
                if *sell { Message::FinalizeSeat(named) } else { Message::ReleaseSeat(named) }
            }
        }
    }

    fn learn(&mut self, booking: u128, sent: &[Message]) {
        if let Some(Message::SeatUpdatedToReserved(grant)) = sent.first() {
            self.holds.insert(booking, grant.hold_of_section());
        }
    }
}

/// The envelope and the way of each message.
fn check_way(outgoing: &Outgoing, world: &World, now: i64) {
    let envelope = Envelope::decode(outgoing.payload.clone()).unwrap();
    assert_eq!(envelope.at, Timestamp::from_millis(now));
    assert_eq!(envelope.source.map(|source| source.offset), Some(world.offset));
    let event_key = (topic::event_partition(event(1)), topic::event_key(event(1)));
    let (action, (partition, key)) = match &envelope.message {
        Message::SeatUpdatedToReserved(grant) => {
            let key = topic::section_key(event(1), &grant.section, PARTITION);
            (Action::UpdateTicketStatusToReserved, (PARTITION, key))
        }
        Message::BookingUpdatedToPendingPayment(_) => {
            (Action::UpdateBookingStatusToPendingPayment, event_key)
        }
        _ => (Action::BookingStatusToFailed, event_key),
    };
    assert_eq!(outgoing.topic, Topic::new(Lane::Own(event(1)), action));
    assert_eq!((outgoing.partition, &outgoing.key[..]), (partition, key.as_bytes()));
}

/// The stored outcomes are those that the reference keeps.
fn check_outcomes(world: &World, reference: &Reference) {
    let at = Timestamp::from_millis;
    let expected = reference.answers.values().map(|(answer, end)| match (answer.clone(), *end) {
        (Answer::Grant(grant), End::Living) => row::Answer::Reserved { grant },
        (Answer::Grant(grant), End::Released(end)) => row::Answer::Released { grant, at: at(end) },
        (Answer::Grant(grant), End::Sold(end)) => row::Answer::Sold { grant, at: at(end) },
        (Answer::Failure(failed), End::Failed(end)) => {
            row::Answer::Failed { event_id: failed.event_id, failure: failed.failure, at: at(end) }
        }
        _ => unreachable!(),
    });
    let expected = reference.answers.keys().zip(expected).map(|(&booking_id, answer)| {
        SeatRow::Outcome(row::Outcome { booking_id, lane: Lane::Own(event(1)), answer })
    });
    let stored = world.store.iter().map(|(key, value)| row::decode_row(key, value).unwrap());
    let stored = stored.filter(|row| matches!(row, SeatRow::Outcome(_)));
    assert_eq!(stored.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

/// The stored rows of seats say of every seat what the reference says.
fn check_seats(world: &World, reference: &Reference) {
    let mut stored = std::collections::BTreeMap::new();
    for (key, value) in &world.store {
        match row::decode_row(key, value).unwrap() {
            SeatRow::Seats(row) => {
                for holder in row.holders {
                    let seat = if holder.sold { Seat::Sold } else { Seat::Reserved }(holder.hold);
                    for number in holder.seats {
                        let key = (row.section.clone(), place(row.subsection, row.row, number));
                        assert!(stored.insert(key, seat).is_none(), "a seat is held twice");
                    }
                }
            }
            SeatRow::Section(row) => {
                let hall = &reference.halls[&(row.event_id, row.outline.name.clone())];
                assert_eq!((row.outline.price, row.outline.price_version), hall.price);
            }
            SeatRow::Version(row) => {
                assert_eq!(row.version, reference.halls[&(row.event_id, row.section.clone())].grants);
            }
            SeatRow::Partition(row) => assert_eq!(row.log_time, Timestamp::from_millis(reference.now)),
            SeatRow::Outcome(_) => {}
        }
    }
    let held = reference.halls.iter().flat_map(|((_, name), hall)| {
        let held = hall.seats.iter().filter(|(_, seat)| **seat != Seat::Free);
        held.map(move |(place, seat)| ((name.clone(), *place), *seat))
    });
    assert_eq!(stored, held.collect());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_engine_does_what_the_reference_does(
        ops in vec((op(), pause()), 1..120),
        restart_every in 1..20_usize,
    ) {
        let mut world = World { now: 1_000_000, ..World::default() };
        let mut restarted = World::default();
        let mut replayed = World::default();
        let mut reference = Reference::default();
        let mut script = Script::default();
        for (step, (op, pause)) in ops.iter().enumerate() {
            world.now += pause;
            world.offset += 1;
            let message = script.message(op);
            let record = record(world.offset, world.now, message.clone());
            let done = world.handle(&record);
            let expected = reference.handle(world.now, &message);
            prop_assert_eq!(&done.messages(), &expected);
            prop_assert_eq!(&done.refused, &None);
            prop_assert_eq!(world.engine.rows(), world.stored());
            check_seats(&world, &reference);
            check_outcomes(&world, &reference);
            done.outgoing.iter().for_each(|outgoing| check_way(outgoing, &world, reference.now));
            if let Op::Best { booking, .. } | Op::Manual { booking, .. } = op {
                script.learn(*booking, &expected);
            }
            prop_assert_eq!(&replayed.handle(&record), &done);
            if step % restart_every == 0 {
                restarted.restart();
            }
            prop_assert_eq!(&restarted.handle(&record), &done);
            prop_assert_eq!(&restarted.store, &world.store);
            prop_assert_eq!(restarted.engine.rows(), world.stored());
        }
    }
}
