//! Events as people find them: everybody those on sale, a seller also the own drafts, a buyer the
//! own tickets.

use kernel::{EventId, Fault, UserId};

use super::service::Events;
use crate::{
    domain::{event::Event, ticket::SoldTicket},
    ports::TicketPage,
};

impl Events {
    /// An event, if this user may see it: others than its seller only when it is on sale.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn event(&self, id: EventId, viewer: Option<UserId>) -> Result<Option<Event>, Fault> {
        Ok(self.store.event(id).await?.filter(|event| event.visible_to(viewer)))
    }

    /// The events on sale, the newest first, that are older than `before` and contain `words` (any
    /// case) in their name or venue.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn on_sale(
        &self,
        before: Option<EventId>,
        words: Option<String>,
        limit: u32,
    ) -> Result<Vec<Event>, Fault> {
        self.store.on_sale(before, words, limit).await
    }

    /// A seller's own events, drafts too, the newest first, that are older than `before`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of_seller(
        &self,
        seller: UserId,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<Event>, Fault> {
        self.store.of_seller(seller, before, limit).await
    }

    /// A buyer's tickets that are paid.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tickets(&self, page: TicketPage) -> Result<Vec<SoldTicket>, Fault> {
        self.store.tickets(page).await
    }
}
