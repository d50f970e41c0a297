//! The message contracts stay readable: every record ever written decodes.
//!
//! `golden/<name>.bin` are records as version 1 wrote them. They are never rewritten; a new kind of
//! message adds a file (`UPDATE_GOLDEN=1 cargo test -p kernel --release --test contracts` writes
//! the missing ones).
#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

use std::{fs, path::PathBuf};

use bytes::Bytes;
use kernel::{
    BookingId, EventId, Money, SeatPlace, Timestamp, UserId,
    message::{
        BookingUpdatedToFailed, DecodeError, Envelope, EventOnSale, Failure, Grant, Hold, HoldOfSection,
        Message, Partial, SectionOpened, SectionPriceChanged, Selection, Source, TicketReservedRequest,
    },
    plan::{SectionOutline, SubsectionOutline},
    topic::{Action, Lane, Topic},
};
use proptest::prelude::*;
use uuid::Uuid;

fn event() -> EventId {
    EventId::new(Uuid::from_u128(7))
}

fn place(seat: u16) -> SeatPlace {
    SeatPlace { subsection: 3, row: 25, seat }
}

fn grant() -> Grant {
    Grant {
        hold: Hold { booking_id: BookingId::new(Uuid::from_u128(1)), number: 42 },
        buyer_id: UserId::new(Uuid::from_u128(2)),
        event_id: event(),
        section: "搖滾區 A_1".parse().unwrap(),
        seats: vec![place(1), place(2)],
        unit_price: Money::new(300_000, "TWD".parse().unwrap()),
    }
}

fn request(selection: Selection, partial: Partial) -> Message {
    Message::TicketReservedRequest(TicketReservedRequest {
        booking_id: grant().hold.booking_id,
        buyer_id: grant().buyer_id,
        event_id: event(),
        section: grant().section,
        selection,
        partial,
    })
}

fn outline() -> SectionOutline {
    SectionOutline::new(grant().section, 9, grant().unit_price, [SubsectionOutline::new(1, 25, 20)])
}

/// One of each, under the name of its golden file.
fn examples() -> Vec<(&'static str, Message)> {
    let best = |subsection| Selection::BestAvailable { quantity: 4, subsection };
    let hold = HoldOfSection { hold: grant().hold, event_id: event(), section: grant().section };
    let failed = |failure| {
        Message::BookingUpdatedToFailed(BookingUpdatedToFailed {
            booking_id: grant().hold.booking_id,
            event_id: event(),
            failure,
        })
    };
    let on_sale = |seller_id| {
        Message::EventOnSale(EventOnSale {
            event_id: event(),
            seller_id,
            lane: Lane::Shared,
            max_seats_per_booking: 4,
            sections: vec![outline()],
        })
    };
    let opened = |section| {
        Message::SectionOpened(SectionOpened { event_id: event(), lane: Lane::Own(event()), section })
    };
    let price_changed = |price_version| {
        Message::SectionPriceChanged(SectionPriceChanged {
            event_id: event(),
            section: grant().section,
            price: grant().unit_price,
            price_version,
        })
    };
    vec![
        ("request_best_available", request(best(None), Partial::Accept)),
        ("request_best_available_subsection", request(best(Some(3)), Partial::Refuse)),
        ("request_manual", request(Selection::Manual { seats: vec![place(7), place(9)] }, Partial::Accept)),
        ("seat_updated_to_reserved", Message::SeatUpdatedToReserved(grant())),
        ("booking_updated_to_pending_payment", Message::BookingUpdatedToPendingPayment(grant())),
        ("booking_failed_no_seats_left", failed(Failure::NoSeatsLeft)),
        ("booking_failed_seats_taken", failed(Failure::SeatsTaken)),
        ("booking_failed_not_enough_seats", failed(Failure::NotEnoughSeats)),
        ("booking_failed_section_not_open", failed(Failure::SectionNotOpen)),
        ("booking_paid_success", Message::BookingPaidSuccess(grant())),
        ("booking_expired_release_tickets", Message::BookingExpiredReleaseTickets(grant())),
        ("release_seat", Message::ReleaseSeat(hold.clone())),
        ("finalize_seat", Message::FinalizeSeat(hold)),
        ("section_opened", opened(outline())),
        ("section_opened_at_a_later_price", opened(SectionOutline { price_version: 3, ..outline() })),
        ("section_price_changed", price_changed(0)),
        ("section_price_changed_with_version", price_changed(4)),
        ("event_on_sale", on_sale(None)),
        ("event_on_sale_of_seller", on_sale(Some(grant().buyer_id))),
    ]
}

fn envelope(message: Message) -> Envelope {
    let topic = Topic::new(Lane::Own(event()), Action::TicketReserveRequest);
    let source = Source { topic, partition: 9, offset: 1_234_567 };
    Envelope { at: Timestamp::from_millis(1_795_000_000_000), source: Some(source), message }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_golden_record_decodes_to_what_it_meant() {
    for (name, message) in examples() {
        let path = folder().join("tests/golden").join(name).with_extension("bin");
        let written = envelope(message);
        if std::env::var_os("UPDATE_GOLDEN").is_some() && !path.exists() {
            fs::write(&path, written.encode()).unwrap();
        }
        let golden = Bytes::from(fs::read(&path).unwrap());
        assert_eq!(Envelope::decode(golden.clone()), Ok(written.clone()), "{name}");
        assert_eq!(written.encode(), golden, "{name}: the same message is written with the same bytes");
    }
}

#[test]
fn an_unknown_version_is_distinguished_from_a_broken_record() {
    let mut newer = envelope(Message::SeatUpdatedToReserved(grant())).encode().to_vec();
    assert_eq!(newer[..2], [0x08, 1], "the version is the first field");
    newer[1] = 2;
    assert_eq!(Envelope::decode(newer.into()), Err(DecodeError::UnknownVersion(2)));
    assert!(matches!(Envelope::decode(Bytes::from_static(b"\xff\xff")), Err(DecodeError::Malformed(_))));
    assert_eq!(Envelope::decode(Bytes::from_static(&[0x08, 1])), Err(DecodeError::Invalid("body")));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Envelope::decode(bytes.into());
    }

    #[test]
    fn a_changed_byte_is_refused_or_reads_as_a_valid_message(at in any::<prop::sample::Index>(), bit in 0..8u8, which in 0..19usize) {
        let mut bytes = envelope(examples()[which].1.clone()).encode().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(read) = Envelope::decode(bytes.into()) {
            prop_assert_eq!(Envelope::decode(read.encode()), Ok(read));
        }
    }
}
