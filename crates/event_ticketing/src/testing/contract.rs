//! What every store must keep. Each check wants a fresh store.

use std::{future::Future, sync::Arc};

use async_trait::async_trait;
use kernel::{
    EventId, SectionName, Timestamp, limits,
    message::{Envelope, Grant, Message},
};
use stream::{Outgoing, projection::Projection as _};

use super::{NOON, Noon, Records, draft, event_id, grant, section, user};
use crate::{
    Event, Events, Refusal, TicketProjection, TicketStatus,
    app::edit_event::EventEdit,
    ports::{EventPage, EventStore, HoldStore, Listed, TakenSeats, TicketPage},
};

/// A store that can be looked into.
#[async_trait]
pub trait Inspected: Send + Sync {
    fn events(&self) -> Arc<dyn EventStore>;

    /// A reader of the log that knows no positions yet.
    fn reader(&self) -> Box<dyn HoldStore>;

    /// Everything that waits to be sent, in order.
    async fn sent(&self) -> Vec<Outgoing>;

    async fn dead_letters(&self) -> usize;
}

/// All checks, each on a store of its own.
pub async fn all<S: Inspected, F: Future<Output = S>>(fresh: impl Fn() -> F) {
    an_event_reads_back_as_it_was_written(&fresh().await).await;
    a_search_takes_words_as_they_are_and_pages_give_each_event_once(&fresh().await).await;
    a_seller_finds_the_own_events_drafts_too(&fresh().await).await;
    a_change_and_its_messages_are_stored_together(&fresh().await).await;
    a_new_price_leaves_the_figures(&fresh().await).await;
    tickets_and_figures_follow_the_holds_in_any_order(&fresh().await).await;
    a_batch_that_is_read_again_changes_nothing(&fresh().await).await;
    taken_seats_are_filtered_and_paged(&fresh().await).await;
    minutes_are_the_latest_and_ascend(&fresh().await).await;
}

fn service(store: &impl Inspected) -> Events {
    Events::new(store.events(), Arc::new(Noon))
}

async fn create(store: &impl Inspected, n: u128, name: &str, on_sale: bool) -> Event {
    service(store).create(event_id(n), user(1), draft(name), on_sale).await.unwrap().unwrap()
}

fn names(found: Vec<Event>) -> Vec<String> {
    found.into_iter().map(|event| event.details.name).collect()
}

async fn on_sale(store: &impl Inspected, words: &str, before: Option<EventId>, limit: u32) -> Vec<Event> {
    let page = EventPage { listed: Listed::OnSale { words: words.to_owned() }, before, limit };
    store.events().events(page).await.unwrap()
}

async fn an_event_reads_back_as_it_was_written(store: &impl Inspected) {
    let (sold, drafted) = (create(store, 1, "Concert", true).await, create(store, 2, "Gig", false).await);
    let events = store.events();
    assert_eq!(events.event(sold.id).await.unwrap(), Some(sold.clone()));
    assert_eq!(events.event(drafted.id).await.unwrap(), Some(drafted));
    assert_eq!(events.event(event_id(3)).await.unwrap(), None);
    assert_eq!(events.seller_of(sold.id).await.unwrap(), Some(user(1)));
    assert_eq!(events.seller_of(event_id(3)).await.unwrap(), None);
}

async fn a_search_takes_words_as_they_are_and_pages_give_each_event_once(store: &impl Inspected) {
    for (number, name) in [(1, "100% Pure"), (2, "1000 Pure"), (3, "snow_man!"), (4, "Snowman")] {
        create(store, number, name, true).await;
    }
    create(store, 5, "Draft 100%", false).await;
    let search = async |words: &str| names(on_sale(store, words, None, 9).await);
    assert_eq!(search("100%").await, ["100% Pure"]);
    assert_eq!(search("SNOW_").await, ["snow_man!"]);
    assert_eq!(search("man!").await, ["snow_man!"]);
    assert_eq!(search("city hall").await.len(), 4);
    assert_eq!(search("city hall 2").await, [""; 0]);
    let first = on_sale(store, "", None, 3).await;
    let rest = on_sale(store, "", Some(first[2].id), 3).await;
    assert_eq!(names(first), ["Snowman", "snow_man!", "1000 Pure"]);
    assert_eq!(names(rest), ["100% Pure"]);
}

async fn a_seller_finds_the_own_events_drafts_too(store: &impl Inspected) {
    for (number, name, on_sale) in [(1, "Old", true), (2, "Draft", false), (3, "New", true)] {
        create(store, number, name, on_sale).await;
    }
    let own = async |seller, before| {
        let page = EventPage { listed: Listed::Of(user(seller)), before, limit: 2 };
        store.events().events(page).await.unwrap()
    };
    let first = own(1, None).await;
    let rest = own(1, Some(first[1].id)).await;
    assert_eq!((names(first), names(rest)), (vec!["New".into(), "Draft".into()], vec!["Old".into()]));
    assert_eq!(own(2, None).await, []);
}

async fn a_change_and_its_messages_are_stored_together(store: &impl Inspected) {
    let (events, service, id) = (store.events(), service(store), event_id(1));
    create(store, 1, "Concert", false).await;
    // Every field, so that a column that the statement forgets is missed.
    let edit = EventEdit {
        name: Some("Gala".to_owned()),
        description: Some("A night".to_owned()),
        venue_name: Some("Opera".to_owned()),
        time_zone: Some("Europe/Vienna".to_owned()),
        starts_at: Some(Timestamp::from_millis(10)),
        currency: Some("EUR".to_owned()),
        max_seats_per_booking: Some(2),
        sections: Some(vec![section("Stalls", 700, 4), section("B", 700, 1), section("A", 700, 1)]),
    };
    let event = service.edit(id, user(1), edit).await.unwrap().unwrap();
    assert_eq!(events.event(id).await.unwrap(), Some(event.clone()), "a whole new plan, in its order");
    let broken = EventEdit { name: Some(String::new()), ..EventEdit::default() };
    assert!(matches!(service.edit(id, user(1), broken).await.unwrap(), Err(Refusal::Invalid(_))));
    assert_eq!(events.event(id).await.unwrap(), Some(event), "a refusal changes nothing");
    assert_eq!(store.sent().await, [], "a draft is nobody else's business");

    for _ in 0..2 {
        let event = service.publish(id, user(1)).await.unwrap().unwrap();
        assert_eq!(events.event(id).await.unwrap(), Some(event));
        assert_eq!(store.sent().await.len(), 4, "a message per section and one for booking, once");
    }
    let found = on_sale(store, "gala", None, 9).await;
    assert_eq!(names(found), ["Gala"], "a search follows the new name");
}

async fn a_new_price_leaves_the_figures(store: &impl Inspected) {
    let event = create(store, 1, "Concert", true).await;
    let mut records = Records::default();
    let batch = [records.of(Message::BookingPaidSuccess(grant(1, &[1, 2])))];
    projection(store).await.apply(&batch).await.unwrap();
    let before = figures(store).await;
    let a: SectionName = "A".parse().unwrap();
    service(store).change_price(event.id, user(1), a.clone(), 9).await.unwrap().unwrap();
    let changed = service(store).change_price(event.id, user(1), a.clone(), 7).await.unwrap().unwrap();
    let price = |event: &Event| {
        event.sections.iter().map(|s| (s.price.amount_minor, s.price_version)).collect::<Vec<_>>()
    };
    assert_eq!(price(&changed), [(500, 0), (7, 2)], "of this section only");
    assert_eq!(store.events().event(event.id).await.unwrap(), Some(changed));
    assert_eq!(figures(store).await, before);
    let last = store.sent().await.pop().unwrap();
    let Message::SectionPriceChanged(sent) = Envelope::decode(last.payload).unwrap().message else {
        panic!("the seat engine learns of it")
    };
    assert_eq!((sent.section, sent.price.amount_minor, sent.price_version), (a, 7, 2));
}

/// The projection on this store, which has read its positions.
async fn projection(store: &impl Inspected) -> TicketProjection {
    let mut projection = TicketProjection::new(store.events(), store.reader(), Arc::new(Noon));
    projection.positions().await.unwrap();
    projection
}

/// Of section A of event 1: available, reserved, sold, revenue.
async fn figures(store: &impl Inspected) -> (u64, u64, u64, i64) {
    let sales = store.events().sales(event_id(1)).await.unwrap().unwrap();
    assert_eq!((sales.seller_id, sales.currency.code()), (user(1), "TWD"));
    let names: Vec<_> = sales.sections.iter().map(|section| section.name.as_str()).collect();
    assert_eq!(names, ["B", "A"], "in the seller's order");
    let a = &sales.sections[1];
    let by_minute: i64 = sales.minutes.iter().map(|minute| minute.sold).sum();
    assert_eq!(by_minute, i64::try_from(a.sold).unwrap());
    assert_eq!(sales.minutes.iter().map(|minute| minute.revenue_minor).sum::<i64>(), a.revenue_minor);
    (a.available, a.reserved, a.sold, a.revenue_minor)
}

fn all_taken(id: EventId) -> TakenSeats {
    TakenSeats { event_id: id, section: None, status: None, after: None, limit: 100 }
}

async fn taken(store: &impl Inspected, which: TakenSeats) -> Vec<String> {
    let seats = store.events().taken_seats(which).await.unwrap();
    seats.into_iter().map(|taken| format!("{} {}", taken.seat, taken.status.as_str())).collect()
}

async fn tickets_and_figures_follow_the_holds_in_any_order(store: &impl Inspected) {
    create(store, 1, "Concert", true).await;
    let opened = store.sent().await.len();
    let mut records = Records::default();
    let mut projection = projection(store).await;
    let [reserved, paid, released]: [fn(Grant) -> Message; 3] =
        [Message::SeatUpdatedToReserved, Message::BookingPaidSuccess, Message::BookingExpiredReleaseTickets];
    let mut record =
        |message: fn(Grant) -> Message, booking, seats: &[u16]| records.of(message(grant(booking, seats)));

    let batch = [record(reserved, 1, &[1, 2]), record(reserved, 2, &[3]), record(paid, 3, &[4])];
    projection.apply(&batch).await.unwrap();
    assert_eq!(figures(store).await, (16, 3, 1, 1_000));
    let seats = taken(store, all_taken(event_id(1))).await;
    assert_eq!(seats, ["A-1-1-1 reserved", "A-1-1-2 reserved", "A-1-1-3 reserved", "A-1-1-4 sold"]);

    // One is paid; one is given back and its seat taken by another at once; the late reservation of
    // the paid one changes nothing.
    let mut elsewhere = grant(7, &[1]);
    elsewhere.section = "Z".parse().unwrap();
    let mut batch = vec![
        record(paid, 1, &[1, 2]),
        record(released, 2, &[3]),
        record(reserved, 5, &[3]),
        record(reserved, 3, &[4]),
        record(released, 6, &[9]),
        record(reserved, 6, &[9]),
    ];
    batch.push(records.raw(b"\xff rubbish".to_vec()));
    batch.push(records.of(paid(elsewhere)));
    projection.apply(&batch).await.unwrap();
    assert_eq!(figures(store).await, (16, 1, 3, 3_000));
    let seats = taken(store, all_taken(event_id(1))).await;
    assert_eq!(seats, ["A-1-1-1 sold", "A-1-1-2 sold", "A-1-1-3 reserved", "A-1-1-4 sold"]);
    assert_eq!(store.dead_letters().await, 2);
    assert_eq!(store.sent().await.len() - opened, 4, "two were sold and two given back");

    let page = TicketPage { buyer_id: user(1), after: None, limit: 1 };
    let tickets = async |page| store.events().tickets(page).await.unwrap();
    let first = tickets(page).await;
    let second = tickets(TicketPage { after: Some(first[0].ticket.id), ..page }).await;
    assert_ne!(first[0].code, second[0].code);
    let mut seats = [&first[0], &second[0]].map(|sold| sold.ticket.seat.to_string());
    seats.sort();
    assert_eq!(seats, ["A-1-1-1", "A-1-1-2"]);
    assert_eq!(tickets(TicketPage { after: Some(second[0].ticket.id), ..page }).await, []);
    assert_eq!(tickets(TicketPage { buyer_id: user(5), ..page }).await, [], "it is not paid");
}

async fn a_batch_that_is_read_again_changes_nothing(store: &impl Inspected) {
    create(store, 1, "Concert", true).await;
    let batch = [Records::default().of(Message::SeatUpdatedToReserved(grant(1, &[1])))];
    let (mut reader, mut zombie) = (projection(store).await, projection(store).await);
    reader.apply(&batch).await.unwrap();
    assert!(reader.apply(&batch).await.is_err());
    assert!(zombie.apply(&batch).await.is_err(), "another reader has moved the position");
    assert_eq!(figures(store).await, (19, 1, 0, 0));
    assert_eq!(zombie.positions().await.unwrap()[0].next, 1, "it continues behind what the other did");
}

async fn taken_seats_are_filtered_and_paged(store: &impl Inspected) {
    create(store, 1, "Concert", true).await;
    let mut records = Records::default();
    let mut in_b = grant(3, &[7]);
    in_b.section = "B".parse().unwrap();
    let batch = [
        records.of(Message::SeatUpdatedToReserved(grant(1, &[10, 2]))),
        records.of(Message::BookingPaidSuccess(grant(2, &[5]))),
        records.of(Message::SeatUpdatedToReserved(in_b)),
    ];
    projection(store).await.apply(&batch).await.unwrap();
    let all = all_taken(event_id(1));
    let everything = ["A-1-1-2 reserved", "A-1-1-5 sold", "A-1-1-10 reserved", "B-1-1-7 reserved"];
    assert_eq!(taken(store, all.clone()).await, everything);
    let after = Some("A-1-1-2".parse().unwrap());
    assert_eq!(taken(store, TakenSeats { after, limit: 2, ..all.clone() }).await, everything[1..3]);
    let section = Some("B".parse().unwrap());
    assert_eq!(taken(store, TakenSeats { section, ..all.clone() }).await, everything[3..]);
    let status = Some(TicketStatus::Sold);
    assert_eq!(taken(store, TakenSeats { status, ..all.clone() }).await, everything[1..2]);
    let held = store.events().taken_seats(TakenSeats { limit: 1, ..all }).await.unwrap();
    assert_eq!((held[0].booking_id, held[0].since), (grant(1, &[]).hold.booking_id, NOON));
    assert_eq!(taken(store, all_taken(event_id(2))).await, [""; 0]);
}

async fn minutes_are_the_latest_and_ascend(store: &impl Inspected) {
    let mut large = draft("Concert");
    large.sections = vec![section("A", 1_000, 200)];
    service(store).create(event_id(1), user(1), large, true).await.unwrap().unwrap();
    let mut records = Records::default();
    let minute = |n: u16| Timestamp::from_millis(i64::from(n) * 60_000);
    let many = u16::try_from(limits::SALES_MINUTES).unwrap();
    // The last minute first, and one more than an answer has.
    let mut sold = |n: u16| {
        let message = Message::BookingPaidSuccess(grant(n.into(), &[n]));
        let at = Timestamp::from_millis(minute(n).as_millis() + 59_999);
        records.raw(Envelope { at, source: None, message }.encode().to_vec())
    };
    let batch: Vec<_> = (1..=many + 1).rev().map(&mut sold).collect();
    projection(store).await.apply(&batch).await.unwrap();
    let sales = store.events().sales(event_id(1)).await.unwrap().unwrap();
    let seen: Vec<_> = sales.minutes.iter().map(|m| (m.at, m.sold, m.revenue_minor)).collect();
    let expect: Vec<_> = (2..=many + 1).map(|n| (minute(n), 1, 1_000)).collect();
    assert_eq!(seen, expect);
}
