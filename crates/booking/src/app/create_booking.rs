//! "As a buyer, I can select seats": the booking exists at once, `processing`, and its request is on its way to the seat engine.
//!
//! Promises: row, key and request become durable together; the same key and request again give the same booking.

use kernel::{BookingId, Fault, Revision, UserId, message::EventOnSale, violation::Violation};

use super::{
    Bookings, messages,
    working_set::{KeyName, KeyUse, RequestKey, WorkingSet},
};
use crate::{
    Booking, BookingRequest, State,
    ports::{BookingStore, PaymentProvider},
};

const ROUTE: &str = "create-booking";

/// A checked booking that wants to be stored.
#[derive(Debug, Clone)]
pub struct NewBooking {
    pub booking: Booking,
    /// The partition of its section.
    pub partition: u16,
    pub key: Option<RequestKey>,
}

impl NewBooking {
    /// Under what name the store must look for an earlier use.
    pub fn key_name(&self) -> Option<KeyName> {
        let key = self.key.as_ref()?;
        Some(KeyName { user_id: self.booking.buyer_id, route: ROUTE, key: key.key.clone() })
    }
}

/// What storing came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Creation {
    Created(Booking),
    /// The key was used for the same request before; the booking of then as it is now.
    Repeated(Booking),
    /// The key was used for another request.
    KeyReused,
}

/// What the buyer is told.
#[expect(clippy::large_enum_variant, reason = "a passing value; boxing it would cost more than it saves")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    Booking(Booking),
    KeyReused,
    Invalid(Vec<Violation>),
}

/// Decides one of a batch. Facts: the use of its key, and the booking that the use names.
pub fn decide(set: &mut WorkingSet, new: &NewBooking) -> Creation {
    if let (Some(name), Some(key)) = (new.key_name(), &new.key) {
        if let Some(used) = set.key(&name) {
            let first = used.resource.parse().ok().and_then(|id: BookingId| set.booking(id));
            return match first {
                Some(booking) if used.body_hash == key.body_hash => Creation::Repeated(booking.clone()),
                _ => Creation::KeyReused,
            };
        }
        let used = KeyUse { body_hash: key.body_hash.clone(), resource: new.booking.id.to_string() };
        set.put_key(name, used, new.booking.created_at);
    }
    set.send(messages::reserve(&new.booking, new.partition));
    Creation::Created(set.put_booking(new.booking.clone()))
}

impl<S: BookingStore, P: PaymentProvider> Bookings<S, P> {
    /// Books for `buyer`. `id` is new and rises with time.
    ///
    /// # Errors
    /// When the store fails; then nothing is booked, or the key tells.
    pub async fn create(
        &self,
        id: BookingId,
        buyer: UserId,
        event: &EventOnSale,
        request: BookingRequest,
        key: Option<RequestKey>,
    ) -> Result<Created, Fault> {
        let (asked, partition) = match request.check(event) {
            Ok(checked) => checked,
            Err(broken) => return Ok(Created::Invalid(broken)),
        };
        let booking = Booking {
            id,
            buyer_id: buyer,
            event_id: event.event_id,
            lane: event.lane,
            asked,
            created_at: self.clock.now(),
            state: State::Processing,
            payment: None,
            revision: Revision::FIRST,
        };
        match self.store.create(NewBooking { booking, partition, key }).await? {
            Creation::Created(booking) => {
                self.tell(std::slice::from_ref(&booking));
                Ok(Created::Booking(booking))
            }
            Creation::Repeated(booking) => Ok(Created::Booking(booking)),
            Creation::KeyReused => Ok(Created::KeyReused),
        }
    }
}
