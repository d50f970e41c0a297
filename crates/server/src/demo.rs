//! `serve --demo`: a seller, buyers and a 50,000-seat event, made by the same use cases as all
//! others.
//!
//! Promises: doing it again changes nothing. Never: runs unless asked for, since its password is
//! public.

use accounts::{Accounts, Email, RegisterOutcome, Registration};
use anyhow::{Context, bail};
use event_ticketing::{
    Events,
    app::create_event::EventDraft,
    domain::{
        event::DetailsDraft,
        plan::{SectionDraft, SubsectionDraft},
    },
    ports::{EventPage, Listed},
};
use futures::future::try_join_all;
use kernel::{EventId, Role, Timestamp, UserId};
use uuid::Uuid;

const PASSWORD: &str = "demo-password";
const SELLER: &str = "seller@demo.example";
const BUYERS: u32 = 9;
const EVENT: &str = "Demo Arena";
/// By section A, B, C … in whole dollars.
const PRICES: [i64; 10] = [3_000, 2_700, 2_500, 2_200, 2_000, 1_700, 1_500, 1_200, 1_000, 800];
const SUBSECTIONS: i64 = 10;
const ROWS: i64 = 25;
const SEATS_PER_ROW: i64 = 20;
/// 2030-05-01T19:30:00+08:00.
const STARTS_AT: Timestamp = Timestamp::from_millis(1_903_865_400_000);

/// Makes what is missing, and answers with the logins to print.
///
/// # Errors
/// When a store fails, or one of the demo's addresses belongs to somebody else.
pub async fn make(accounts: &Accounts, events: &Events) -> anyhow::Result<String> {
    let seller = user(accounts, SELLER.to_owned(), "Demo Seller".to_owned(), Role::Seller).await?;
    let buyers = (1..=BUYERS).map(|number| {
        user(accounts, format!("buyer{number}@demo.example"), format!("Demo Buyer {number}"), Role::Buyer)
    });
    try_join_all(buyers).await?;
    let event = event(events, seller).await?;
    Ok(format!(
        "Demo logins, password {PASSWORD}:\n  seller {SELLER}\n  buyers buyer1@demo.example … buyer{BUYERS}@demo.example\n\
         Demo event {event}: \"{EVENT}\", 50,000 seats\n"
    ))
}

async fn user(accounts: &Accounts, email: String, name: String, role: Role) -> anyhow::Result<UserId> {
    let address: Email = email.parse().context("the demo's addresses are e-mail addresses")?;
    if let Some(account) = accounts.account_of(&address).await? {
        if account.role != role {
            bail!("{email} is not a {role}'s account, so the demo cannot use it");
        }
        return Ok(account.id);
    }
    let registration = Registration { email: email.clone(), password: PASSWORD.to_owned(), name, role };
    match accounts.register(UserId::new(Uuid::now_v7()), registration).await? {
        RegisterOutcome::Registered(account) => Ok(account.id),
        RegisterOutcome::Invalid(_) | RegisterOutcome::EmailTaken => {
            bail!("the demo cannot register {email}")
        }
    }
}

async fn event(events: &Events, seller: UserId) -> anyhow::Result<EventId> {
    let found = events.events(page(EVENT)).await.context("cannot look for the demo's event")?;
    if let Some(event) =
        found.into_iter().find(|event| event.seller_id == seller && event.details.name == EVENT)
    {
        return Ok(event.id);
    }
    let details = DetailsDraft {
        name: EVENT.to_owned(),
        description: "Fifty thousand seats to try everything with.".to_owned(),
        venue_name: "Demo Arena".to_owned(),
        time_zone: "Asia/Taipei".to_owned(),
        starts_at: STARTS_AT,
        currency: "TWD".to_owned(),
        max_seats_per_booking: None,
    };
    let section = |(letter, price): (char, i64)| SectionDraft {
        name: letter.to_string(),
        price_minor: price * 100,
        subsections: (1..=SUBSECTIONS)
            .map(|number| SubsectionDraft::new(number, ROWS, SEATS_PER_ROW))
            .collect(),
    };
    let draft = EventDraft { details, sections: ('A'..='J').zip(PRICES).map(section).collect() };
    let id = EventId::new(Uuid::now_v7());
    let created = events.create(id, seller, draft, true).await.context("cannot create the demo's event")?;
    match created {
        Ok(event) => Ok(event.id),
        Err(refusal) => bail!("the demo's event is refused: {refusal:?}"),
    }
}

/// The first events on sale with these words.
fn page(words: &str) -> EventPage {
    EventPage { listed: Listed::OnSale { words: words.to_owned() }, before: None, limit: 100 }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use accounts::testing::{MemoryStore, process};
    use event_ticketing::testing::{MemoryStore as MemoryEvents, Noon};

    use super::*;

    #[tokio::test]
    async fn making_it_again_changes_nothing() {
        let (accounts, _) = process(&Arc::<MemoryStore>::default()).await;
        let events = Events::new(Arc::<MemoryEvents>::default(), Arc::new(Noon));
        let first = make(&accounts, &events).await.unwrap();
        assert_eq!(make(&accounts, &events).await.unwrap(), first);
        let on_sale = events.events(page("")).await.unwrap();
        assert_eq!(on_sale.len(), 1);
        assert_eq!(on_sale[0].sections.iter().map(kernel::plan::SectionOutline::seats).sum::<u32>(), 50_000);
    }
}
