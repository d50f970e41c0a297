//! Events are found by whom they concern; tickets and figures follow the holds in whatever order, once.

use std::sync::Arc;

use event_ticketing::{
    Event,
    app::{
        create_event::{EventDraft, create_event},
        edit_event::EventEdit,
    },
    domain::{
        event::DetailsDraft,
        plan::{SectionDraft, SubsectionDraft},
    },
};
use kernel::{
    BookingId, Clock, EventId, Money, SeatPlace, Timestamp, UserId,
    message::{Envelope, Grant, Hold, Message, Source},
    topic::{Action, Lane, Topic},
};
use stream::{Record, projection::Projection as _};
use uuid::Uuid;

use super::*;
use crate::sql::{
    Database, SHARED_MIGRATIONS,
    testing::{Engine, Home, on_both_engines},
};

on_both_engines!(
    an_event_reads_back_as_it_was_written,
    a_search_takes_words_as_they_are_and_pages_give_each_event_once,
    a_seller_finds_the_own_events_drafts_too,
    a_draft_changes_in_everything_an_event_on_sale_in_its_details,
    only_its_seller_changes_an_event,
    tickets_and_figures_follow_the_holds_in_any_order,
    a_batch_that_is_read_again_changes_nothing,
);

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(43_200_000)
    }
}

async fn open(engine: Engine) -> (Home, Database) {
    let home = Home::new(engine).await;
    let migrations = [SHARED_MIGRATIONS, EVENT_TICKETING_MIGRATIONS];
    let database = Database::open(home.place(), &migrations).await.unwrap();
    (home, database)
}

fn user(number: u128) -> UserId {
    UserId::new(Uuid::from_u128(number))
}

fn draft(number: u128, name: &str) -> Event {
    let section = |name: &str, price_minor| SectionDraft {
        name: name.to_owned(),
        price_minor,
        subsections: vec![SubsectionDraft { number: 1, rows: 2, seats_per_row: 10 }],
    };
    let details = DetailsDraft {
        name: name.to_owned(),
        description: "An evening".to_owned(),
        venue_name: "City Hall".to_owned(),
        time_zone: "Asia/Taipei".to_owned(),
        starts_at: Timestamp::from_millis(9),
        currency: "TWD".to_owned(),
        max_seats_per_booking: None,
    };
    let draft = EventDraft { details, sections: vec![section("B", 500), section("A", 1_000)] };
    create_event(draft, EventId::new(Uuid::from_u128(number)), user(1), Noon.now()).unwrap()
}

async fn on_sale(events: &SqlEvents, number: u128, name: &str) -> Event {
    events.create(draft(number, name), true, Noon.now()).await.unwrap()
}

async fn an_event_reads_back_as_it_was_written(engine: Engine) {
    let (_home, database) = open(engine).await;
    let events = SqlEvents::new(database);
    let event = on_sale(&events, 1, "Concert").await;
    assert_eq!(events.event(event.id).await.unwrap(), Some(event.clone()));
    assert_eq!(events.event(EventId::new(Uuid::from_u128(3))).await.unwrap(), None);
}

async fn a_search_takes_words_as_they_are_and_pages_give_each_event_once(engine: Engine) {
    let (_home, database) = open(engine).await;
    let events = SqlEvents::new(database);
    for (number, name) in [(1, "100% Pure"), (2, "1000 Pure"), (3, "snow_man!"), (4, "Snowman")] {
        on_sale(&events, number, name).await;
    }
    events.create(draft(5, "Draft 100%"), false, Noon.now()).await.unwrap();
    let names = |found: Vec<Event>| found.into_iter().map(|event| event.details.name).collect::<Vec<_>>();
    for (words, expect) in [
        ("100%", vec!["100% Pure"]),
        ("SNOW_", vec!["snow_man!"]),
        ("man!", vec!["snow_man!"]),
        ("city hall 2", vec![]),
    ] {
        assert_eq!(names(events.on_sale(None, Some(words), 9).await.unwrap()), expect, "{words}");
    }
    let first = events.on_sale(None, None, 3).await.unwrap();
    let rest = events.on_sale(Some(first[2].id), None, 3).await.unwrap();
    assert_eq!(names(first), ["Snowman", "snow_man!", "1000 Pure"]);
    assert_eq!(names(rest), ["100% Pure"]);
}

async fn a_seller_finds_the_own_events_drafts_too(engine: Engine) {
    let (_home, database) = open(engine).await;
    let events = SqlEvents::new(database);
    for (number, name, on_sale) in [(1, "Old", true), (2, "Draft", false), (3, "New", true)] {
        events.create(draft(number, name), on_sale, Noon.now()).await.unwrap();
    }
    let names = |found: Vec<Event>| found.into_iter().map(|event| event.details.name).collect::<Vec<_>>();
    let first = events.of_seller(user(1), None, 2).await.unwrap();
    let rest = events.of_seller(user(1), Some(first[1].id), 2).await.unwrap();
    assert_eq!((names(first), names(rest)), (vec!["New".into(), "Draft".into()], vec!["Old".into()]));
    assert!(events.of_seller(user(2), None, 2).await.unwrap().is_empty());
}

async fn a_draft_changes_in_everything_an_event_on_sale_in_its_details(engine: Engine) {
    let (_home, database) = open(engine).await;
    let events = SqlEvents::new(database);
    let id = events.create(draft(1, "Concert"), false, Noon.now()).await.unwrap().id;
    let section = |name: &str, rows| SectionDraft {
        name: name.to_owned(),
        price_minor: 700,
        subsections: vec![SubsectionDraft { number: 1, rows, seats_per_row: 10 }],
    };
    let edit = |sections| EventEdit { sections: Some(sections), ..EventEdit::default() };

    let whole = EventEdit {
        name: Some("Gala".to_owned()),
        currency: Some("EUR".to_owned()),
        max_seats_per_booking: Some(2),
        ..edit(vec![section("Stalls", 4), section("B", 1)])
    };
    let Editing::Done(event) = events.edit(id, user(1), whole).await.unwrap() else { panic!("refused") };
    let seen: Vec<_> =
        event.sections.iter().map(|s| (s.name.as_str(), s.seats(), s.price.to_string())).collect();
    assert_eq!(seen, [("Stalls", 40, "700 EUR".to_owned()), ("B", 10, "700 EUR".to_owned())]);
    assert_eq!((event.details.name.as_str(), event.details.max_seats_per_booking), ("Gala", 2));
    assert_eq!(events.event(id).await.unwrap(), Some((*event).clone()));

    let broken = EventEdit { currency: Some("?".to_owned()), ..edit(vec![section("A", 0)]) };
    let Editing::Invalid(violations) = events.edit(id, user(1), broken).await.unwrap() else {
        panic!("taken")
    };
    let places: Vec<_> = violations.iter().map(|violation| violation.pointer.as_str()).collect();
    assert_eq!(places, ["/currency", "/seating/sections/0/subsections/0/rows"]);
    assert_eq!(events.event(id).await.unwrap(), Some((*event).clone()), "a refused edit changes nothing");

    events.publish(id, user(1), Noon.now()).await.unwrap();
    for fixed in [
        edit(vec![section("A", 1)]),
        EventEdit { currency: Some("USD".to_owned()), ..EventEdit::default() },
        EventEdit { max_seats_per_booking: Some(3), ..EventEdit::default() },
    ] {
        assert!(matches!(events.edit(id, user(1), fixed).await.unwrap(), Editing::OnSale));
    }
    let said = EventEdit { name: Some("Late Gala".to_owned()), ..EventEdit::default() };
    assert!(matches!(events.edit(id, user(1), said).await.unwrap(), Editing::Done(_)));
    assert_eq!(events.event(id).await.unwrap().unwrap().sections, event.sections);
}

async fn only_its_seller_changes_an_event(engine: Engine) {
    let (_home, database) = open(engine).await;
    let events = SqlEvents::new(database.clone());
    let event = events.create(draft(1, "Concert"), false, Noon.now()).await.unwrap();
    let section = &event.sections[0].name;
    let foreign = events.edit(event.id, user(2), EventEdit::default()).await.unwrap();
    assert!(matches!(foreign, Editing::NoSuchEvent));
    let foreign = events.publish(event.id, user(2), Noon.now()).await.unwrap();
    assert!(matches!(foreign, Publishing::NoSuchEvent));
    let foreign = events.reprice(event.id, user(2), section.clone(), 7, Noon.now()).await.unwrap();
    assert!(matches!(foreign, Repricing::NoSuchEvent));
    assert_eq!(events.event(event.id).await.unwrap(), Some(event.clone()));

    let sent = || async { database.one::<(i64,)>("SELECT COUNT(*) FROM outbox", []).await.unwrap().0 };
    assert_eq!(sent().await, 0);
    for _ in 0..2 {
        assert!(matches!(events.publish(event.id, user(1), Noon.now()).await.unwrap(), Publishing::Done(_)));
        assert_eq!(sent().await, 3, "a message per section and one for booking, once");
    }
    let repriced = events.reprice(event.id, user(1), section.clone(), 7, Noon.now()).await.unwrap();
    let Repricing::Done(repriced) = repriced else { panic!("the price did not change") };
    assert_eq!(repriced.sections[0].price.amount_minor, 7);
    assert_eq!(events.event(event.id).await.unwrap(), Some(*repriced));
    assert_eq!(sent().await, 4);
}

/// Records about holds of section A, in the order in which they are read.
struct Holds {
    event: Event,
    next: u64,
}

impl Holds {
    fn record(&mut self, make: fn(Grant) -> Message, booking: u128, seats: &[u16]) -> Record {
        let place = |&seat: &u16| SeatPlace { subsection: 1, row: 1, seat };
        let grant = Grant {
            hold: Hold { booking_id: BookingId::new(Uuid::from_u128(booking)), number: 1 },
            buyer_id: user(booking),
            event_id: self.event.id,
            section: "A".parse().unwrap(),
            seats: seats.iter().map(place).collect(),
            unit_price: Money::new(1_000, "TWD".parse().unwrap()),
        };
        let envelope = Envelope { at: Noon.now(), source: None, message: make(grant) };
        self.raw(envelope.encode())
    }

    fn raw(&mut self, payload: bytes::Bytes) -> Record {
        let topic = Topic::new(Lane::Shared, Action::UpdateTicketStatusToReserved);
        let source = Source { topic, partition: 0, offset: self.next };
        self.next += 1;
        Record { source, key: bytes::Bytes::new(), payload }
    }
}

async fn figures(database: &Database) -> (u64, u64, u64, i64) {
    let sales = SqlFigures::new(database.clone())
        .sales(EventId::new(Uuid::from_u128(1)), user(1))
        .await
        .unwrap()
        .unwrap();
    let a = sales.sections.iter().find(|section| section.name.as_str() == "A").unwrap();
    let by_minute: i64 = sales.minutes.iter().map(|minute| minute.sold).sum();
    assert_eq!(by_minute, i64::try_from(a.sold).unwrap());
    (a.available, a.reserved, a.sold, a.revenue_minor)
}

async fn taken(database: &Database) -> Vec<String> {
    let filter = HoldFilter {
        event_id: EventId::new(Uuid::from_u128(1)),
        section: None,
        status: None,
        after: None,
        limit: 100,
    };
    let holds = SqlFigures::new(database.clone()).holds(filter).await.unwrap();
    holds.into_iter().map(|hold| format!("{} {}", hold.seat, hold.status.as_str())).collect()
}

async fn tickets_and_figures_follow_the_holds_in_any_order(engine: Engine) {
    let (_home, database) = open(engine).await;
    let event = on_sale(&SqlEvents::new(database.clone()), 1, "Concert").await;
    let mut holds = Holds { event, next: 0 };
    let mut projection = TicketProjection::new(database.clone(), Arc::new(Noon));
    assert!(projection.positions().await.unwrap().is_empty());
    let [reserved, paid, released]: [fn(Grant) -> Message; 3] =
        [Message::SeatUpdatedToReserved, Message::BookingPaidSuccess, Message::BookingExpiredReleaseTickets];

    let batch =
        [holds.record(reserved, 1, &[1, 2]), holds.record(reserved, 2, &[3]), holds.record(paid, 3, &[4])];
    projection.apply(&batch).await.unwrap();
    assert_eq!(figures(&database).await, (16, 3, 1, 1_000));
    assert_eq!(
        taken(&database).await,
        ["A-1-1-1 reserved", "A-1-1-2 reserved", "A-1-1-3 reserved", "A-1-1-4 sold"]
    );

    // One is paid, one given back and its seat taken by another at once; the late reservation of the paid one changes nothing.
    let batch = [
        holds.record(paid, 1, &[1, 2]),
        holds.record(released, 2, &[3]),
        holds.record(reserved, 5, &[3]),
        holds.record(reserved, 3, &[4]),
        holds.record(released, 6, &[9]),
        holds.record(reserved, 6, &[9]),
        holds.raw(bytes::Bytes::from_static(b"\xff rubbish")),
    ];
    projection.apply(&batch).await.unwrap();
    assert_eq!(figures(&database).await, (16, 1, 3, 3_000));
    assert_eq!(taken(&database).await, ["A-1-1-1 sold", "A-1-1-2 sold", "A-1-1-3 reserved", "A-1-1-4 sold"]);
    let (dead,): (i64,) = database.one("SELECT COUNT(*) FROM dead_letter", []).await.unwrap();
    assert_eq!(dead, 1);

    let mine = SqlFigures::new(database.clone());
    let page = TicketPage { buyer_id: user(1), after: None, limit: 1 };
    let first = mine.tickets(page).await.unwrap();
    let second = mine.tickets(TicketPage { after: Some(first[0].ticket.id), ..page }).await.unwrap();
    assert_ne!(first[0].code, second[0].code);
    assert!(mine.tickets(TicketPage { after: Some(second[0].ticket.id), ..page }).await.unwrap().is_empty());
    assert!(
        mine.tickets(TicketPage { buyer_id: user(5), ..page }).await.unwrap().is_empty(),
        "it is not paid"
    );
}

async fn a_batch_that_is_read_again_changes_nothing(engine: Engine) {
    let (_home, database) = open(engine).await;
    let event = on_sale(&SqlEvents::new(database.clone()), 1, "Concert").await;
    let mut holds = Holds { event, next: 0 };
    let batch = [holds.record(Message::SeatUpdatedToReserved, 1, &[1])];
    let mut projection = TicketProjection::new(database.clone(), Arc::new(Noon));
    let mut zombie = TicketProjection::new(database.clone(), Arc::new(Noon));
    projection.positions().await.unwrap();
    zombie.positions().await.unwrap();
    projection.apply(&batch).await.unwrap();
    assert!(projection.apply(&batch).await.is_err());
    assert!(zombie.apply(&batch).await.is_err(), "another reader has moved the position");
    assert_eq!(figures(&database).await, (19, 1, 0, 0));
    assert_eq!(zombie.positions().await.unwrap()[0].next, 1, "it goes on behind what the other has done");
}
