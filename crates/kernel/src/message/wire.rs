//! To and from Protobuf. The only file that knows the generated types.

use bytes::Bytes;
use prost::Message as _;

use super::{
    BookingUpdatedToFailed, DecodeError, Envelope, EventOnSale, Grant, Hold, HoldOfSection, Message, Partial,
    SCHEMA_VERSION, SectionOpened, SectionPriceChanged, Selection, Source, TicketReservedRequest, money,
};
use crate::{
    BookingId, EventId, SeatPlace, SectionName, Timestamp, UserId,
    plan::{SectionOutline, SubsectionOutline},
    topic::Lane,
};

#[expect(unreachable_pub, reason = "generated")]
mod proto {
    include!(concat!(env!("OUT_DIR"), "/ticketing.v1.rs"));
}

use proto::{envelope::Body, ticket_reserved_request::Selection as WireSelection};

pub(super) fn encode(envelope: &Envelope) -> Bytes {
    let wire = proto::Envelope {
        schema_version: SCHEMA_VERSION,
        at_ms: envelope.at.as_millis(),
        source: envelope.source.map(|source| proto::Source {
            topic: source.topic.to_string(),
            partition: source.partition.into(),
            offset: source.offset,
        }),
        body: Some(body(&envelope.message)),
    };
    wire.encode_to_vec().into()
}

pub(super) fn decode(bytes: Bytes) -> Result<Envelope, DecodeError> {
    let wire: proto::Envelope = read(bytes)?;
    if wire.schema_version != SCHEMA_VERSION {
        return Err(DecodeError::UnknownVersion(wire.schema_version));
    }
    Ok(Envelope {
        at: Timestamp::from_millis(wire.at_ms),
        source: wire.source.map(source).transpose()?,
        message: message(wire.body.ok_or(DecodeError::Invalid("body"))?)?,
    })
}

impl SectionOutline {
    /// As messages carry it; a store may keep it so.
    pub fn encode(&self) -> Bytes {
        to_section(self).encode_to_vec().into()
    }

    /// # Errors
    /// When `bytes` are no protobuf, or hold an impossible value.
    pub fn decode(bytes: Bytes) -> Result<Self, DecodeError> {
        section(read(bytes)?)
    }
}

fn read<T: prost::Message + Default>(bytes: Bytes) -> Result<T, DecodeError> {
    T::decode(bytes).map_err(|error| DecodeError::Malformed(error.to_string()))
}

/// A body with a grant and nothing else.
macro_rules! granted {
    ($kind:ident, $grant:expr) => {
        Body::$kind(proto::$kind { grant: Some(to_grant($grant)) })
    };
}

fn body(message: &Message) -> Body {
    match message {
        Message::TicketReservedRequest(request) => {
            Body::TicketReservedRequest(proto::TicketReservedRequest {
                booking_id: id(request.booking_id.as_bytes()),
                buyer_id: id(request.buyer_id.as_bytes()),
                event_id: id(request.event_id.as_bytes()),
                section: request.section.to_string(),
                all_or_nothing: request.partial == Partial::Refuse,
                selection: Some(match &request.selection {
                    Selection::BestAvailable { quantity, subsection } => {
                        WireSelection::BestAvailable(proto::BestAvailable {
                            quantity: (*quantity).into(),
                            subsection: subsection.map_or(0, u32::from),
                        })
                    }
                    Selection::Manual { seats } => {
                        WireSelection::Manual(proto::Manual { seats: to_places(seats) })
                    }
                }),
            })
        }
        Message::SeatUpdatedToReserved(grant) => granted!(SeatUpdatedToReserved, grant),
        Message::BookingUpdatedToPendingPayment(grant) => granted!(BookingUpdatedToPendingPayment, grant),
        Message::BookingUpdatedToFailed(failed) => {
            Body::BookingUpdatedToFailed(proto::BookingUpdatedToFailed {
                booking_id: id(failed.booking_id.as_bytes()),
                event_id: id(failed.event_id.as_bytes()),
                code: failed.failure.to_string(),
            })
        }
        Message::BookingPaidSuccess(grant) => granted!(BookingPaidSuccess, grant),
        Message::BookingExpiredReleaseTickets(grant) => granted!(BookingExpiredReleaseTickets, grant),
        Message::ReleaseSeat(hold) => Body::ReleaseSeat(proto::ReleaseSeat {
            hold: Some(to_hold(hold.hold)),
            event_id: id(hold.event_id.as_bytes()),
            section: hold.section.to_string(),
        }),
        Message::FinalizeSeat(hold) => Body::FinalizeSeat(proto::FinalizeSeat {
            hold: Some(to_hold(hold.hold)),
            event_id: id(hold.event_id.as_bytes()),
            section: hold.section.to_string(),
        }),
        Message::SectionOpened(opened) => Body::SectionOpened(proto::SectionOpened {
            event_id: id(opened.event_id.as_bytes()),
            own_lane: opened.lane != Lane::Shared,
            section: Some(to_section(&opened.section)),
        }),
        Message::SectionPriceChanged(changed) => Body::SectionPriceChanged(proto::SectionPriceChanged {
            event_id: id(changed.event_id.as_bytes()),
            section: changed.section.to_string(),
            price_minor: changed.price.amount_minor,
            currency: changed.price.currency.code().to_owned(),
            price_version: changed.price_version,
        }),
        Message::EventOnSale(event) => Body::EventOnSale(proto::EventOnSale {
            event_id: id(event.event_id.as_bytes()),
            own_lane: event.lane != Lane::Shared,
            max_seats_per_booking: event.max_seats_per_booking.into(),
            sections: event.sections.iter().map(to_section).collect(),
            seller_id: event.seller_id.map(|seller| id(seller.as_bytes())).unwrap_or_default(),
        }),
    }
}

fn message(body: Body) -> Result<Message, DecodeError> {
    Ok(match body {
        Body::TicketReservedRequest(wire) => Message::TicketReservedRequest(TicketReservedRequest {
            booking_id: BookingId::from_slice(&wire.booking_id)
                .map_err(|_| DecodeError::Invalid("booking_id"))?,
            buyer_id: UserId::from_slice(&wire.buyer_id).map_err(|_| DecodeError::Invalid("buyer_id"))?,
            event_id: event_id(&wire.event_id)?,
            section: section_name(&wire.section)?,
            selection: selection(wire.selection.ok_or(DecodeError::Invalid("selection"))?)?,
            partial: if wire.all_or_nothing { Partial::Refuse } else { Partial::Accept },
        }),
        Body::SeatUpdatedToReserved(wire) => Message::SeatUpdatedToReserved(grant(wire.grant)?),
        Body::BookingUpdatedToPendingPayment(wire) => {
            Message::BookingUpdatedToPendingPayment(grant(wire.grant)?)
        }
        Body::BookingUpdatedToFailed(wire) => Message::BookingUpdatedToFailed(BookingUpdatedToFailed {
            booking_id: BookingId::from_slice(&wire.booking_id)
                .map_err(|_| DecodeError::Invalid("booking_id"))?,
            event_id: event_id(&wire.event_id)?,
            failure: wire.code.parse().map_err(|_| DecodeError::Invalid("code"))?,
        }),
        Body::BookingPaidSuccess(wire) => Message::BookingPaidSuccess(grant(wire.grant)?),
        Body::BookingExpiredReleaseTickets(wire) => Message::BookingExpiredReleaseTickets(grant(wire.grant)?),
        Body::ReleaseSeat(wire) => Message::ReleaseSeat(HoldOfSection {
            hold: hold(wire.hold)?,
            event_id: event_id(&wire.event_id)?,
            section: section_name(&wire.section)?,
        }),
        Body::FinalizeSeat(wire) => Message::FinalizeSeat(HoldOfSection {
            hold: hold(wire.hold)?,
            event_id: event_id(&wire.event_id)?,
            section: section_name(&wire.section)?,
        }),
        Body::SectionOpened(wire) => {
            let event_id = event_id(&wire.event_id)?;
            Message::SectionOpened(SectionOpened {
                event_id,
                lane: lane(event_id, wire.own_lane),
                section: section(wire.section.ok_or(DecodeError::Invalid("section"))?)?,
            })
        }
        Body::SectionPriceChanged(wire) => Message::SectionPriceChanged(SectionPriceChanged {
            event_id: event_id(&wire.event_id)?,
            section: section_name(&wire.section)?,
            price: money(wire.price_minor, &wire.currency)?,
            price_version: wire.price_version,
        }),
        Body::EventOnSale(wire) => {
            let event_id = event_id(&wire.event_id)?;
            let seller = (!wire.seller_id.is_empty()).then(|| crate::UserId::from_slice(&wire.seller_id));
            Message::EventOnSale(EventOnSale {
                event_id,
                seller_id: seller.transpose().map_err(|_| DecodeError::Invalid("seller_id"))?,
                lane: lane(event_id, wire.own_lane),
                max_seats_per_booking: number(wire.max_seats_per_booking, "max_seats_per_booking")?,
                sections: wire.sections.into_iter().map(section).collect::<Result<_, _>>()?,
            })
        }
    })
}

fn id(bytes: &[u8; 16]) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

fn event_id(bytes: &[u8]) -> Result<EventId, DecodeError> {
    EventId::from_slice(bytes).map_err(|_| DecodeError::Invalid("event_id"))
}

fn section_name(name: &str) -> Result<SectionName, DecodeError> {
    name.parse().map_err(|_| DecodeError::Invalid("section"))
}

fn lane(event: EventId, own: bool) -> Lane {
    if own { Lane::Own(event) } else { Lane::Shared }
}

fn number(value: u32, field: &'static str) -> Result<u16, DecodeError> {
    u16::try_from(value).map_err(|_| DecodeError::Invalid(field))
}

fn source(wire: proto::Source) -> Result<Source, DecodeError> {
    Ok(Source {
        topic: wire.topic.parse().map_err(|_| DecodeError::Invalid("source.topic"))?,
        partition: number(wire.partition, "source.partition")?,
        offset: wire.offset,
    })
}

fn to_places(seats: &[SeatPlace]) -> Vec<proto::Place> {
    let place = |seat: &SeatPlace| proto::Place {
        subsection: seat.subsection.into(),
        row: seat.row.into(),
        seat: seat.seat.into(),
    };
    seats.iter().map(place).collect()
}

fn places(wire: &[proto::Place]) -> Result<Vec<SeatPlace>, DecodeError> {
    if wire.is_empty() {
        return Err(DecodeError::Invalid("seats"));
    }
    let place = |place: &proto::Place| {
        Ok(SeatPlace {
            subsection: number(place.subsection, "subsection")?,
            row: number(place.row, "row")?,
            seat: number(place.seat, "seat")?,
        })
    };
    wire.iter().map(place).collect()
}

fn selection(wire: WireSelection) -> Result<Selection, DecodeError> {
    Ok(match wire {
        WireSelection::BestAvailable(best) => Selection::BestAvailable {
            quantity: number(best.quantity, "quantity")?,
            subsection: match best.subsection {
                0 => None,
                subsection => Some(number(subsection, "subsection")?),
            },
        },
        WireSelection::Manual(manual) => Selection::Manual { seats: places(&manual.seats)? },
    })
}

fn to_hold(hold: Hold) -> proto::Hold {
    proto::Hold { booking_id: id(hold.booking_id.as_bytes()), number: hold.number }
}

fn hold(wire: Option<proto::Hold>) -> Result<Hold, DecodeError> {
    let wire = wire.ok_or(DecodeError::Invalid("hold"))?;
    let booking_id =
        BookingId::from_slice(&wire.booking_id).map_err(|_| DecodeError::Invalid("hold.booking_id"))?;
    Ok(Hold { booking_id, number: wire.number })
}

fn to_grant(grant: &Grant) -> proto::Grant {
    proto::Grant {
        hold: Some(to_hold(grant.hold)),
        buyer_id: id(grant.buyer_id.as_bytes()),
        event_id: id(grant.event_id.as_bytes()),
        section: grant.section.to_string(),
        seats: to_places(&grant.seats),
        unit_price_minor: grant.unit_price.amount_minor,
        currency: grant.unit_price.currency.code().to_owned(),
    }
}

fn grant(wire: Option<proto::Grant>) -> Result<Grant, DecodeError> {
    let wire = wire.ok_or(DecodeError::Invalid("grant"))?;
    Ok(Grant {
        hold: hold(wire.hold)?,
        buyer_id: UserId::from_slice(&wire.buyer_id).map_err(|_| DecodeError::Invalid("buyer_id"))?,
        event_id: event_id(&wire.event_id)?,
        section: section_name(&wire.section)?,
        seats: places(&wire.seats)?,
        unit_price: money(wire.unit_price_minor, &wire.currency)?,
    })
}

fn to_section(section: &SectionOutline) -> proto::Section {
    let subsection = |s: &SubsectionOutline| proto::Subsection {
        number: s.number.into(),
        rows: s.rows.into(),
        seats_per_row: s.seats_per_row.into(),
    };
    proto::Section {
        name: section.name.to_string(),
        partition: section.partition.into(),
        price_minor: section.price.amount_minor,
        currency: section.price.currency.code().to_owned(),
        price_version: section.price_version,
        subsections: section.subsections.iter().map(subsection).collect(),
    }
}

fn section(wire: proto::Section) -> Result<SectionOutline, DecodeError> {
    let subsection = |s: &proto::Subsection| {
        Ok(SubsectionOutline {
            number: number(s.number, "number")?,
            rows: number(s.rows, "rows")?,
            seats_per_row: number(s.seats_per_row, "seats_per_row")?,
        })
    };
    Ok(SectionOutline {
        name: section_name(&wire.name)?,
        partition: number(wire.partition, "partition")?,
        price: money(wire.price_minor, &wire.currency)?,
        price_version: wire.price_version,
        subsections: wire.subsections.iter().map(subsection).collect::<Result<_, _>>()?,
    })
}
