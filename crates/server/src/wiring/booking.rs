//! The role of booking: bookings and payments in SQL, the payment provider, and booking's
//! background tasks: expire overdue bookings, poll payments, store the provider's reports, delete
//! old idempotency keys.
//!
//! Promises: a fault is logged and retried; each loop runs until it is dropped. Never: decides;
//! booking's use cases do.

use std::{sync::Arc, time::Duration};

use adapters::{
    deadlines::Alarm,
    log::Log,
    payment::{Opened, Provider, ProviderUrl, Reported},
    sql::{
        DatabaseUrl,
        booking::{BookingProjection, SqlBookingStore},
        outbox::run_relay,
    },
};
use booking::Bookings;
use futures::future::BoxFuture;
use kernel::{Clock, Fault, Timestamp, fault::chain, topic::Service};
use parking_lot::Mutex;
use stream::projection;
use tokio::{
    sync::mpsc,
    time::{Interval, MissedTickBehavior, interval},
};
use utoipa_axum::router::OpenApiRouter;

use super::{
    StartError,
    provider::LimitedProvider,
    role::{Opening, Role, Shared},
    stores::Stores,
    supervise::Supervisor,
};
use crate::{
    http::{
        bookings::{self, BookingService, BookingsApi},
        live::{self, BookingStreamsApi},
    },
    live::{
        bookings::BookingHub,
        own_bookings::{FromStore, NotifyHub},
    },
};

/// Between two sweeps for overdue bookings, when no deadline wakes it earlier.
const SWEEP: Duration = Duration::from_secs(1);
/// Between two looks for payments to ask about.
const POLL: Duration = Duration::from_millis(200);
const FORGET_KEYS: Duration = Duration::from_mins(10);
/// As refusals of the settings name it.
const ROLE: &str = "the role booking";

/// Where its database is.
pub(super) fn database(stores: &Stores<'_>) -> Result<DatabaseUrl, StartError> {
    stores.database("booking", &stores.config.database_booking, ROLE)
}

/// The payment provider.
pub(super) fn provider(stores: &Stores<'_>) -> Result<ProviderUrl, StartError> {
    stores.provider(ROLE)
}

pub(super) struct BookingRole {
    service: BookingService,
    store: Arc<SqlBookingStore>,
    provider: Arc<dyn Provider>,
    /// Taken by the loop that reads them.
    reports: Mutex<Option<mpsc::Receiver<Reported>>>,
    deadlines: Arc<dyn Alarm>,
    payment_window: Duration,
    hub: Arc<BookingHub>,
}

impl BookingRole {
    pub(super) fn open<L: Log>(stores: &Stores<'_>) -> Result<Opening<L>, StartError> {
        let (database, provider, deadlines) = (database(stores)?, provider(stores)?, stores.deadlines(ROLE)?);
        let (clock, payment_window) = (Arc::clone(&stores.clock), stores.config.payment_window.value.0);
        Ok(Box::pin(async move {
            let store = SqlBookingStore::open(database).await?;
            let provider = provider.open(Arc::clone(&clock)).await?;
            Ok(Box::new(Self::new(store, provider, deadlines, &clock, payment_window)) as Box<dyn Role<L>>)
        }))
    }

    fn new(
        store: SqlBookingStore,
        (provider, reports): Opened,
        deadlines: Arc<dyn Alarm>,
        clock: &Arc<dyn Clock>,
        payment_window: Duration,
    ) -> Self {
        let (store, hub) = (Arc::new(store), Arc::<BookingHub>::default());
        let service = Bookings::new(
            Arc::clone(&store),
            Arc::new(LimitedProvider(Arc::<dyn Provider>::clone(&provider))),
            Arc::clone(clock),
            Arc::new(NotifyHub(Arc::clone(&hub))),
            Arc::<dyn Alarm>::clone(&deadlines),
            payment_window,
        );
        let reports = Mutex::new(Some(reports));
        Self { service, store, provider, reports, deadlines, payment_window, hub }
    }
}

impl<L: Log> Role<L> for BookingRole {
    fn routes(&self, shared: &Shared) -> Vec<OpenApiRouter> {
        vec![
            bookings::routes(BookingsApi {
                bookings: self.service.clone(),
                hub: Arc::clone(&self.hub),
                drain: shared.outlet.drain.clone(),
            }),
            live::booking_routes(BookingStreamsApi {
                hub: Arc::clone(&self.hub),
                own: Arc::new(FromStore(Arc::clone(&self.store))),
                outlet: shared.outlet.clone(),
            }),
        ]
    }

    fn start(&self, shared: &Shared, log: &L, supervisor: &mut Supervisor) {
        let mut reader = log.reader(Service::Booking);
        let mut answers =
            BookingProjection::new(self.service.clone(), Arc::clone(&shared.clock), self.payment_window);
        supervisor
            .run_infallible("bookings", async move { projection::run(&mut reader, &mut answers).await });
        let relay =
            run_relay(self.store.database().clone(), Arc::new(log.clone()), shared.outlet.drain.clone());
        supervisor.run_infallible("outbox-booking", relay);
        supervisor.end_with(self.store.database().clone().failed());
        supervisor.end_with(self.provider.failed());
        let service = &self.service;
        let expire = expire(service.clone(), Arc::clone(&self.deadlines), Arc::clone(&shared.clock));
        supervisor.run_until_drain("expiry", expire);
        supervisor.run_until_drain("payment-polling", poll_payments(service.clone()));
        supervisor.run_until_drain("idempotency-keys", forget_keys(service.clone()));
        if let Some(reports) = self.reports.lock().take() {
            supervisor.run_until_drain("payment-reports", take_reports(service.clone(), reports));
        }
        supervisor.run_until_drain("booking-streams", Arc::clone(&self.hub).sweep());
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.store.database().close().await;
            self.provider.close().await;
        })
    }
}

/// Expires overdue bookings, at their deadline.
async fn expire(bookings: BookingService, deadlines: Arc<dyn Alarm>, clock: Arc<dyn Clock>) {
    let since = clock.now();
    loop {
        report("expire overdue bookings", sweep(&bookings, since, clock.now()).await);
        deadlines.due(&*clock, SWEEP).await;
    }
}

async fn sweep(bookings: &BookingService, since: Timestamp, now: Timestamp) -> Result<(), Fault> {
    while bookings.expire().await? > 0 && !kernel::planted("expiry.one-batch-a-sweep") {}
    while bookings.cancel_stuck(since).await? > 0 {}
    bookings.remind_of_next_deadline(now).await
}

/// Polls the provider for undecided payments, and refunds late money.
async fn poll_payments(bookings: BookingService) {
    let mut tick = ticks(POLL);
    loop {
        tick.tick().await;
        report("poll open payments", bookings.poll_payments().await.map(drop));
    }
}

async fn forget_keys(bookings: BookingService) {
    let mut tick = ticks(FORGET_KEYS);
    loop {
        tick.tick().await;
        report("delete old idempotency keys", bookings.forget_old_keys().await);
    }
}

fn ticks(pause: Duration) -> Interval {
    let mut tick = interval(pause);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tick
}

/// Stores the provider's own reports (webhooks). A report that is lost to a fault is found by
/// polling.
async fn take_reports(bookings: BookingService, mut reports: mpsc::Receiver<Reported>) {
    while let Some((attempt, answer)) = reports.recv().await {
        report("store a report of the payment provider", bookings.payment_reported(attempt, answer).await);
    }
    // The provider is gone, so the server is about to end.
    std::future::pending::<()>().await;
}

fn report(doing: &'static str, outcome: Result<(), Fault>) {
    if let Err(fault) = outcome {
        tracing::warn!(cause = chain(&fault), "could not {doing}; trying again");
    }
}

#[cfg(test)]
mod tests;
