//! A short true story passes, and each lie in it is found under its name.

use kernel::{
    BookingId, EventId, Money, SeatNo, SeatPlace, SectionName, Timestamp, UserId,
    message::{
        BookingUpdatedToFailed, Failure, Grant, Hold, Message, Partial, SectionOpened, SectionPriceChanged,
        Selection, Source, TicketReservedRequest,
    },
    plan::{SectionOutline, SubsectionOutline},
    topic::{Action, Lane, Topic},
};
use seat_reservation::row::{Holder, SeatRow, Seats};
use uuid::Uuid;

use super::{
    audit,
    evidence::{BookingRow, BookingStatus, Evidence, Logged, PaymentRow, TicketRow},
};

const PRICE: i64 = 300;

fn event() -> EventId {
    EventId::new(Uuid::from_u128(1))
}

fn section() -> SectionName {
    "A".parse().unwrap()
}

fn booking(number: u128) -> BookingId {
    BookingId::new(Uuid::from_u128(number))
}

fn buyer() -> UserId {
    UserId::new(Uuid::from_u128(100))
}

fn twd(amount: i64) -> Money {
    Money::new(amount, "TWD".parse().unwrap())
}

fn place(seat: u16) -> SeatPlace {
    SeatPlace { subsection: 1, row: 1, seat }
}

fn hold(number: u64, of: u128) -> Hold {
    Hold { booking_id: booking(of), number }
}

fn grant(hold: Hold, seats: &[u16]) -> Grant {
    Grant {
        hold,
        buyer_id: buyer(),
        event_id: event(),
        section: section(),
        seats: seats.iter().map(|&seat| place(seat)).collect(),
        unit_price: twd(PRICE),
    }
}

fn asking(of: u128, selection: Selection) -> Message {
    Message::TicketReservedRequest(TicketReservedRequest {
        booking_id: booking(of),
        buyer_id: buyer(),
        event_id: event(),
        section: section(),
        selection,
        partial: Partial::Accept,
    })
}

fn best(of: u128, quantity: u16) -> Message {
    asking(of, Selection::BestAvailable { quantity, subsection: None })
}

fn by_hand(of: u128, seat: u16) -> Message {
    asking(of, Selection::Manual { seats: vec![place(seat)] })
}

/// The log and the stores of a section of three seats, as they are written.
struct Story {
    evidence: Evidence,
}

impl Story {
    fn log(&mut self, action: Action, caused_by: Option<Source>, message: Message) -> Source {
        let topic = Topic::new(Lane::Shared, action);
        let before = self.evidence.records.iter().filter(|record| record.source.topic == topic).count();
        let source = Source { topic, partition: 0, offset: before as u64 };
        self.evidence.records.push(Logged { source, caused_by, message });
        source
    }

    fn request(&mut self, message: Message) -> Source {
        self.log(Action::TicketReserveRequest, None, message)
    }

    fn granted(&mut self, request: Source, grant: &Grant) {
        let reserved = Message::SeatUpdatedToReserved(grant.clone());
        self.log(Action::UpdateTicketStatusToReserved, Some(request), reserved);
        let pending = Message::BookingUpdatedToPendingPayment(grant.clone());
        self.log(Action::UpdateBookingStatusToPendingPayment, Some(request), pending);
    }

    fn failed(&mut self, request: Source, of: u128, failure: Failure) {
        let failed = BookingUpdatedToFailed { booking_id: booking(of), event_id: event(), failure };
        let message = Message::BookingUpdatedToFailed(failed);
        self.log(Action::BookingStatusToFailed, Some(request), message);
    }

    fn paid(&mut self, grant: &Grant) {
        let cause =
            self.log(Action::UpdateTicketStatusToPaid, None, Message::BookingPaidSuccess(grant.clone()));
        let finalize = Message::FinalizeSeat(grant.hold_of_section());
        self.log(Action::FinalizeTicketToPaid, Some(cause), finalize);
    }

    fn given_back(&mut self, grant: &Grant) {
        let expired = Message::BookingExpiredReleaseTickets(grant.clone());
        let cause = self.log(Action::UpdateTicketStatusToAvailable, None, expired);
        let release = Message::ReleaseSeat(grant.hold_of_section());
        self.log(Action::ReleaseTicketToAvailable, Some(cause), release);
    }

    fn stored_booking(&mut self, of: u128, status: BookingStatus, hold: Option<Hold>, seats: &[u16]) {
        let seats: Vec<_> =
            seats.iter().map(|&seat| SeatNo { section: section(), place: place(seat) }).collect();
        let total = hold.map(|_| twd(PRICE * i64::try_from(seats.len()).unwrap()));
        self.evidence.bookings.push(BookingRow {
            id: booking(of),
            event_id: event(),
            status,
            hold,
            seats,
            total,
        });
    }

    fn stored_ticket(&mut self, hold: Hold, seat: u16, sold: bool) {
        let seat = SeatNo { section: section(), place: place(seat) };
        self.evidence.tickets.push(TicketRow { event_id: event(), seat, hold, sold });
    }
}

fn held(hold: Hold, seats: &[u16], sold: bool) -> Holder {
    Holder { hold, buyer_id: buyer(), at: Timestamp::from_millis(5), sold, seats: seats.to_vec() }
}

/// Booking 1 gets two seats and pays; booking 2 takes the third by hand and lets it expire; booking 3 comes too late; booking 4 gets the third
/// seat and has not paid yet.
fn story() -> Story {
    let mut story = Story { evidence: Evidence::default() };
    let subsections = vec![SubsectionOutline { number: 1, rows: 1, seats_per_row: 3 }];
    let outline = SectionOutline { name: section(), partition: 0, price: twd(PRICE), subsections };
    story.request(Message::SectionOpened(SectionOpened {
        event_id: event(),
        lane: Lane::Shared,
        section: outline,
    }));
    let (first, second, fourth) =
        (grant(hold(1, 1), &[1, 2]), grant(hold(2, 2), &[3]), grant(hold(3, 4), &[3]));
    let asked = story.request(best(1, 2));
    story.granted(asked, &first);
    let asked = story.request(by_hand(2, 3));
    story.granted(asked, &second);
    let asked = story.request(best(3, 1));
    story.failed(asked, 3, Failure::NoSeatsLeft);
    story.paid(&first);
    story.given_back(&second);
    let asked = story.request(by_hand(4, 3));
    story.granted(asked, &fourth);

    story.stored_booking(1, BookingStatus::Paid, Some(first.hold), &[1, 2]);
    story.stored_booking(2, BookingStatus::Cancelled, Some(second.hold), &[3]);
    story.stored_booking(3, BookingStatus::Failed, None, &[]);
    story.stored_booking(4, BookingStatus::PendingPayment, Some(fourth.hold), &[3]);
    story.stored_ticket(first.hold, 1, true);
    story.stored_ticket(first.hold, 2, true);
    story.stored_ticket(fourth.hold, 3, false);
    story.evidence.seat_rows.push(SeatRow::Seats(Seats {
        event_id: event(),
        section: section(),
        subsection: 1,
        row: 1,
        holders: vec![held(first.hold, &[1, 2], true), held(fourth.hold, &[3], false)],
    }));
    let charged = PaymentRow { booking_id: booking(1), captured_minor: 2 * PRICE, refunded_minor: 0 };
    story.evidence.payments.push(charged);
    story
}

/// The names of the invariants that do not hold.
fn violated(evidence: &Evidence) -> Vec<&'static str> {
    audit(evidence).violated().collect()
}

/// The message of this kind that was logged at this place among its kind.
fn nth(evidence: &mut Evidence, action: Action, offset: u64) -> &mut Logged {
    let of = |record: &&mut Logged| record.source.topic.action == action && record.source.offset == offset;
    evidence.records.iter_mut().find(of).unwrap()
}

fn grant_of(evidence: &mut Evidence, action: Action, offset: u64) -> &mut Grant {
    match &mut nth(evidence, action, offset).message {
        Message::SeatUpdatedToReserved(grant) | Message::BookingUpdatedToPendingPayment(grant) => grant,
        other => panic!("no grant: {other:?}"),
    }
}

/// Changes both messages of the answer at this place among the answers.
fn change_grant(story: &mut Story, offset: u64, change: impl Fn(&mut Grant)) {
    for action in [Action::UpdateTicketStatusToReserved, Action::UpdateBookingStatusToPendingPayment] {
        change(grant_of(&mut story.evidence, action, offset));
    }
}

fn seats(story: &mut Story) -> &mut Seats {
    match &mut story.evidence.seat_rows[0] {
        SeatRow::Seats(row) => row,
        other => panic!("no seats: {other:?}"),
    }
}

#[test]
fn a_true_story_is_clean() {
    let report = audit(&story().evidence);
    assert!(report.clean(), "{:#?}", report.lines());
    assert_eq!((report.seats_sold, report.seats_reserved), (2, 1));
}

#[test]
fn what_is_on_its_way_is_not_called_clean() {
    let on_its_way: [fn(&mut Evidence); 3] = [
        |evidence| evidence.unread = 1,
        |evidence| evidence.unsent = 1,
        |evidence| evidence.bookings[3].status = BookingStatus::Processing,
    ];
    for change in on_its_way {
        let mut story = story();
        change(&mut story.evidence);
        let report = audit(&story.evidence);
        assert!(!report.settled && !report.clean());
    }
}

#[test]
fn each_lie_is_found() {
    type Lie = (&'static str, fn(&mut Story));
    let lies: &[Lie] = &[
        ("I1 no seat twice", |story| change_grant(story, 2, |grant| grant.seats = vec![place(1)])),
        ("I1 no seat twice", |story| {
            story.evidence.records.retain(|record| !matches!(record.message, Message::ReleaseSeat(_)));
        }),
        ("I1 one living ticket per seat", |story| story.stored_ticket(hold(9, 9), 1, true)),
        ("I1 one living booking per seat", |story| {
            story.stored_booking(9, BookingStatus::Paid, Some(hold(9, 9)), &[1]);
        }),
        ("I2 seats conserved", |story| seats(story).holders.push(held(hold(9, 9), &[2], true))),
        ("I2 seats conserved", |story| seats(story).holders.push(held(hold(9, 9), &[4], true))),
        ("I3 seat store = log", |story| {
            seats(story).holders.pop();
        }),
        ("I3 seat store = log", |story| seats(story).holders[1].sold = true),
        ("I4 tickets = seat store", |story| {
            story.evidence.tickets.pop();
        }),
        ("I4 tickets = seat store", |story| story.evidence.tickets[2].sold = true),
        ("I4 bookings = seat store", |story| {
            story.evidence.bookings[0].status = BookingStatus::PendingPayment;
        }),
        ("I4 bookings = seat store", |story| {
            story.evidence.bookings[3].seats.pop();
        }),
        ("I6 only what was given back is released", |story| {
            story
                .evidence
                .records
                .retain(|record| !matches!(record.message, Message::BookingExpiredReleaseTickets(_)));
        }),
        ("I6 only what was paid is sold", |story| {
            story.evidence.records.retain(|record| !matches!(record.message, Message::BookingPaidSuccess(_)));
        }),
        ("I7 paid or given back, never both", |story| story.given_back(&grant(hold(1, 1), &[1, 2]))),
        ("I8 the price in force", |story| change_grant(story, 0, |grant| grant.unit_price = twd(1))),
        ("I9 money = paid bookings", |story| story.evidence.payments[0].captured_minor -= 1),
        ("I9 money = paid bookings", |story| story.evidence.payments[0].refunded_minor = 2 * PRICE),
        ("I9 no money without a booking", |story| {
            let stray = PaymentRow { booking_id: booking(9), captured_minor: 1, refunded_minor: 0 };
            story.evidence.payments.push(stray);
        }),
        ("I10 one answer per request", |story| {
            story.request(best(1, 2));
        }),
        ("I10 one answer per request", |story| {
            let request = nth(&mut story.evidence, Action::TicketReserveRequest, 3).source;
            story.failed(request, 3, Failure::NoSeatsLeft);
        }),
        ("I10 one answer per request", |story| {
            let grant = grant_of(&mut story.evidence, Action::UpdateBookingStatusToPendingPayment, 0);
            grant.seats.pop();
        }),
        ("I10 no answer without a request", |story| {
            let topic = Topic::new(Lane::Shared, Action::TicketReserveRequest);
            let nowhere = Source { topic, partition: 7, offset: 7 };
            story.failed(nowhere, 3, Failure::NoSeatsLeft);
        }),
        ("I11 holds are numbered in order", |story| change_grant(story, 2, |grant| grant.hold.number = 5)),
        ("I11 answers follow the requests' order", |story| {
            let (one, two) = (
                nth(&mut story.evidence, Action::TicketReserveRequest, 1).source,
                nth(&mut story.evidence, Action::TicketReserveRequest, 2).source,
            );
            nth(&mut story.evidence, Action::UpdateTicketStatusToReserved, 0).caused_by = Some(two);
            nth(&mut story.evidence, Action::UpdateTicketStatusToReserved, 1).caused_by = Some(one);
        }),
        ("I12 a repeated request has the first answer", |story| {
            let again = story.request(best(1, 2));
            story.failed(again, 1, Failure::NoSeatsLeft);
        }),
        ("I15 no false refusal", |story| {
            let request = nth(&mut story.evidence, Action::TicketReserveRequest, 1).source;
            story.evidence.records.retain(|record| record.caused_by != Some(request));
            story.failed(request, 1, Failure::NoSeatsLeft);
        }),
        ("I15 no false refusal", |story| change_grant(story, 0, |grant| grant.seats.truncate(1))),
        ("I16 every request has its booking", |story| {
            story.evidence.bookings.remove(2);
        }),
        ("I18 dead letters", |story| story.evidence.dead_letters.push("no protobuf".to_owned())),
        ("a grant is of the plan and of the request", |story| {
            change_grant(story, 1, |grant| grant.seats = vec![place(4)]);
        }),
        ("a grant is of the plan and of the request", |story| {
            change_grant(story, 0, |grant| grant.hold.booking_id = booking(9));
        }),
    ];
    for (at, (expected, lie)) in lies.iter().enumerate() {
        let mut story = story();
        lie(&mut story);
        let found = violated(&story.evidence);
        assert!(found.contains(expected), "lie {at}: expected {expected:?}, found {found:?}");
    }
}

#[test]
fn a_price_change_holds_from_its_place_on() {
    let mut story = story();
    story.request(Message::SectionPriceChanged(SectionPriceChanged {
        event_id: event(),
        section: section(),
        price: twd(1),
    }));
    assert_eq!(violated(&story.evidence), Vec::<&str>::new());
}

#[test]
fn money_that_is_still_asked_about_is_left_alone() {
    let mut story = story();
    story.evidence.payments.clear();
    story.evidence.undecided_money.insert(booking(1));
    assert!(audit(&story.evidence).clean());
}
