//! Everything in one process: the log and the seat state in one RocksDB, the services' loops beside each other.
//!
//! Promises: what was acknowledged is read back at a start; the end stores what was begun. Never: a second process on the same folder.
//!
//! In the data folder: `in-use` (the lock), `log/` (records and seat state), a database for each service.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use adapters::{
    deadlines::local::LocalDeadlines,
    log::local::{LocalLog, OpenError},
    passwords::Passwords,
    payment::sandbox::{Reported, SandboxProvider},
    sql::{
        Database, Migration, SHARED_MIGRATIONS,
        accounts::{ACCOUNTS_MIGRATIONS, SqlAccounts},
        booking::{BookingProjection, SqlBookingStore},
        event_ticketing::{EVENT_TICKETING_MIGRATIONS, SqlEvents, SqlFigures, TicketProjection},
        outbox::run_relay,
    },
};
use anyhow::Context;
use booking::Bookings;
use kernel::{
    Clock, Timestamp,
    topic::{self, Service},
};
use seat_reservation::SeatEngine;
use stream::{exactly_once, projection};
use tokio::{sync::mpsc, task::spawn_blocking};
use utoipa_axum::router::OpenApiRouter;

use super::{StartError, booking_loops, supervise::Supervisor};
use crate::{
    config::Config,
    demo,
    http::{
        bookings::{self, BookingService, BookingsApi},
        events::{self, EventsApi, EventsOnSale},
        live::{self, LiveApi},
        principal::Sessions,
        sales::{self, SalesApi},
        seats::{self, SeatsApi},
        tickets,
        users::{self, UsersApi},
    },
    live::{
        SeatMaps,
        bookings::BookingHub,
        drain::Drain,
        own_bookings::{FromStore, TellHub},
        sales::SalesHub,
        streams::Streams,
    },
    sessions::AccountsService,
};

/// The system's clock.
#[derive(Debug, Clone, Copy)]
struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The open stores and what listens to them.
pub struct Embedded {
    log: LocalLog,
    databases: Databases,
    accounts: Arc<AccountsService>,
    secure_cookies: bool,
    clock: Arc<dyn Clock>,
    drain: Drain,
    streams: Streams,
    maps: Arc<SeatMaps>,
    hub: Arc<BookingHub>,
    booking: Booking,
}

/// The booking service and what is around it.
struct Booking {
    service: BookingService,
    store: Arc<SqlBookingStore>,
    provider: Arc<SandboxProvider>,
    /// Taken by the loop that reads them.
    reports: Mutex<Option<mpsc::Receiver<Reported>>>,
    deadlines: Arc<LocalDeadlines>,
    payment_window: Duration,
}

/// One database for each service; none reads another's.
struct Databases {
    accounts: Database,
    event_ticketing: Database,
}

impl Embedded {
    /// Opens the stores in the data folder, or makes them.
    ///
    /// # Errors
    /// When one is damaged or cannot be used.
    pub async fn open(config: &Config, drain: Drain) -> Result<Self, StartError> {
        let data = &config.data.value;
        let log = open_log(data).await?;
        let databases = Databases {
            accounts: open_database(data, "accounts.sqlite", &[ACCOUNTS_MIGRATIONS]).await?,
            event_ticketing: open_database(
                data,
                "event_ticketing.sqlite",
                &[SHARED_MIGRATIONS, EVENT_TICKETING_MIGRATIONS],
            )
            .await?,
        };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let hub = Arc::<BookingHub>::default();
        let passwords = Passwords::new().await.context("cannot hash passwords")?;
        let stored = SqlAccounts::new(databases.accounts.clone());
        let accounts = Arc::new(AccountsService::new(stored, passwords, Arc::clone(&clock)));
        Ok(Self {
            log,
            databases,
            accounts,
            secure_cookies: config.secure_cookies.value,
            drain,
            streams: Streams::default(),
            maps: Arc::default(),
            booking: open_booking(config, &clock, &hub).await?,
            clock,
            hub,
        })
    }

    /// The routes of the services.
    pub fn services(&self) -> Vec<OpenApiRouter> {
        let events = SqlEvents::new(self.databases.event_ticketing.clone());
        let figures = SqlFigures::new(self.databases.event_ticketing.clone());
        let sales_api = SalesApi { figures: figures.clone(), clock: Arc::clone(&self.clock) };
        let own = Arc::new(FromStore(Arc::clone(&self.booking.store)));
        vec![
            bookings::routes(BookingsApi {
                bookings: self.booking.service.clone(),
                hub: Arc::clone(&self.hub),
                drafts: Arc::new(EventsOnSale(events.clone())),
            }),
            live::routes(LiveApi {
                bookings: Arc::clone(&self.hub),
                own,
                sales: SalesHub::new(Arc::new(sales_api.clone()), Arc::clone(&self.maps)),
                streams: self.streams.clone(),
                drain: self.drain.clone(),
            }),
            users::routes(UsersApi {
                accounts: Arc::clone(&self.accounts),
                secure_cookies: self.secure_cookies,
            }),
            events::routes(EventsApi {
                events: events.clone(),
                maps: Arc::clone(&self.maps),
                clock: Arc::clone(&self.clock),
            }),
            seats::routes(SeatsApi {
                maps: Arc::clone(&self.maps),
                on_sale: Arc::new(EventsOnSale(events)),
                streams: self.streams.clone(),
                drain: self.drain.clone(),
            }),
            sales::routes(sales_api),
            tickets::routes(figures),
        ]
    }

    /// Whose session a token is.
    pub fn sessions(&self) -> Arc<dyn Sessions> {
        Arc::<AccountsService>::clone(&self.accounts)
    }

    /// Starts every loop.
    pub fn start(&self, supervisor: &mut Supervisor) {
        for partition in 0..topic::PARTITIONS {
            let mut seats = self.log.partition(partition);
            supervisor.run(format!("seats-{partition}"), async move {
                exactly_once::run::<_, SeatEngine>(&mut seats).await
            });
        }
        self.start_event_ticketing(supervisor);
        self.start_booking(supervisor);
        supervisor.run_sure("seat-maps", Arc::clone(&self.maps).follow(self.log.clone()));
        supervisor.run_until_drain("seat-frames", Arc::clone(&self.maps).make_frames());
        supervisor.run_until_drain("sessions", Arc::clone(&self.accounts).forget_ended());
        supervisor.run_until_drain("booking-streams", Arc::clone(&self.hub).sweep());
    }

    fn start_event_ticketing(&self, supervisor: &mut Supervisor) {
        let database = &self.databases.event_ticketing;
        let mut reader = self.log.reader(Service::EventTicketing);
        let mut tickets = TicketProjection::new(database.clone(), Arc::clone(&self.clock));
        supervisor.run_sure("tickets", async move { projection::run(&mut reader, &mut tickets).await });
        let relay = run_relay(database.clone(), Arc::new(self.log.clone()), self.drain.subscribe());
        supervisor.run_sure("outbox-event-ticketing", relay);
    }

    fn start_booking(&self, supervisor: &mut Supervisor) {
        let Booking { service, store, deadlines, payment_window, .. } = &self.booking;
        let mut reader = self.log.reader(Service::Booking);
        let mut answers = BookingProjection::new(service.clone(), Arc::clone(&self.clock), *payment_window);
        supervisor.run_sure("bookings", async move { projection::run(&mut reader, &mut answers).await });
        let relay = run_relay(store.database().clone(), Arc::new(self.log.clone()), self.drain.subscribe());
        supervisor.run_sure("outbox-booking", relay);
        let expire = booking_loops::expire(service.clone(), Arc::clone(deadlines), Arc::clone(&self.clock));
        supervisor.run_until_drain("expiry", expire);
        supervisor.run_until_drain("payment-polling", booking_loops::poll_payments(service.clone()));
        supervisor.run_until_drain("idempotency-keys", booking_loops::forget_keys(service.clone()));
        let reports = self.booking.reports.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(reports) = reports {
            supervisor
                .run_until_drain("payment-reports", booking_loops::take_reports(service.clone(), reports));
        }
    }

    /// Waits until requests can be answered.
    pub async fn ready(&self) {
        self.maps.loaded().await;
    }

    /// Makes the demo's users and event, and answers with the logins to print.
    ///
    /// # Errors
    /// When a store fails.
    pub async fn demo(&self) -> anyhow::Result<String> {
        let events = SqlEvents::new(self.databases.event_ticketing.clone());
        demo::make(&self.accounts, &events, &*self.clock).await
    }

    /// Waits until the log failed for good, and answers why.
    pub async fn failed(&self) -> Arc<str> {
        self.log.failed().await
    }

    /// Tells every loop that reads the log to end behind what it has begun.
    pub fn stop_reading(&self) {
        self.log.stop_reading();
    }

    /// Stores everything and closes the stores. The loops must have ended.
    pub async fn close(self) {
        self.databases.accounts.close().await;
        self.databases.event_ticketing.close().await;
        self.booking.store.database().close().await;
        self.booking.provider.close().await;
        self.log.shutdown().await;
    }
}

async fn open_database(data: &Path, name: &str, migrations: &[&[Migration]]) -> Result<Database, StartError> {
    Database::open(&data.join(name), migrations).await.map_err(|error| database_error(data, error))
}

async fn open_booking(
    config: &Config,
    clock: &Arc<dyn Clock>,
    hub: &Arc<BookingHub>,
) -> Result<Booking, StartError> {
    let data = &config.data.value;
    let store = SqlBookingStore::open(&data.join("booking.sqlite")).await;
    let store = Arc::new(store.map_err(|error| database_error(data, error))?);
    let ledger = data.join("payment_sandbox.sqlite");
    let opened = SandboxProvider::open(&ledger, Arc::clone(clock)).await;
    let (provider, reports) = opened.map_err(|error| database_error(data, error))?;
    let (provider, deadlines) = (Arc::new(provider), Arc::new(LocalDeadlines::default()));
    let payment_window = config.payment_window.value.0;
    let service = Bookings::new(
        Arc::clone(&store),
        Arc::clone(&provider),
        Arc::clone(clock),
        Arc::new(TellHub(Arc::clone(hub))),
        Arc::<LocalDeadlines>::clone(&deadlines),
        payment_window,
    );
    let reports = Mutex::new(Some(reports));
    Ok(Booking { service, store, provider, reports, deadlines, payment_window })
}

fn database_error(data: &Path, error: adapters::sql::OpenError) -> StartError {
    use adapters::sql::OpenError;
    match error {
        OpenError::Corrupted { path, detail } => {
            StartError::Corrupted { folder: data.to_owned(), what: format!("{}: {detail}", path.display()) }
        }
        error => StartError::Fault(error.into()),
    }
}

async fn open_log(data: &Path) -> Result<LocalLog, StartError> {
    let folder = data.join("log");
    let opened = spawn_blocking(move || LocalLog::open(&folder, Arc::new(SystemClock))).await;
    match opened.context("the opening of the log broke off")? {
        Ok(log) => Ok(log),
        Err(OpenError::InUse) => Err(StartError::FolderInUse(data.to_owned())),
        Err(OpenError::Corrupted { what }) => Err(StartError::Corrupted { folder: data.to_owned(), what }),
        Err(OpenError::Fault(fault)) => {
            Err(StartError::Fault(anyhow::Error::from(fault).context("cannot open the log")))
        }
    }
}
