//! Reading events and tickets: everybody sees events on sale, a seller also the own drafts, a buyer
//! the own tickets.

use kernel::{EventId, Fault, UserId};

use super::service::Events;
use crate::{
    domain::{event::Event, ticket::SoldTicket},
    ports::{EventPage, TicketPage},
};

impl Events {
    /// An event, if this user may see it: others than its seller only when it is on sale.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn event(&self, id: EventId, viewer: Option<UserId>) -> Result<Option<Event>, Fault> {
        Ok(self.store.event(id).await?.filter(|event| event.visible_to(viewer)))
    }

    /// A page of events, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn events(&self, page: EventPage) -> Result<Vec<Event>, Fault> {
        self.store.events(page).await
    }

    /// A buyer's tickets that were paid.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tickets(&self, page: TicketPage) -> Result<Vec<SoldTicket>, Fault> {
        self.store.tickets(page).await
    }
}
