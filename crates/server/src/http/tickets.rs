//! A buyer's tickets: one for each seat that is paid.

use api::{
    problem::{Problem, ProblemBody},
    shapes::{List, MoneyShape, Page, page_size},
};
use axum::{Json, extract::State};
use event_ticketing::{Events, domain::ticket::SoldTicket, ports::TicketPage};
use kernel::{TicketId, Violation, violation::code};
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
    /// `sold`.
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
    responses(
        (status = 200, body = List<TicketShape>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")
    ))]
async fn tickets(
    State(events): State<Events>,
    who: Buyer,
    StrictQuery(page): StrictQuery<Page>,
) -> Result<Json<List<TicketShape>>, Problem> {
    let limit = page_size(page.limit)?;
    let detail = "Must be the `next_cursor` of an earlier page.";
    let bad = |_| Problem::invalid(vec![Violation::new("/after", code::INVALID_FORMAT, detail)]);
    let after: Option<TicketId> = page.after.map(|after| after.parse().map_err(bad)).transpose()?;
    let page = TicketPage { buyer_id: who.user_id, after, limit: limit + 1 };
    let mut tickets = events.tickets(page).await?;
    let more = tickets.len() > limit as usize;
    tickets.truncate(limit as usize);
    let next_cursor = tickets.last().filter(|_| more).map(|sold| sold.ticket.id.to_string());
    Ok(Json(List { data: tickets.into_iter().map(TicketShape::from).collect(), next_cursor }))
}
