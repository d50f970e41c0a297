//! The role of seat_reservation: decides seats, partition by partition.
//!
//! Never: answers a request; its seats are seen through the maps that every process has.

use adapters::log::Log;
use futures::future::BoxFuture;
use kernel::topic;
use seat_reservation::SeatEngine;
use stream::exactly_once;
use utoipa_axum::router::OpenApiRouter;

use super::{
    measured::Measured,
    role::{Opening, Role, Shared},
    supervise::Supervisor,
};

pub(super) struct SeatReservationRole;

impl SeatReservationRole {
    /// It has no store but the log.
    pub(super) fn open<L: Log>() -> Opening<L> {
        Box::pin(async { Ok(Box::new(Self) as Box<dyn Role<L>>) })
    }
}

impl<L: Log> Role<L> for SeatReservationRole {
    fn routes(&self, _: &Shared) -> Vec<OpenApiRouter> {
        Vec::new()
    }

    fn start(&self, _: &Shared, log: &L, supervisor: &mut Supervisor) {
        for partition in 0..topic::PARTITIONS {
            let mut seats = Measured::new(log.partition(partition));
            supervisor.run(format!("seats-{partition}"), async move {
                exactly_once::run::<_, SeatEngine>(&mut seats).await
            });
        }
    }

    /// Its state is the log's.
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}
