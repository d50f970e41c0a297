//! The finder against the reference: over random plans, occupancy and requests the same seats are
//! granted, and nobody is refused while seats are free.

use kernel::{
    SeatPlace,
    message::{Message, Partial, Selection, TicketReservedRequest},
};
use proptest::{collection::vec, prelude::*};

use crate::{reference::Reference, world::*};

fn plan() -> impl Strategy<Value = Vec<(u16, u16, u16)>> {
    let seats_per_row = prop_oneof![4 => 1..14_u16, 1 => 60..70_u16, 1 => 120..135_u16];
    vec((1..3_u16, 1..6_u16, seats_per_row), 1..5).prop_map(|blocks| {
        let number = |number: &mut u16, (gap, rows, seats)| {
            *number += gap;
            Some((*number, rows, seats))
        };
        blocks.into_iter().scan(0, number).collect()
    })
}

/// Takes the seats that the bits say, ten at a time.
fn occupy(world: &mut World, reference: &mut Reference, plan: &[(u16, u16, u16)], taken: &[bool]) {
    let rows = plan.iter().flat_map(|&(number, rows, seats)| (1..=rows).map(move |row| (number, row, seats)));
    let seats = rows.flat_map(|(number, row, seats)| (1..=seats).map(move |seat| place(number, row, seat)));
    let seats: Vec<SeatPlace> =
        seats.zip(taken.iter().cycle()).filter(|(_, taken)| **taken).map(|(seat, _)| seat).collect();
    for (n, ten) in (1000..).zip(seats.chunks(10)) {
        let message = Message::TicketReservedRequest(manual(n, "A", ten));
        world.send(message.clone());
        reference.handle(0, &message);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn it_grants_what_the_reference_grants(
        plan in plan(),
        fullness in 0..=100_u32,
        noise in vec(0..100_u32, 1..331),
        requests in vec((1..=10_u16, proptest::option::of(1..12_u16), any::<bool>()), 1..60),
    ) {
        let taken: Vec<bool> = noise.iter().map(|&noise| noise < fullness).collect();
        let opening = opened("A", &plan);
        let mut world = World::with(std::slice::from_ref(&opening));
        let mut reference = Reference::default();
        reference.handle(0, &Message::SectionOpened(opening));
        occupy(&mut world, &mut reference, &plan, &taken);
        for (n, (quantity, subsection, refuse)) in (1..).zip(requests) {
            let free = reference.halls.values().next().unwrap().free(subsection);
            let request = TicketReservedRequest {
                selection: Selection::BestAvailable { quantity, subsection },
                partial: if refuse { Partial::Refuse } else { Partial::Accept },
                ..best(n, "A", 1)
            };
            let message = Message::TicketReservedRequest(request);
            let sent = world.send(message.clone()).messages();
            prop_assert_eq!(&sent, &reference.handle(0, &message));
            let granted = match &sent[0] {
                Message::SeatUpdatedToReserved(grant) => grant.seats.len(),
                _ => 0,
            };
            let asked = usize::from(quantity);
            let due = if refuse && free < asked { 0 } else { free.min(asked) };
            prop_assert_eq!(granted, due);
        }
    }
}
