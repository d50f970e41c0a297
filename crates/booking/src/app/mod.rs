//! The use cases, one file each: the pure decision, and the steps around it.

pub mod cancel;
pub mod create_booking;
pub mod event_on_sale;
pub mod expire;
mod messages;
pub mod pay;
pub mod poll_payments;
pub mod refund;
pub mod seat_answer;
pub mod settle_payment;
#[cfg(test)]
mod tests;
pub mod watch_processing;
pub mod working_set;

use std::{sync::Arc, time::Duration};

use kernel::{BookingId, Clock, Fault, UserId};

use crate::{
    Booking, Status,
    ports::{BookingObserver, BookingStore, Deadlines, History, PaymentProvider},
};

/// The booking service: its use cases on its ports.
pub struct Bookings<S, P> {
    pub(crate) store: Arc<S>,
    pub(crate) provider: Arc<P>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Arc<dyn BookingObserver>,
    pub(crate) deadlines: Arc<dyn Deadlines>,
    /// How long a buyer has to pay.
    pub(crate) payment_window: Duration,
}

impl<S, P> Clone for Bookings<S, P> {
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

impl<S: BookingStore, P: PaymentProvider> Bookings<S, P> {
    pub fn new(
        store: Arc<S>,
        provider: Arc<P>,
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

    /// Tells whom it concerns, after the commit: the observer, and the deadlines of what awaits payment or does so no more.
    fn tell(&self, bookings: &[Booking]) {
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
