//! "As a seller, I can manage ticket pricing by sections." A new price applies to bookings that
//! come later in the log.
//!
//! Promises: each change of a section's price has a higher version than the one before.

use kernel::{
    EventId, Fault, Pointer, SectionName, Timestamp, UserId,
    message::{Envelope, Message, SectionPriceChanged},
    topic::Action,
};
use stream::Outgoing;

use super::service::Events;
use crate::{
    decision::{Decision, Refusal, WorkingSet},
    domain::{
        event::{Event, EventStatus},
        plan,
    },
};

struct ChangePrice {
    event_id: EventId,
    seller: UserId,
    section: SectionName,
    price_minor: i64,
    now: Timestamp,
}

impl Decision for ChangePrice {
    fn needs(&self) -> EventId {
        self.event_id
    }

    fn decide(&self, set: &mut WorkingSet) -> Result<Event, Refusal> {
        let mut event = set.own(self.seller)?;
        let at = Pointer::ROOT.field("price_minor");
        let price = plan::price(self.price_minor, event.details.currency, at)
            .map_err(|violation| Refusal::Invalid(vec![violation]))?;
        let section = event.sections.iter_mut().find(|section| section.name == self.section);
        let section = section.ok_or(Refusal::SectionNotFound)?;
        section.price = price;
        if section.price_version == 0 || !kernel::planted("price.version-not-raised") {
            section.price_version += 1;
        }
        let (partition, price_version) = (section.partition, section.price_version);
        if event.status == EventStatus::OnSale && !kernel::planted("price.change-not-sent") {
            let (event_id, section) = (event.id, self.section.clone());
            let message =
                Message::SectionPriceChanged(SectionPriceChanged { event_id, section, price, price_version });
            let envelope = Envelope { at: self.now, source: None, message };
            let (lane, action) = (event.lane(), Action::TicketReserveRequest);
            set.send(Outgoing::to_section(lane, action, event.id, &self.section, partition, &envelope));
        }
        set.put(event.clone());
        Ok(event)
    }
}

impl Events {
    /// Sets the price of a section of a seller's own event, in minor units of the event's currency.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn change_price(
        &self,
        event_id: EventId,
        seller: UserId,
        section: SectionName,
        price_minor: i64,
    ) -> Result<Result<Event, Refusal>, Fault> {
        let now = self.clock.now();
        self.decide(ChangePrice { event_id, seller, section, price_minor, now }).await
    }
}
