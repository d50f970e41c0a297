//! The role of event_ticketing: events, tickets and sales figures in SQL, and the accounts' routes
//! beside them.

use std::sync::Arc;

use adapters::{
    log::Log,
    sql::{
        Database, DatabaseUrl, SHARED_MIGRATIONS,
        event_ticketing::{EVENT_TICKETING_MIGRATIONS, SqlEvents, SqlHolds},
        outbox::run_relay,
    },
};
use event_ticketing::{Events, TicketProjection};
use futures::future::BoxFuture;
use kernel::topic::Service;
use stream::projection;
use utoipa_axum::router::OpenApiRouter;

use super::{
    StartError, accounts,
    role::{Opening, Role, Shared},
    stores::Stores,
    supervise::Supervisor,
};
use crate::{
    demo,
    http::{
        events::{self, EventsApi},
        live::{self, SalesStreamApi},
        sales::{self, SalesApi},
        tickets,
        users::{self, UsersApi},
    },
    live::sales::SalesHub,
};

pub(super) struct EventTicketingRole {
    database: Database,
    secure_cookies: bool,
}

/// Where its database is.
pub(super) fn database(stores: &Stores<'_>) -> Result<DatabaseUrl, StartError> {
    let setting = &stores.config.database_event_ticketing;
    stores.database("event_ticketing", setting, "the role event-ticketing")
}

impl EventTicketingRole {
    pub(super) fn open<L: Log>(stores: &Stores<'_>) -> Result<Opening<L>, StartError> {
        let (place, secure_cookies) = (database(stores)?, stores.config.secure_cookies.value);
        Ok(Box::pin(async move {
            let database = Database::open(place, &[SHARED_MIGRATIONS, EVENT_TICKETING_MIGRATIONS]).await?;
            Ok(Box::new(Self { database, secure_cookies }) as Box<dyn Role<L>>)
        }))
    }

    fn events(&self, shared: &Shared) -> Events {
        Events::new(Arc::new(SqlEvents::new(self.database.clone())), Arc::clone(&shared.clock))
    }
}

impl<L: Log> Role<L> for EventTicketingRole {
    fn routes(&self, shared: &Shared) -> Vec<OpenApiRouter> {
        let events = self.events(shared);
        let sales_api = SalesApi { events: events.clone(), clock: Arc::clone(&shared.clock) };
        vec![
            users::routes(UsersApi {
                accounts: Arc::clone(&shared.accounts),
                secure_cookies: self.secure_cookies,
            }),
            events::routes(EventsApi { events: events.clone(), maps: Arc::clone(&shared.maps) }),
            sales::routes(sales_api.clone()),
            live::sales_routes(SalesStreamApi {
                sales: SalesHub::new(Arc::new(sales_api), Arc::clone(&shared.maps)),
                outlet: shared.outlet.clone(),
            }),
            tickets::routes(events),
        ]
    }

    fn start(&self, shared: &Shared, log: &L, supervisor: &mut Supervisor) {
        let mut reader = log.reader(Service::EventTicketing);
        let (events, holds) = (SqlEvents::new(self.database.clone()), SqlHolds::new(self.database.clone()));
        let clock = Arc::clone(&shared.clock);
        let mut tickets = TicketProjection::new(Arc::new(events), Box::new(holds), clock);
        supervisor.run_infallible("tickets", async move { projection::run(&mut reader, &mut tickets).await });
        let relay = run_relay(self.database.clone(), Arc::new(log.clone()), shared.outlet.drain.clone());
        supervisor.run_infallible("outbox-event-ticketing", relay);
        supervisor.end_with(self.database.clone().failed());
        supervisor.run_until_drain("sessions", accounts::forget_ended(Arc::clone(&shared.accounts)));
    }

    fn demo<'a>(&'a self, shared: &'a Shared) -> Option<BoxFuture<'a, anyhow::Result<String>>> {
        Some(Box::pin(async { demo::make(&shared.accounts, &self.events(shared)).await }))
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.database.close())
    }
}
