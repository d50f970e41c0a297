//! The messages that booking sends.

use kernel::{
    Timestamp,
    message::{Envelope, Grant, Message, Source, TicketReservedRequest},
    topic::{Action, Lane},
};
use stream::Outgoing;

use crate::domain::booking::Booking;

/// Asks the seat engine for seats.
pub(super) fn reserve(booking: &Booking, partition: u16) -> Outgoing {
    let request = TicketReservedRequest {
        booking_id: booking.id,
        buyer_id: booking.buyer_id,
        event_id: booking.event_id,
        section: booking.asked.section.clone(),
        selection: booking.asked.selection.clone(),
        partial: booking.asked.partial,
    };
    let envelope =
        Envelope { at: booking.created_at, source: None, message: Message::TicketReservedRequest(request) };
    let section = &booking.asked.section;
    Outgoing::to_section(
        booking.lane,
        Action::TicketReserveRequest,
        booking.event_id,
        section,
        partition,
        &envelope,
    )
}

/// For event_ticketing: the seats of this hold are sold.
pub(super) fn paid(lane: Lane, grant: Grant, at: Timestamp) -> Outgoing {
    let event = grant.event_id;
    let envelope = Envelope { at, source: None, message: Message::BookingPaidSuccess(grant) };
    Outgoing::to_event(lane, Action::UpdateTicketStatusToPaid, event, &envelope)
}

/// For event_ticketing: the seats of this hold go back.
pub(super) fn release(lane: Lane, grant: Grant, at: Timestamp, source: Option<Source>) -> Outgoing {
    let event = grant.event_id;
    let envelope = Envelope { at, source, message: Message::BookingExpiredReleaseTickets(grant) };
    Outgoing::to_event(lane, Action::UpdateTicketStatusToAvailable, event, &envelope)
}
