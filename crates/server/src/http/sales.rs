//! A seller's view of an own event: figures, and the taken seats.
//!
//! Never: a buyer's name or address; a seller sees bookings by their ids.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use api::{
    problem::{Problem, Refused},
    shapes::{List, MoneyShape, cursor, page_size, parameter, rfc3339},
};
use axum::{Json, extract::State};
use event_ticketing::{
    Events,
    domain::{
        sales::{EventSales, MinuteSales, SectionSales},
        ticket::TakenSeat,
    },
    ports::TakenSeats,
};
use futures::future::BoxFuture;
use kernel::{Clock, EventId, Fault, Money, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    principal::Seller,
    strict::{PathOf, StrictQuery, from_path},
};
use crate::live::sales::{Figures, SalesReader};

/// What these routes need.
#[derive(Clone)]
pub struct SalesApi {
    pub events: Events,
    pub clock: Arc<dyn Clock>,
}

pub fn routes(api: SalesApi) -> OpenApiRouter {
    described().with_state(api)
}

/// The routes without what they need: to be described.
pub(super) fn described() -> OpenApiRouter<SalesApi> {
    OpenApiRouter::new().routes(routes!(sales)).routes(routes!(holds))
}

/// The figures of an event.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Sales)]
struct SalesShape {
    event_id: String,
    as_of: String,
    sold: u64,
    reserved: u64,
    available: u64,
    revenue: MoneyShape,
    sections: Vec<SectionSalesShape>,
    /// Minutes with sales, ascending; those of the latest day.
    by_minute: Vec<MinuteShape>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SectionSales)]
struct SectionSalesShape {
    name: String,
    sold: u64,
    reserved: u64,
    available: u64,
    revenue: MoneyShape,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MinuteSales)]
struct MinuteShape {
    /// The minute's beginning.
    at: String,
    sold: i64,
    revenue: MoneyShape,
}

impl SalesShape {
    fn of(event: EventId, sales: EventSales, now: Timestamp) -> Self {
        let money = |amount_minor| MoneyShape::from(Money::new(amount_minor, sales.currency));
        let section = |s: &SectionSales| SectionSalesShape {
            name: s.name.to_string(),
            sold: s.sold,
            reserved: s.reserved,
            available: s.available,
            revenue: money(s.revenue_minor),
        };
        let minute = |m: &MinuteSales| MinuteShape {
            at: rfc3339(m.at),
            sold: m.sold,
            revenue: money(m.revenue_minor),
        };
        Self {
            event_id: event.to_string(),
            as_of: rfc3339(now),
            sold: sales.sections.iter().map(|s| s.sold).sum(),
            reserved: sales.sections.iter().map(|s| s.reserved).sum(),
            available: sales.sections.iter().map(|s| s.available).sum(),
            revenue: money(sales.sections.iter().map(|s| s.revenue_minor).sum()),
            sections: sales.sections.iter().map(section).collect(),
            by_minute: sales.minutes.iter().map(minute).collect(),
        }
    }
}

impl SalesApi {
    async fn figures_of(&self, seller: UserId, event: EventId) -> Result<Option<Figures>, Fault> {
        let Some(sales) = self.events.sales(event, seller).await? else { return Ok(None) };
        let mut version = DefaultHasher::new();
        for section in &sales.sections {
            (section.sold, section.reserved, section.available, section.revenue_minor).hash(&mut version);
        }
        let shape = SalesShape::of(event, sales, self.clock.now());
        let json = serde_json::to_vec(&shape).map_err(|error| Fault::new("write sales figures", error))?;
        Ok(Some(Figures { json: json.into(), version: version.finish() }))
    }
}

impl SalesReader for SalesApi {
    fn figures(&self, seller: UserId, event: EventId) -> BoxFuture<'_, Result<Option<Figures>, Fault>> {
        Box::pin(self.figures_of(seller, event))
    }
}

/// Sold, held and free seats and revenue of an own event, per section and over time.
#[utoipa::path(get, path = "/v1/events/{id}/sales", tag = "sales", params(("id" = String, Path)),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = SalesShape), Refused<404>))]
async fn sales(
    State(api): State<SalesApi>,
    who: Seller,
    PathOf(id): PathOf<String>,
) -> Result<Json<SalesShape>, Problem> {
    let id: EventId = from_path(&id, "event")?;
    let sales = api.events.sales(id, who.user_id).await?.ok_or_else(|| Problem::not_found("event"))?;
    Ok(Json(SalesShape::of(id, sales, api.clock.now())))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    section: Option<String>,
    /// A ticket status, such as `reserved` or `sold`.
    status: Option<String>,
    /// Only seats behind this one: the `next_cursor` of the page before, or any seat's id, to look
    /// into the middle of a house.
    after: Option<String>,
    /// Entries on the page, 1–100; 20 when absent.
    limit: Option<u32>,
}

/// A seat that has a ticket.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hold)]
struct HoldShape {
    #[schema(example = "A-1-1-1")]
    seat: String,
    /// Of its ticket, such as `reserved` or `sold`.
    status: &'static str,
    booking_id: String,
    /// Since when it has this status.
    since: String,
}

impl From<TakenSeat> for HoldShape {
    fn from(hold: TakenSeat) -> Self {
        Self {
            seat: hold.seat.to_string(),
            status: hold.status.as_str(),
            booking_id: hold.booking_id.to_string(),
            since: rfc3339(hold.since),
        }
    }
}

impl Which {
    fn seats(self, event_id: EventId, limit: u32) -> Result<TakenSeats, Problem> {
        let section = parameter(self.section, "/section", "Must be a section name.")?;
        let status = parameter(self.status, "/status", "Must be a ticket status.")?;
        let after = cursor(self.after)?;
        Ok(TakenSeats { event_id, section, status, after, limit })
    }
}

/// The seats of an own event that are held or sold, by which booking and since when.
#[utoipa::path(get, path = "/v1/events/{id}/holds", tag = "sales", params(("id" = String, Path), Which),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = List<HoldShape>), Refused<404, 422>))]
async fn holds(
    State(api): State<SalesApi>,
    who: Seller,
    PathOf(id): PathOf<String>,
    StrictQuery(which): StrictQuery<Which>,
) -> Result<Json<List<HoldShape>>, Problem> {
    let id: EventId = from_path(&id, "event")?;
    let limit = page_size(which.limit)?;
    let seats = api.events.taken_seats(which.seats(id, limit + 1)?, who.user_id).await?;
    let holds = seats.ok_or_else(|| Problem::not_found("event"))?;
    Ok(Json(List::page(holds, limit, |hold| hold.seat.to_string(), HoldShape::from)))
}
