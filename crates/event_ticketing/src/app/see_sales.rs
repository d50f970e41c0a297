//! "As a seller, I can view real-time sales analytics and monitor seat reservation status." Of the
//! own events only: another's answers as an absent one does.

use kernel::{EventId, Fault, UserId};

use super::service::Events;
use crate::{
    domain::{sales::EventSales, ticket::TakenSeat},
    ports::TakenSeats,
};

impl Events {
    /// The figures of a seller's own event; none when it is not the seller's.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sales(&self, event: EventId, seller: UserId) -> Result<Option<EventSales>, Fault> {
        Ok(self.store.sales(event).await?.filter(|sales| sales.seller_id == seller))
    }

    /// The taken seats of a seller's own event, in order; none when it is not the seller's.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn taken_seats(
        &self,
        which: TakenSeats,
        seller: UserId,
    ) -> Result<Option<Vec<TakenSeat>>, Fault> {
        if self.store.seller_of(which.event_id).await? != Some(seller) {
            return Ok(None);
        }
        self.store.taken_seats(which).await.map(Some)
    }
}
