//! Sellers: they put their events on sale and change prices while seats are sold.

use std::sync::Arc;

use kernel::{
    Timestamp,
    message::{Envelope, EventOnSale, Message, SectionOpened, SectionPriceChanged},
    topic::{Action, Lane},
};
use stream::Outgoing;

use crate::town::{self, Town};

/// Puts all events on sale; before any fault comes.
pub(crate) async fn open(town: &Arc<Town>) {
    for house in &town.houses {
        let messages = publishing(house, Timestamp::from_millis(town.world.now()));
        let written = town.tickets.write(["tickets.event.begun", "tickets.event.committed"], |rows| {
            for section in &house.sections {
                let key = (house.event_id, section.name.clone());
                rows.sums.insert(key.clone(), crate::tickets::Sums::default());
                rows.routes.insert(key, (house.lane, section.partition));
            }
            messages
        });
        if let Err(fault) = written.await {
            town.world.violated(format!("a calm world has a fault: {fault}"));
        }
    }
}

fn publishing(house: &EventOnSale, at: Timestamp) -> Vec<Outgoing> {
    let opened = house.sections.iter().map(|section| {
        let opened = SectionOpened { event_id: house.event_id, lane: house.lane, section: section.clone() };
        let envelope = Envelope { at, source: None, message: Message::SectionOpened(opened) };
        let action = Action::TicketReserveRequest;
        Outgoing::to_section(house.lane, action, house.event_id, &section.name, section.partition, &envelope)
    });
    let envelope = Envelope { at, source: None, message: Message::EventOnSale(house.clone()) };
    let on_sale = Outgoing::to_event(Lane::Shared, Action::UpdateEventToOnSale, house.event_id, &envelope);
    opened.chain([on_sale]).collect()
}

/// Changes a price now and then, for as long as the world runs.
pub(crate) async fn change_prices(town: Arc<Town>) {
    let pick = |end: usize| usize::try_from(town.world.below(end as u64)).unwrap_or(0);
    loop {
        town.world.pause(20_000).await;
        town.world.opened().await;
        let house = &town.houses[pick(town.houses.len())];
        let section = &house.sections[pick(house.sections.len())];
        let price = town::price(500 + i64::try_from(town.world.below(9_000)).unwrap_or(0));
        let changed = SectionPriceChanged { event_id: house.event_id, section: section.name.clone(), price };
        let at = Timestamp::from_millis(town.world.now());
        let envelope = Envelope { at, source: None, message: Message::SectionPriceChanged(changed) };
        let action = Action::TicketReserveRequest;
        let message = Outgoing::to_section(
            house.lane,
            action,
            house.event_id,
            &section.name,
            section.partition,
            &envelope,
        );
        let written =
            town.tickets.write(["tickets.price.begun", "tickets.price.committed"], |_| vec![message]);
        if written.await.is_ok() {
            town.world.cover("prices changed");
        }
    }
}
