//! The rules of the use cases, on the in-memory store.

use std::sync::Arc;

use futures::executor::block_on;
use kernel::{
    SectionName,
    message::{Envelope, Message},
};

use super::{Events, edit_event::EventEdit};
use crate::{
    Event, EventStatus, Refusal,
    domain::event::DetailsDraft,
    ports::TakenSeats,
    testing::{MemoryStore, NOON, Noon, contract, draft, event_id, section, user},
};

#[test]
fn the_store_in_memory_keeps_the_contract() {
    block_on(contract::all(|| async { MemoryStore::default() }));
}

/// A service, and a draft of seller 1.
fn drafted() -> (Events, MemoryStore, Event) {
    let store = MemoryStore::default();
    let events = Events::new(Arc::new(store.clone()), Arc::new(Noon));
    let draft = block_on(events.create(event_id(1), user(1), draft("Concert"), false)).unwrap();
    (events, store, draft.unwrap())
}

fn edit(events: &Events, edit: EventEdit) -> Result<Event, Refusal> {
    block_on(events.edit(event_id(1), user(1), edit)).unwrap()
}

fn places(refused: Result<Event, Refusal>) -> Vec<String> {
    let Err(Refusal::Invalid(violations)) = refused else { panic!("{refused:?}") };
    violations.into_iter().map(|violation| violation.pointer).collect()
}

#[test]
fn a_new_event_is_its_sellers_draft() {
    let (events, store, event) = drafted();
    assert_eq!((event.seller_id, event.status, event.created_at), (user(1), EventStatus::Draft, NOON));
    assert!(store.take_outgoing().is_empty());
    let seen_by = |viewer| block_on(events.event(event.id, viewer)).unwrap().is_some();
    assert!(seen_by(Some(user(1))) && !seen_by(Some(user(2))) && !seen_by(None));
    block_on(events.publish(event.id, user(1))).unwrap().unwrap();
    assert!(seen_by(Some(user(2))) && seen_by(None));
}

#[test]
fn every_broken_rule_of_a_new_event_is_named_at_once() {
    let (events, ..) = drafted();
    let mut broken = draft("");
    broken.details.currency = "?".to_owned();
    broken.sections[0].price_minor = -1;
    let expect = ["/name", "/currency", "/seating/sections/0/price_minor"];
    let named: Vec<_> = broken.violations().into_iter().map(|violation| violation.pointer).collect();
    assert_eq!(named, expect);
    assert_eq!(places(block_on(events.create(event_id(2), user(1), broken, true)).unwrap()), expect);
    assert_eq!(block_on(events.event(event_id(2), Some(user(1)))).unwrap(), None);
    assert!(draft("Concert").violations().is_empty());
}

/// Gold has no minor unit, and was taken before that was asked.
#[test]
fn a_currency_that_prices_cannot_have_is_refused_and_one_that_is_kept_is_not() {
    let mut before = drafted().2.details;
    let of = |code: &str| DetailsDraft { currency: code.to_owned(), ..draft("Gala").details };
    assert!(of("TWD").read(None).is_ok() && of("TWD").read(Some(&before)).is_ok());
    for code in ["XAU", "XTS", "XXX"] {
        let refused = of(code).read(Some(&before)).unwrap_err();
        assert_eq!(refused[0].pointer, "/currency", "{code}");
        assert_eq!(of(code).read(None), Err(refused));
    }
    before.currency = "XAU".parse().unwrap();
    assert_eq!(of("XAU").read(Some(&before)).unwrap().currency.code(), "XAU");
    assert!(of("XAG").read(Some(&before)).is_err());
}

/// A name that was taken before zones were those of CLDR.
#[test]
fn a_zone_is_stored_under_its_own_name_and_one_that_is_kept_stays() {
    let mut before = drafted().2.details;
    let of = |zone: &str| DetailsDraft { time_zone: zone.to_owned(), ..draft("Gala").details };
    assert_eq!(of("Asia/Calcutta").read(None).unwrap().time_zone, "Asia/Kolkata");
    assert_eq!(of("Etc/Unknown").read(Some(&before)).unwrap_err()[0].pointer, "/time_zone");
    before.time_zone = "Etc/Unknown".to_owned();
    assert_eq!(of("Etc/Unknown").read(Some(&before)).unwrap().time_zone, "Etc/Unknown");
}

#[test]
fn a_draft_changes_in_everything() {
    let (events, ..) = drafted();
    let whole = EventEdit {
        name: Some("Gala".to_owned()),
        currency: Some("EUR".to_owned()),
        max_seats_per_booking: Some(2),
        sections: Some(vec![section("Stalls", 700, 4), section("B", 700, 1)]),
        ..EventEdit::default()
    };
    let event = edit(&events, whole).unwrap();
    let seen: Vec<_> =
        event.sections.iter().map(|s| (s.name.as_str(), s.seats(), s.price.to_string())).collect();
    assert_eq!(seen, [("Stalls", 40, "700 EUR".to_owned()), ("B", 10, "700 EUR".to_owned())]);
    assert_eq!((event.details.name.as_str(), event.details.max_seats_per_booking), ("Gala", 2));
    assert_eq!(event.details.venue_name, "City Hall", "what is not named stays");

    let other_currency = EventEdit { currency: Some("USD".to_owned()), ..EventEdit::default() };
    let event = edit(&events, other_currency).unwrap();
    assert_eq!(event.sections[0].price.to_string(), "700 USD", "the same numbers in another currency");

    let broken = EventEdit {
        currency: Some("?".to_owned()),
        sections: Some(vec![section("A", 700, 0)]),
        ..EventEdit::default()
    };
    assert_eq!(places(edit(&events, broken)), ["/currency", "/seating/sections/0/subsections/0/rows"]);
}

#[test]
fn an_event_on_sale_changes_in_its_descriptions_only() {
    let (events, ..) = drafted();
    let before = block_on(events.publish(event_id(1), user(1))).unwrap().unwrap();
    for fixed in [
        EventEdit { sections: Some(vec![section("A", 700, 1)]), ..EventEdit::default() },
        EventEdit { currency: Some("USD".to_owned()), ..EventEdit::default() },
        EventEdit { max_seats_per_booking: Some(3), ..EventEdit::default() },
    ] {
        assert_eq!(edit(&events, fixed), Err(Refusal::OnSale));
    }
    let name = EventEdit { name: Some("Late Gala".to_owned()), ..EventEdit::default() };
    let after = edit(&events, name).unwrap();
    assert_eq!((after.details.name.as_str(), after.sections), ("Late Gala", before.sections));
}

#[test]
fn only_its_seller_changes_an_event_or_sees_its_figures() {
    let (events, store, event) = drafted();
    let (id, a): (_, SectionName) = (event.id, "A".parse().unwrap());
    let which = || TakenSeats { event_id: id, section: None, status: None, after: None, limit: 9 };
    for (id, seller) in [(id, user(2)), (event_id(9), user(1))] {
        let edited = block_on(events.edit(id, seller, EventEdit::default())).unwrap();
        assert_eq!(edited, Err(Refusal::NotFound));
        assert_eq!(block_on(events.publish(id, seller)).unwrap(), Err(Refusal::NotFound));
        let priced = block_on(events.change_price(id, seller, a.clone(), 7)).unwrap();
        assert_eq!(priced, Err(Refusal::NotFound));
        assert_eq!(block_on(events.sales(id, seller)).unwrap(), None);
        let which = TakenSeats { event_id: id, ..which() };
        assert_eq!(block_on(events.taken_seats(which, seller)).unwrap(), None);
    }
    assert_eq!(block_on(events.event(id, Some(user(1)))).unwrap(), Some(event));
    assert!(store.take_outgoing().is_empty());
    assert!(block_on(events.sales(id, user(1))).unwrap().is_some());
    assert_eq!(block_on(events.taken_seats(which(), user(1))).unwrap(), Some(Vec::new()));
}

#[test]
fn a_price_changes_within_its_limits_and_tells_the_seat_engine_once_on_sale() {
    let (events, store, event) = drafted();
    let change = |section: &str, price| {
        let section = section.parse().unwrap();
        block_on(events.change_price(event.id, user(1), section, price)).unwrap()
    };
    assert_eq!(change("Z", 7), Err(Refusal::SectionNotFound));
    assert_eq!(places(change("A", -1)), ["/price_minor"]);
    assert_eq!(change("A", 7).unwrap().sections[1].price.amount_minor, 7);
    assert_eq!(change("A", 9).unwrap().sections[1].price_version, 2, "each change counts");
    assert!(store.take_outgoing().is_empty(), "of a draft nobody knows the price");
    block_on(events.publish(event.id, user(1))).unwrap().unwrap();
    store.take_outgoing();
    change("A", 8).unwrap();
    change("A", 8).unwrap();
    let sent = store.take_outgoing().into_iter().map(|sent| Envelope::decode(sent.payload).unwrap().message);
    let versions = sent.map(|message| match message {
        Message::SectionPriceChanged(changed) => (changed.price.amount_minor, changed.price_version),
        other => panic!("no price: {other:?}"),
    });
    assert_eq!(versions.collect::<Vec<_>>(), [(8, 3), (8, 4)]);
}
