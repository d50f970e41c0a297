//! A short correct history: the log and all stores of a section of three seats, as the services
//! write them.

use kernel::{
    BookingId, EventId, Money, SeatNo, SeatPlace, SectionName, Timestamp, UserId,
    message::{
        BookingUpdatedToFailed, Failure, Grant, Hold, Message, Partial, SectionOpened, Selection, Source,
        TicketReservedRequest,
    },
    plan::{SectionOutline, SubsectionOutline},
    topic::{Action, Lane, Topic},
};
use seat_reservation::row::{Answer, Holder, Outcome, Partition, SeatRow, Seats, Section, Version};
use uuid::Uuid;

use crate::evidence::{
    AttemptRow, AttemptStatus, BookingRow, BookingStatus, Books, Entry, Evidence, HoldRow, HoldStatus,
    KeyRow, LedgerRow, Logged, MinuteRow, PaymentRow, Sale, SectionRow, SellerFacts, TicketRow,
};

pub(super) const PRICE: i64 = 300;

pub(super) fn event() -> EventId {
    EventId::new(Uuid::from_u128(1))
}

pub(super) fn section() -> SectionName {
    "A".parse().unwrap()
}

pub(super) fn booking(number: u128) -> BookingId {
    BookingId::new(Uuid::from_u128(number))
}

pub(super) fn buyer() -> UserId {
    UserId::new(Uuid::from_u128(100))
}

/// When the time to pay ends, ms.
pub(super) const EXPIRY: i64 = 60_002;

pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(super) fn twd(amount: i64) -> Money {
    Money::new(amount, "TWD".parse().unwrap())
}

pub(super) fn place(seat: u16) -> SeatPlace {
    SeatPlace { subsection: 1, row: 1, seat }
}

pub(super) fn hold(number: u64, of: u128) -> Hold {
    Hold { booking_id: booking(of), number }
}

pub(super) fn grant(hold: Hold, seats: &[u16]) -> Grant {
    Grant {
        hold,
        buyer_id: buyer(),
        event_id: event(),
        section: section(),
        seats: seats.iter().map(|&seat| place(seat)).collect(),
        unit_price: twd(PRICE),
    }
}

pub(super) fn asking(of: u128, selection: Selection) -> Message {
    Message::TicketReservedRequest(TicketReservedRequest {
        booking_id: booking(of),
        buyer_id: buyer(),
        event_id: event(),
        section: section(),
        selection,
        partial: Partial::Accept,
    })
}

pub(super) fn best(of: u128, quantity: u16) -> Message {
    asking(of, Selection::BestAvailable { quantity, subsection: None })
}

pub(super) fn by_hand(of: u128, seat: u16) -> Message {
    asking(of, Selection::Manual { seats: vec![place(seat)] })
}

/// The log and the stores of a section of three seats, as they are written.
pub(super) struct Story {
    pub(super) evidence: Evidence,
}

impl Story {
    fn log(&mut self, action: Action, caused_by: Option<Source>, message: Message) -> Source {
        let topic = Topic::new(Lane::Shared, action);
        let before = self.evidence.records.iter().filter(|record| record.source.topic == topic).count();
        let source = Source { topic, partition: 0, offset: before as u64 };
        self.evidence.records.push(Logged { source, at: at(5), caused_by, message });
        source
    }

    pub(super) fn request(&mut self, message: Message) -> Source {
        self.log(Action::TicketReserveRequest, None, message)
    }

    pub(super) fn granted(&mut self, request: Source, grant: &Grant) {
        let reserved = Message::SeatUpdatedToReserved(grant.clone());
        self.log(Action::UpdateTicketStatusToReserved, Some(request), reserved);
        let pending = Message::BookingUpdatedToPendingPayment(grant.clone());
        self.log(Action::UpdateBookingStatusToPendingPayment, Some(request), pending);
    }

    pub(super) fn failed(&mut self, request: Source, of: u128, failure: Failure) {
        let failed = BookingUpdatedToFailed { booking_id: booking(of), event_id: event(), failure };
        let message = Message::BookingUpdatedToFailed(failed);
        self.log(Action::BookingStatusToFailed, Some(request), message);
    }

    /// The log's time at the answers to this request.
    pub(super) fn answered_at(&mut self, request: Source, at: Timestamp) {
        let answers = self.evidence.records.iter_mut().filter(|record| record.caused_by == Some(request));
        answers.for_each(|record| record.at = at);
    }

    fn paid(&mut self, grant: &Grant) {
        let cause =
            self.log(Action::UpdateTicketStatusToPaid, None, Message::BookingPaidSuccess(grant.clone()));
        // Sold in the minute that the seller's figures name.
        self.evidence.records.last_mut().unwrap().at = at(60_001);
        let finalize = Message::FinalizeSeat(grant.hold_of_section());
        self.log(Action::FinalizeTicketToPaid, Some(cause), finalize);
    }

    pub(super) fn given_back(&mut self, grant: &Grant) {
        let expired = Message::BookingExpiredReleaseTickets(grant.clone());
        let cause = self.log(Action::UpdateTicketStatusToAvailable, None, expired);
        let release = Message::ReleaseSeat(grant.hold_of_section());
        self.log(Action::ReleaseTicketToAvailable, Some(cause), release);
    }

    pub(super) fn stored_booking(
        &mut self,
        of: u128,
        status: BookingStatus,
        hold: Option<Hold>,
        seats: &[u16],
    ) {
        let ended = matches!(status, BookingStatus::Paid | BookingStatus::Failed | BookingStatus::Cancelled);
        self.evidence.bookings.push(BookingRow {
            id: booking(of),
            event_id: event(),
            buyer_id: buyer(),
            status,
            hold,
            seats: seats.iter().map(|&seat| SeatNo { section: section(), place: place(seat) }).collect(),
            unit_price: hold.map(|_| twd(PRICE)),
            created_at: at(1),
            expires_at: hold.map(|_| at(EXPIRY)),
            ended_at: ended.then(|| at(EXPIRY)),
            expired: status == BookingStatus::Cancelled,
        });
    }

    pub(super) fn stored_ticket(&mut self, hold: Hold, seat: u16, status: HoldStatus) {
        self.evidence.tickets.push(TicketRow {
            event_id: event(),
            seat: SeatNo { section: section(), place: place(seat) },
            hold,
            status,
            sale: Some(Sale { buyer_id: buyer(), price: twd(PRICE), since: at(60_001) }),
        });
    }

    fn followed(&mut self, hold: Hold, status: HoldStatus) {
        self.seller().holds.push(HoldRow { hold, status });
    }

    pub(super) fn outcome(&mut self, of: u128, answer: Answer) {
        let outcome = Outcome { booking_id: booking(of), lane: Lane::Shared, answer };
        self.evidence.seat_rows.push(SeatRow::Outcome(outcome));
    }

    /// An attempt to pay that both sides decided alike, and the key of its request.
    pub(super) fn attempt(&mut self, of: u128, id: &str, status: AttemptStatus, seats: i64) {
        let amount_minor = PRICE * seats;
        self.books().attempts.push(AttemptRow {
            id: id.to_owned(),
            booking_id: booking(of),
            amount_minor,
            status,
            sent_at: at(6),
        });
        self.books().keys.push(KeyRow { resource: id.to_owned(), first_seen: at(6) });
        let entry = if status == AttemptStatus::Declined { Entry::Decline } else { Entry::Charge };
        self.ledger(entry, id, of, amount_minor);
    }

    pub(super) fn ledger(&mut self, entry: Entry, key: &str, of: u128, amount_minor: i64) {
        let (key, booking_id) = (key.to_owned(), Some(booking(of)));
        self.books().ledger.push(LedgerRow { entry, key, booking_id, amount_minor, at: at(EXPIRY) });
        let (captured_minor, refunded_minor) = match entry {
            Entry::Charge => (amount_minor, 0),
            Entry::Refund => (0, amount_minor),
            Entry::Decline | Entry::Void => (0, 0),
        };
        self.payments().push(PaymentRow { booking_id: booking(of), captured_minor, refunded_minor });
    }

    pub(super) fn books(&mut self) -> &mut Books {
        self.evidence.books.get_or_insert_default()
    }

    pub(super) fn payments(&mut self) -> &mut Vec<PaymentRow> {
        self.evidence.payments.get_or_insert_default()
    }

    pub(super) fn seller(&mut self) -> &mut SellerFacts {
        self.evidence.seller.get_or_insert_default()
    }

    /// The stores of the seat engine beside its rows of seats.
    fn seat_engine(&mut self, outline: SectionOutline) {
        let row = Section { event_id: event(), lane: Lane::Shared, outline };
        self.evidence.seat_rows.push(SeatRow::Section(row));
        let (event_id, section) = (event(), section());
        self.evidence.seat_rows.push(SeatRow::Version(Version { event_id, section, version: 3 }));
        self.evidence.seat_rows.push(SeatRow::Partition(Partition { partition: 0, log_time: at(EXPIRY) }));
    }

    /// What the seller sees.
    fn figures(&mut self) {
        let (event_id, section) = (event(), section());
        self.seller().outlines.insert(event_id);
        self.seller().sections.push(SectionRow {
            event_id,
            section,
            on_sale: true,
            price: twd(PRICE),
            price_version: 0,
            available: 0,
            reserved: 1,
            sold: 2,
            revenue_minor: 2 * PRICE,
        });
        self.seller().minutes.push(MinuteRow { event_id, at: at(60_000), sold: 2, revenue_minor: 2 * PRICE });
    }
}

pub(super) fn held(hold: Hold, seats: &[u16], sold: bool) -> Holder {
    Holder { hold, buyer_id: buyer(), at: at(5), sold, seats: seats.to_vec() }
}

/// Booking 1 gets two seats, is declined once and pays; booking 2 takes the third by hand, pays too
/// late and gets the money back; booking 3 comes too late; booking 4 gets the third seat and has
/// not paid yet.
pub(super) fn story() -> Story {
    let mut story = Story { evidence: Evidence { taken_at: Some(at(EXPIRY)), ..Evidence::default() } };
    let outline = SectionOutline::new(section(), 0, twd(PRICE), [SubsectionOutline::new(1, 1, 3)]);
    story.request(Message::SectionOpened(SectionOpened {
        event_id: event(),
        lane: Lane::Shared,
        section: outline.clone(),
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
    story.stored_ticket(first.hold, 1, HoldStatus::Sold);
    story.stored_ticket(first.hold, 2, HoldStatus::Sold);
    story.stored_ticket(fourth.hold, 3, HoldStatus::Reserved);
    story.evidence.seat_rows.push(SeatRow::Seats(Seats {
        event_id: event(),
        section: section(),
        subsection: 1,
        row: 1,
        holders: vec![held(first.hold, &[1, 2], true), held(fourth.hold, &[3], false)],
    }));
    story.followed(first.hold, HoldStatus::Sold);
    story.followed(second.hold, HoldStatus::Released);
    story.followed(fourth.hold, HoldStatus::Reserved);
    story.outcome(1, Answer::Sold { grant: first, at: at(7) });
    story.outcome(2, Answer::Released { grant: second, at: at(7) });
    let failure = Failure::NoSeatsLeft;
    story.outcome(3, Answer::Failed { event_id: event(), failure, at: at(7) });
    story.outcome(4, Answer::Reserved { grant: fourth });
    story.seat_engine(outline);
    story.figures();
    story.attempt(1, "no", AttemptStatus::Declined, 2);
    story.attempt(1, "yes", AttemptStatus::Charged, 2);
    story.attempt(2, "late", AttemptStatus::Charged, 1);
    story.ledger(Entry::Refund, "refund:late", 2, PRICE);
    story
}
