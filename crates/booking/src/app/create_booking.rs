//! "As a buyer, I can select seats": the booking exists at once, `processing`, and its request is
//! on its way to the seat engine.
//!
//! Promises: row, key and request become durable together; the same key and request again give the
//! same booking.

use kernel::{BookingId, Fault, Revision, UserId, message::EventOnSale, violation::Violation};

use super::{messages, service::Bookings};
use crate::{
    decision::{Decision, KeyName, KeyUse, Needs, RequestKey, Resource, WorkingSet},
    domain::{
        booking::{Booking, State},
        request::BookingRequest,
    },
    ports::BookingStore,
};

const ROUTE: &str = "create-booking";

/// A checked booking that is to be stored.
#[derive(Debug, Clone)]
pub struct CreateBooking {
    pub booking: Booking,
    /// The partition of its section.
    pub partition: u16,
    pub key: Option<RequestKey>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreateOutcome {
    Created(Booking),
    /// The key was used for the same request before; the booking of then as it is now.
    Repeated(Booking),
    /// The key was used for another request.
    KeyReused,
    /// The request breaks these rules of the event.
    Invalid(Vec<Violation>),
}

impl CreateBooking {
    fn key_name(&self) -> Option<KeyName> {
        let key = self.key.as_ref()?;
        let route = kernel::sabotaged!("keys.shared-by-all-routes", ROUTE, "pay");
        Some(KeyName { user_id: self.booking.buyer_id, route, key: key.key.clone() })
    }
}

impl Decision for CreateBooking {
    type Answer = CreateOutcome;
    const DOING: &'static str = "store the booking";

    fn needs(&self) -> Needs {
        Needs { keys: self.key_name().into_iter().collect(), ..Needs::default() }
    }

    fn decide(&self, set: &mut WorkingSet) -> CreateOutcome {
        if let (Some(name), Some(key)) = (self.key_name(), &self.key) {
            if let Some(used) = set.key(&name).filter(|_| !kernel::planted("keys.earlier-use-overlooked")) {
                let same = used.body_hash == key.body_hash || kernel::planted("keys.other-request-accepted");
                let first = match &used.resource {
                    Resource::Booking(id) if same => set.booking(*id),
                    _ => None,
                };
                return first.cloned().map_or(CreateOutcome::KeyReused, CreateOutcome::Repeated);
            }
            let resource = Resource::Booking(self.booking.id);
            let used = KeyUse { body_hash: key.body_hash.clone(), resource };
            set.put_key(name, used, self.booking.created_at);
        }
        set.send(messages::reserve(&self.booking, self.partition));
        CreateOutcome::Created(set.put_booking(self.booking.clone()))
    }
}

impl<S: BookingStore> Bookings<S> {
    /// Books for `buyer`. `id` is new and rises with time.
    ///
    /// # Errors
    /// When the store fails; then nothing is booked, or the key finds it.
    pub async fn create(
        &self,
        id: BookingId,
        buyer: UserId,
        event: &EventOnSale,
        request: BookingRequest,
        key: Option<RequestKey>,
    ) -> Result<CreateOutcome, Fault> {
        let (asked, partition) = match request.check(event) {
            Ok(checked) => checked,
            Err(broken) => return Ok(CreateOutcome::Invalid(broken)),
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
        let outcome = self.store.decide(CreateBooking { booking, partition, key }).await?;
        if let CreateOutcome::Created(booking) = &outcome {
            self.notify(std::slice::from_ref(booking));
        }
        Ok(outcome)
    }
}
