//! A buyer's tickets: one for each seat that was paid.

use api::{
    problem::{Problem, Refused},
    shapes::{List, MoneyShape, Page, cursor, page_size},
};
use axum::{Json, extract::State};
use event_ticketing::{Events, domain::ticket::SoldTicket, ports::TicketPage};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{principal::Buyer, strict::StrictQuery};

pub fn routes(events: Events) -> OpenApiRouter {
    described().with_state(events)
}

/// The routes without what they need: to be described.
pub(super) fn described() -> OpenApiRouter<Events> {
    OpenApiRouter::new().routes(routes!(tickets))
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ticket)]
struct TicketShape {
    id: String,
    booking_id: String,
    event_id: String,
    #[schema(example = "A-1-1-1")]
    seat: String,
    price: MoneyShape,
    /// Such as `sold`: its code opens the gate.
    status: &'static str,
    /// Opens the gate: keep it to yourself.
    code: String,
}

impl From<SoldTicket> for TicketShape {
    fn from(sold: SoldTicket) -> Self {
        let ticket = sold.ticket;
        Self {
            id: ticket.id.to_string(),
            booking_id: ticket.booking_id.to_string(),
            event_id: ticket.event_id.to_string(),
            seat: ticket.seat.to_string(),
            price: ticket.price.into(),
            status: ticket.status.as_str(),
            code: sold.code,
        }
    }
}

/// The own tickets.
#[utoipa::path(get, path = "/v1/tickets", tag = "tickets", params(Page), security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = List<TicketShape>), Refused<401, 422>))]
async fn tickets(
    State(events): State<Events>,
    who: Buyer,
    StrictQuery(page): StrictQuery<Page>,
) -> Result<Json<List<TicketShape>>, Problem> {
    let limit = page_size(page.limit)?;
    let page = TicketPage { buyer_id: who.user_id, after: cursor(page.after)?, limit: limit + 1 };
    let tickets = events.tickets(page).await?;
    Ok(Json(List::page(tickets, limit, |sold| sold.ticket.id.to_string(), TicketShape::from)))
}
