//! Every order, repetition and cut into batches of the messages about successive holds of one seat
//! ends where the causal order ends.

use kernel::{BookingId, Money, SeatPlace, UserId, topic::Topic};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn message(number: u64, asked: HoldStatus) -> HoldMessage {
    let grant = Grant {
        hold: Hold { booking_id: BookingId::new(Uuid::from_u128(number.into())), number },
        buyer_id: UserId::new(Uuid::nil()),
        event_id: EventId::new(Uuid::nil()),
        section: "A".parse().unwrap(),
        seats: vec![
            SeatPlace { subsection: 1, row: 1, seat: 1 },
            SeatPlace { subsection: 1, row: 1, seat: 2 },
        ],
        unit_price: Money::new(800, "TWD".parse().unwrap()),
    };
    let topic = Topic::new(Lane::Shared, Action::UpdateTicketStatusToPaid);
    let source = Source { topic, partition: 0, offset: number };
    HoldMessage { at: Timestamp::from_millis(60_000), source, grant, asked }
}

/// What has been followed so far.
#[derive(Default)]
struct Service {
    holds: BTreeMap<Hold, HoldStatus>,
    figures: Delta,
    sent: Vec<(Hold, Action)>,
}

impl Service {
    fn follow(&mut self, batch: &[HoldMessage]) {
        let followed = follow_holds(batch, &self.holds, |_, _| (Lane::Shared, 3));
        for change in followed.holds {
            assert_eq!(change.before, self.holds.insert(change.grant.hold, change.after));
        }
        for delta in followed.sales.sections.values() {
            self.figures.add(*delta);
        }
        for outgoing in followed.messages {
            assert_eq!(outgoing.partition, 3);
            let hold = match Envelope::decode(outgoing.payload).unwrap().message {
                Message::ReleaseSeat(hold) | Message::FinalizeSeat(hold) => hold.hold,
                other => panic!("{other:?}"),
            };
            self.sent.push((hold, outgoing.topic.action));
        }
    }
}

/// Hold 1 expires, hold 2 is paid. Hold 2 exists only after the release of hold 1 was sent, so its
/// messages come after that one.
fn story() -> impl Strategy<Value = Vec<HoldMessage>> {
    use HoldStatus::{Released, Reserved, Sold};
    let first = prop::sample::subsequence(vec![Reserved, Reserved, Released], 3).prop_shuffle();
    let second = Just(vec![(2, Reserved), (2, Sold), (1, Reserved), (1, Released), (2, Sold), (2, Reserved)])
        .prop_shuffle();
    (first, second).prop_map(|(first, second)| {
        let first = first.into_iter().map(|asked| message(1, asked));
        first.chain(second.into_iter().map(|(number, asked)| message(number, asked))).collect()
    })
}

proptest! {
    #[test]
    fn every_order_ends_the_same(story in story(), cuts in prop::collection::vec(1..4_usize, 10)) {
        let mut service = Service::default();
        let mut rest = &story[..];
        for cut in cuts {
            let (batch, later) = rest.split_at(cut.min(rest.len()));
            service.follow(batch);
            rest = later;
        }
        prop_assert!(rest.is_empty());
        let statuses: Vec<_> = service.holds.iter().map(|(hold, status)| (hold.number, *status)).collect();
        prop_assert_eq!(statuses, [(1, HoldStatus::Released), (2, HoldStatus::Sold)]);
        prop_assert_eq!(service.figures, Delta { available: -2, reserved: 0, sold: 2, revenue_minor: 1_600 });
        let of = |number| service.sent.iter().filter(move |(hold, _)| hold.number == number);
        prop_assert!(of(1).count() == 2 && of(1).all(|(_, action)| *action == Action::ReleaseTicketToAvailable));
        prop_assert!(of(2).count() == 2 && of(2).all(|(_, action)| *action == Action::FinalizeTicketToPaid));
    }
}

#[test]
fn what_was_paid_is_never_released_and_what_was_released_is_never_sold() {
    for (first, late) in [(HoldStatus::Sold, HoldStatus::Released), (HoldStatus::Released, HoldStatus::Sold)]
    {
        let mut service = Service::default();
        service.follow(&[message(1, HoldStatus::Reserved), message(1, first)]);
        service.follow(&[message(1, late)]);
        assert_eq!(service.holds.values().copied().collect::<Vec<_>>(), [first]);
        assert_eq!(service.sent.len(), 1);
    }
}
