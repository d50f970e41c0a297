//! A seller puts an event on sale: the seat engine opens its sections, booking learns of it.

use kernel::{
    Timestamp,
    message::{Envelope, EventOnSale, Message, SectionOpened},
    topic::{Action, Lane},
};
use stream::Outgoing;

use crate::domain::event::{Event, EventStatus};

/// What publishing leads to.
#[derive(Debug)]
pub enum Published {
    Done {
        event: Event,
        messages: Vec<Outgoing>,
    },
    /// It is on sale already; nothing is sent again.
    AlreadyDone(Event),
}

pub fn publish(event: Event, now: Timestamp) -> Published {
    if event.status == EventStatus::OnSale {
        return Published::AlreadyDone(event);
    }
    let event = Event { status: EventStatus::OnSale, ..event };
    let lane = event.lane();
    let mut messages: Vec<_> = event
        .sections
        .iter()
        .map(|section| {
            let opened = SectionOpened { event_id: event.id, lane, section: section.clone() };
            let envelope = Envelope { at: now, source: None, message: Message::SectionOpened(opened) };
            let action = Action::TicketReserveRequest;
            Outgoing::to_section(lane, action, event.id, &section.name, section.partition, &envelope)
        })
        .collect();
    let on_sale = EventOnSale {
        event_id: event.id,
        lane,
        max_seats_per_booking: event.details.max_seats_per_booking,
        sections: event.sections.clone(),
    };
    let envelope = Envelope { at: now, source: None, message: Message::EventOnSale(on_sale) };
    // Last: when booking lets the first request through, its section is open.
    messages.push(Outgoing::to_event(Lane::Shared, Action::UpdateEventToOnSale, event.id, &envelope));
    Published::Done { event, messages }
}
