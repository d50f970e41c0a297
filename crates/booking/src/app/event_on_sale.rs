//! An event is on sale: booking keeps its outline, to check requests against it.

use std::sync::Arc;

use kernel::{EventId, Fault, Timestamp, message::EventOnSale};

use super::Bookings;
use crate::ports::{BookingStore, PaymentProvider};

impl<S: BookingStore, P: PaymentProvider> Bookings<S, P> {
    /// Takes in an outline.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn event_on_sale(&self, event: EventOnSale, at: Timestamp) -> Result<(), Fault> {
        self.store.put_event(event, at).await
    }

    /// The outline of an event, if it is on sale.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn event(&self, id: EventId) -> Result<Option<Arc<EventOnSale>>, Fault> {
        self.store.event(id).await
    }
}
