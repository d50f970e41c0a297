//! Sellers: they put their events on sale and change prices while seats are sold.

use std::sync::Arc;

use kernel::{EventId, SectionName, UserId};

use crate::{
    client::ask_events,
    town::{self, Town},
};

fn seller() -> UserId {
    town::user_id(u128::from(u64::MAX))
}

/// Puts all events on sale, at once or as a draft first; before any fault comes.
pub(crate) async fn open(town: &Arc<Town>) {
    for (id, draft) in &town.drafts {
        let (id, draft, at_once) = (*id, draft.clone(), town.world.chance(50));
        let opened = ask_events(town, move |events| async move {
            let created = events.create(id, seller(), draft, at_once).await?;
            if at_once { Ok(created) } else { events.publish(id, seller()).await }
        });
        if !matches!(opened.await, Some(Ok(_))) {
            town.world.violated(format!("a calm world does not open {id}"));
        }
    }
}

/// Changes a price now and then, for as long as the world runs.
pub(crate) async fn change_prices(town: Arc<Town>) {
    let pick = |end: usize| usize::try_from(town.world.below(end as u64)).unwrap_or(0);
    loop {
        town.world.pause(20_000).await;
        town.world.opened().await;
        let house = &town.houses[pick(town.houses.len())];
        let sections = town::sold(house);
        let (id, section) = (house.event_id, sections[pick(sections.len())].name.clone());
        change_price(&town, id, section.clone()).await;
        if town.world.chance(20) {
            // Soon enough to be published together with the first.
            town.world.pause(200).await;
            change_price(&town, id, section).await;
        }
    }
}

async fn change_price(town: &Arc<Town>, id: EventId, section: SectionName) {
    let price_minor = 500 + i64::try_from(town.world.below(9_000)).unwrap_or(0);
    let changed = ask_events(town, move |events| async move {
        events.change_price(id, seller(), section, price_minor).await
    });
    match changed.await {
        Some(Ok(_)) => town.world.cover("prices changed"),
        Some(Err(refusal)) => town.world.violated(format!("a good price is refused: {refusal:?}")),
        None => {}
    }
}
