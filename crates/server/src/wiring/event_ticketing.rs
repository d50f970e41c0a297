//! The role of event_ticketing: events, tickets and sales figures in SQL, and the accounts' routes beside them.

use std::sync::Arc;

use adapters::{
    log::Log,
    sql::{
        Database,
        event_ticketing::{SqlEvents, SqlFigures, TicketProjection},
        outbox::run_relay,
    },
};
use futures::future::BoxFuture;
use kernel::{Clock, topic::Service};
use stream::projection;
use utoipa_axum::router::OpenApiRouter;

use super::{
    accounts,
    role::{Role, Shared},
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
    pub(super) database: Database,
    pub(super) secure_cookies: bool,
}

impl<L: Log> Role<L> for EventTicketingRole {
    fn routes(&self, shared: &Shared) -> Vec<OpenApiRouter> {
        let figures = SqlFigures::new(self.database.clone());
        let sales_api = SalesApi { figures: figures.clone(), clock: Arc::clone(&shared.clock) };
        vec![
            users::routes(UsersApi {
                accounts: Arc::clone(&shared.accounts),
                secure_cookies: self.secure_cookies,
            }),
            events::routes(EventsApi {
                events: SqlEvents::new(self.database.clone()),
                maps: Arc::clone(&shared.maps),
                clock: Arc::clone(&shared.clock),
            }),
            sales::routes(sales_api.clone()),
            live::sales_routes(SalesStreamApi {
                sales: SalesHub::new(Arc::new(sales_api), Arc::clone(&shared.maps)),
                outlet: shared.outlet.clone(),
            }),
            tickets::routes(figures),
        ]
    }

    fn start(&self, shared: &Shared, log: &L, supervisor: &mut Supervisor) {
        let mut reader = log.reader(Service::EventTicketing);
        let mut tickets = TicketProjection::new(self.database.clone(), Arc::clone(&shared.clock));
        supervisor.run_infallible("tickets", async move { projection::run(&mut reader, &mut tickets).await });
        let relay = run_relay(self.database.clone(), Arc::new(log.clone()), shared.outlet.drain.subscribe());
        supervisor.run_infallible("outbox-event-ticketing", relay);
        supervisor.run_until_drain("sessions", accounts::forget_ended(Arc::clone(&shared.accounts)));
    }

    fn demo<'a>(&'a self, shared: &'a Shared) -> Option<BoxFuture<'a, anyhow::Result<String>>> {
        Some(Box::pin(async {
            let events = SqlEvents::new(self.database.clone());
            demo::make(&shared.accounts, &events, &*shared.clock as &dyn Clock).await
        }))
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.database.close())
    }
}
