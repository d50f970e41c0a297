//! Bookings as live streams show them: pushed after each commit, read from the store when a stream
//! begins.
//!
//! Never: shows a buyer another's booking.

use std::sync::Arc;

use api::booking::BookingShape;
use booking::{
    Booking, Status,
    ports::{BookingObserver, BookingStore, History},
};
use bytes::Bytes;
use futures::future::BoxFuture;
use kernel::{BookingId, Fault, UserId, limits};

use super::bookings::{BookingHub, OwnBookings, Update};

/// Takes changes to the hub.
pub struct NotifyHub(pub Arc<BookingHub>);

impl BookingObserver for NotifyHub {
    fn changed(&self, bookings: &[Booking]) {
        for booking in bookings {
            self.0.notify(&update(booking));
        }
    }
}

/// Reads bookings from their store.
pub struct FromStore<S>(pub Arc<S>);

impl<S: BookingStore> OwnBookings for FromStore<S> {
    fn of_buyer(&self, buyer: UserId, recent: bool) -> BoxFuture<'_, Result<Vec<Update>, Fault>> {
        Box::pin(async move {
            let page = |status, limit| History { buyer_id: buyer, status, before: None, limit };
            let mut found = self.0.history(page(Some(Status::Processing), limits::UNFINISHED_SHOWN)).await?;
            found.extend(self.0.history(page(Some(Status::PendingPayment), limits::UNFINISHED_SHOWN)).await?);
            if recent {
                found.extend(self.0.history(page(None, limits::LATEST_REPEATED)).await?);
            }
            // Ids rise with time; of two readings of one booking the later revision counts.
            found.sort_by_key(|booking| (booking.id, booking.revision));
            found.reverse();
            found.dedup_by_key(|booking| booking.id);
            found.reverse();
            Ok(found.iter().map(update).collect())
        })
    }

    fn one(&self, buyer: UserId, booking: BookingId) -> BoxFuture<'_, Result<Option<Update>, Fault>> {
        Box::pin(async move {
            let found = self.0.booking(booking).await?.filter(|booking| booking.buyer_id == buyer);
            Ok(found.as_ref().map(update))
        })
    }
}

fn update(booking: &Booking) -> Update {
    let json = serde_json::to_vec(&BookingShape::from(booking))
        .unwrap_or_else(|error| unreachable!("texts and numbers always serialise: {error}"));
    Update {
        booking_id: booking.id,
        buyer_id: booking.buyer_id,
        revision: booking.revision,
        decided: booking.status() != Status::Processing,
        json: Bytes::from(json),
    }
}

#[cfg(test)]
mod tests {
    use booking::testing::{
        buyer,
        observer_contract::{self, Viewed},
    };
    use futures::FutureExt as _;
    use kernel::Revision;
    use serde_json::Value;

    use super::*;
    use crate::live::{bookings::BookingStream, sse::Source as _};

    /// Nothing is stored: a stream shows only what changes.
    struct Nothing;

    impl OwnBookings for Nothing {
        fn of_buyer(&self, _: UserId, _: bool) -> BoxFuture<'_, Result<Vec<Update>, Fault>> {
            Box::pin(async { Ok(Vec::new()) })
        }

        fn one(&self, _: UserId, _: BookingId) -> BoxFuture<'_, Result<Option<Update>, Fault>> {
            Box::pin(async { Ok(None) })
        }
    }

    struct Stream(NotifyHub, BookingStream);

    impl Viewed for Stream {
        fn observer(&self) -> &dyn BookingObserver {
            &self.0
        }

        fn shown(&mut self) -> Vec<(BookingId, Revision)> {
            let frames = std::iter::from_fn(|| self.1.next().now_or_never().flatten());
            let frames: String = frames.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()).collect();
            let read = |data: &str| {
                let booking: Value = serde_json::from_str(data).unwrap();
                let id = booking["id"].as_str().unwrap().parse().unwrap();
                (id, Revision::read(booking["revision"].as_i64().unwrap()).unwrap())
            };
            frames.lines().filter_map(|line| line.strip_prefix("data: ")).map(read).collect()
        }
    }

    #[tokio::test]
    async fn the_hub_keeps_the_contract_of_observers() {
        observer_contract::all(|| async {
            let hub = Arc::<BookingHub>::default();
            let stream = hub.watch(buyer(1), None, None, Arc::new(Nothing));
            let mut stream = Stream(NotifyHub(hub), stream);
            assert!(stream.shown().is_empty());
            stream
        })
        .await;
    }
}
