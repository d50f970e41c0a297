//! The booking service: its ports, and the reads that need no decision.
//!
//! Promises: observer and deadlines are notified of a change after its commit. Never: decides; the
//! use cases beside this file do.

use std::{sync::Arc, time::Duration};

use kernel::{BookingId, Clock, EventId, Fault, UserId, message::EventOnSale};

use crate::{
    domain::booking::{Booking, Status},
    ports::{BookingObserver, BookingStore, Deadlines, History, PaymentProvider},
};

/// The booking service: its use cases on its ports. Clones share it.
pub struct Bookings<S> {
    pub(crate) store: Arc<S>,
    pub(crate) provider: Arc<dyn PaymentProvider>,
    pub(crate) clock: Arc<dyn Clock>,
    observer: Arc<dyn BookingObserver>,
    pub(crate) deadlines: Arc<dyn Deadlines>,
    /// How long a buyer has to pay.
    pub(crate) payment_window: Duration,
}

impl<S> Clone for Bookings<S> {
    fn clone(&self) -> Self {
        Self {
            store: Arc::clone(&self.store),
            provider: Arc::clone(&self.provider),
            clock: Arc::clone(&self.clock),
            observer: Arc::clone(&self.observer),
            deadlines: Arc::clone(&self.deadlines),
            payment_window: self.payment_window,
        }
    }
}

impl<S: BookingStore> Bookings<S> {
    pub fn new(
        store: Arc<S>,
        provider: Arc<dyn PaymentProvider>,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn BookingObserver>,
        deadlines: Arc<dyn Deadlines>,
        payment_window: Duration,
    ) -> Self {
        Self { store, provider, clock, observer, deadlines, payment_window }
    }

    pub fn store(&self) -> &Arc<S> {
        &self.store
    }

    /// A buyer's own booking; none when there is none or it is another's.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn own(&self, buyer: UserId, id: BookingId) -> Result<Option<Booking>, Fault> {
        Ok(self.store.booking(id).await?.filter(|booking| booking.buyer_id == buyer))
    }

    /// A page of a buyer's bookings, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn history(&self, page: History) -> Result<Vec<Booking>, Fault> {
        self.store.history(page).await
    }

    /// The outline of an event that is on sale; one that is just being put on sale is awaited, at
    /// most so long.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn event(&self, id: EventId, longest: Duration) -> Result<Option<Arc<EventOnSale>>, Fault> {
        self.store.event(id, longest).await
    }

    /// Notifies the observer and the deadlines of changed bookings. Call it after the commit; again
    /// is the same.
    pub fn notify(&self, bookings: &[Booking]) {
        if bookings.is_empty() {
            return;
        }
        self.observer.changed(bookings);
        let (mut pending, mut closed) = (Vec::new(), Vec::new());
        for booking in bookings {
            match (booking.status(), booking.pay_by()) {
                (Status::PendingPayment, Some(until)) => pending.push((booking.id, until)),
                (_, Some(_)) => closed.push(booking.id),
                (_, None) => {}
            }
        }
        if !pending.is_empty() {
            self.deadlines.pending(&pending);
        }
        if !closed.is_empty() {
            self.deadlines.closed(&closed);
        }
    }
}
