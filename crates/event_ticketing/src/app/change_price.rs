//! "As a seller, I can manage ticket pricing by sections." A new price holds for bookings that come later in the log.

use kernel::{
    Pointer, SectionName, Timestamp, Violation,
    message::{Envelope, Message, SectionPriceChanged},
    topic::Action,
};
use stream::Outgoing;

use crate::domain::{
    event::{Event, EventStatus},
    plan,
};

/// An event with its new price, and the message for the seat engine when the event is on sale.
#[derive(Debug)]
pub struct Changed {
    pub event: Event,
    pub message: Option<Outgoing>,
}

/// What a price change leads to.
#[derive(Debug)]
pub enum PriceChanged {
    Done(Box<Changed>),
    NoSuchSection,
    Invalid(Violation),
}

pub fn change_price(mut event: Event, name: &SectionName, price_minor: i64, now: Timestamp) -> PriceChanged {
    let price = match plan::price(price_minor, event.details.currency, Pointer::ROOT.field("price_minor")) {
        Ok(price) => price,
        Err(violation) => return PriceChanged::Invalid(violation),
    };
    let Some(section) = event.sections.iter_mut().find(|section| section.name == *name) else {
        return PriceChanged::NoSuchSection;
    };
    section.price = price;
    let partition = section.partition;
    let message = (event.status == EventStatus::OnSale).then(|| {
        let changed = SectionPriceChanged { event_id: event.id, section: name.clone(), price };
        let envelope = Envelope { at: now, source: None, message: Message::SectionPriceChanged(changed) };
        let action = Action::TicketReserveRequest;
        Outgoing::to_section(event.lane(), action, event.id, name, partition, &envelope)
    });
    PriceChanged::Done(Box::new(Changed { event, message }))
}
