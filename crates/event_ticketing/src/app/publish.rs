//! A seller puts an event on sale: the seat engine opens its sections, booking learns of it. Twice
//! is the same as once.

use kernel::{
    EventId, Fault, Timestamp, UserId,
    message::{Envelope, EventOnSale, Message, SectionOpened},
    topic::{Action, Lane},
};
use stream::Outgoing;

use super::service::Events;
use crate::{
    decision::{Decision, Refusal, WorkingSet},
    domain::event::{Event, EventStatus},
};

struct Publish {
    event_id: EventId,
    seller: UserId,
    now: Timestamp,
}

impl Decision for Publish {
    fn needs(&self) -> EventId {
        self.event_id
    }

    fn decide(&self, set: &mut WorkingSet) -> Result<Event, Refusal> {
        let event = set.own(self.seller)?;
        match event.status {
            EventStatus::OnSale => Ok(event),
            EventStatus::Draft => Ok(put_on_sale(set, event, self.now)),
        }
    }
}

/// Puts a draft on sale, with the messages that open it.
pub(super) fn put_on_sale(set: &mut WorkingSet, draft: Event, now: Timestamp) -> Event {
    let event = Event { status: EventStatus::OnSale, ..draft };
    let lane = event.lane();
    let envelope = |message| Envelope { at: now, source: None, message };
    for section in &event.sections {
        let opened = SectionOpened { event_id: event.id, lane, section: section.clone() };
        let opened = envelope(Message::SectionOpened(opened));
        let action = Action::TicketReserveRequest;
        set.send(Outgoing::to_section(lane, action, event.id, &section.name, section.partition, &opened));
    }
    let on_sale = envelope(Message::EventOnSale(EventOnSale {
        event_id: event.id,
        seller_id: Some(event.seller_id),
        lane,
        max_seats_per_booking: event.details.max_seats_per_booking,
        sections: event.sections.clone(),
    }));
    // Last: when booking lets the first request through, its section is open.
    set.send(Outgoing::to_event(Lane::Shared, Action::UpdateEventToOnSale, event.id, &on_sale));
    set.put(event.clone());
    event
}

impl Events {
    /// Puts a seller's own event on sale.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn publish(&self, event_id: EventId, seller: UserId) -> Result<Result<Event, Refusal>, Fault> {
        self.decide(Publish { event_id, seller, now: self.clock.now() }).await
    }
}
