//! Events: sellers make and change them, everyone browses those on sale.
//!
//! Never: shows a draft to anyone but its seller; others get 404.

mod input;

use std::{sync::Arc, time::Duration};

use api::{
    event::{EventEntry, EventShape},
    problem::{Code, Problem, Refused},
    shapes::{List, Page, cursor, page_size},
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use event_ticketing::{
    Event, EventStatus, Events, Refusal,
    ports::{EventPage, Listed},
};
use kernel::{EventId, SectionName, Violation, limits, violation::code};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    principal::{Seller, SignedIn},
    strict::{NoBody, PathOf, StrictJson, StrictQuery, from_path},
};
use crate::live::SeatMaps;
use input::{EventChange, NewEvent};

/// How long an answer waits for the sections that it puts on sale to open, so that what the seller
/// does next finds them.
const OPENING: Duration = Duration::from_secs(2);

/// What these routes need.
#[derive(Clone)]
pub struct EventsApi {
    pub events: Events,
    pub maps: Arc<SeatMaps>,
}

pub fn routes(api: EventsApi) -> OpenApiRouter {
    described().with_state(api)
}

/// The routes without what they need: to be described.
pub(super) fn described() -> OpenApiRouter<EventsApi> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(own))
        .routes(routes!(read, change))
        .routes(routes!(publish))
        .routes(routes!(change_price))
}

impl EventsApi {
    /// The event with the counts of its seats.
    fn shape(&self, event: &Event) -> EventShape {
        EventShape::of(event, self.maps.counts(event.id).as_ref())
    }

    fn page(&self, events: Vec<Event>, limit: u32) -> List<EventEntry> {
        let entry = |event: Event| EventEntry::of(&event, self.maps.total(event.id));
        List::page(events, limit, |event| event.id.to_string(), entry)
    }

    /// Waits until the sections of an event on sale are open, so that everybody can book it.
    async fn opened(&self, event: &Event) {
        if event.status == EventStatus::OnSale {
            self.maps.wait_until_open(event.id, event.sections.len(), OPENING).await;
        }
    }
}

fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::NotFound => Problem::not_found("event"),
        Refusal::SectionNotFound => Problem::not_found("section"),
        Refusal::OnSale => {
            let detail = "The event is on sale; its seating, currency and booking limit cannot change.";
            Problem::new(Code::WrongState, detail)
        }
        Refusal::Invalid(violations) => Problem::invalid(violations),
    }
}

/// Create an event with its seating, as a draft or on sale at once.
#[utoipa::path(post, path = "/v1/events", tag = "events", request_body = NewEvent, security(("bearer" = []), ("cookie" = [])),
    responses((status = 201, body = EventShape), Refused<401, 403, 422>))]
async fn create(
    State(api): State<EventsApi>,
    who: Seller,
    StrictJson(new): StrictJson<NewEvent>,
) -> Result<Response, Problem> {
    let on_sale = new.on_sale();
    let draft = new.read().map_err(Problem::invalid)?;
    let id = EventId::new(Uuid::now_v7());
    let event = api.events.create(id, who.user_id, draft, on_sale).await?.map_err(refused)?;
    api.opened(&event).await;
    Ok((StatusCode::CREATED, Json(api.shape(&event))).into_response())
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Search {
    /// The `next_cursor` of the page before.
    after: Option<String>,
    /// Entries on the page, 1–100; 20 when absent.
    limit: Option<u32>,
    /// Words that the name or the venue contains, in any case.
    q: Option<String>,
}

/// The events on sale, the newest first.
#[utoipa::path(get, path = "/v1/events", tag = "events", params(Search),
    responses((status = 200, body = List<EventEntry>), Refused<422>))]
async fn list(
    State(api): State<EventsApi>,
    StrictQuery(search): StrictQuery<Search>,
) -> Result<Json<List<EventEntry>>, Problem> {
    let limit = page_size(search.limit)?;
    let before = cursor(search.after)?;
    if search.q.as_ref().is_some_and(|q| q.chars().count() > limits::SEARCH_CHARS) {
        let detail = format!("Must be at most {} characters long.", limits::SEARCH_CHARS);
        return Err(Problem::invalid(vec![Violation::new("/q", code::INVALID_FORMAT, detail)]));
    }
    let listed = Listed::OnSale { words: search.q.unwrap_or_default() };
    let events = api.events.events(EventPage { listed, before, limit: limit + 1 }).await?;
    Ok(Json(api.page(events, limit)))
}

/// The own events, drafts too, the newest first.
#[utoipa::path(get, path = "/v1/me/events", tag = "events", params(Page), security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = List<EventEntry>), Refused<401, 403, 422>))]
async fn own(
    State(api): State<EventsApi>,
    who: Seller,
    StrictQuery(page): StrictQuery<Page>,
) -> Result<Json<List<EventEntry>>, Problem> {
    let limit = page_size(page.limit)?;
    let before = cursor(page.after)?;
    let listed = Listed::Of(who.user_id);
    let events = api.events.events(EventPage { listed, before, limit: limit + 1 }).await?;
    Ok(Json(api.page(events, limit)))
}

/// One event, with its sections, prices and counts.
#[utoipa::path(get, path = "/v1/events/{id}", tag = "events", params(("id" = String, Path)),
    responses((status = 200, body = EventShape), Refused<404>))]
async fn read(
    State(api): State<EventsApi>,
    who: Result<SignedIn, Problem>,
    PathOf(id): PathOf<String>,
) -> Result<Json<EventShape>, Problem> {
    let id: EventId = from_path(&id, "event")?;
    let viewer = who.as_ref().ok().map(|who| who.principal.user_id);
    let found = api.events.event(id, viewer).await?;
    // While sessions cannot be looked up, a draft may be the caller's own.
    let fault = who.err().filter(|problem| problem.code() != Code::NotSignedIn);
    let event = found.ok_or_else(|| fault.unwrap_or_else(|| Problem::not_found("event")))?;
    Ok(Json(api.shape(&event)))
}

/// Change an event.
///
/// A draft changes in everything. The plan, currency and booking limit of an event on sale are
/// fixed.
#[utoipa::path(patch, path = "/v1/events/{id}", tag = "events", request_body = EventChange, params(("id" = String, Path)),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = EventShape), Refused<404, 409, 422>))]
async fn change(
    State(api): State<EventsApi>,
    who: Seller,
    PathOf(id): PathOf<String>,
    StrictJson(change): StrictJson<EventChange>,
) -> Result<Json<EventShape>, Problem> {
    let id: EventId = from_path(&id, "event")?;
    let edit = change.read().map_err(Problem::invalid)?;
    let event = api.events.edit(id, who.user_id, edit).await?.map_err(refused)?;
    Ok(Json(api.shape(&event)))
}

/// Put an event on sale. Doing it twice is the same as once.
#[utoipa::path(post, path = "/v1/events/{id}/publish", tag = "events", params(("id" = String, Path)),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = EventShape), Refused<404, 422>))]
async fn publish(
    State(api): State<EventsApi>,
    who: Seller,
    PathOf(id): PathOf<String>,
    _: NoBody,
) -> Result<Json<EventShape>, Problem> {
    let id: EventId = from_path(&id, "event")?;
    let event = api.events.publish(id, who.user_id).await?.map_err(refused)?;
    api.opened(&event).await;
    Ok(Json(api.shape(&event)))
}

/// A new price of one seat.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPrice {
    /// In minor units of the event's currency.
    price_minor: i64,
}

/// Change a section's price, for later bookings only.
#[utoipa::path(patch, path = "/v1/events/{id}/sections/{name}", tag = "events", request_body = NewPrice,
    params(("id" = String, Path), ("name" = String, Path)), security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = EventShape), Refused<404, 422>))]
async fn change_price(
    State(api): State<EventsApi>,
    who: Seller,
    PathOf((id, name)): PathOf<(String, String)>,
    StrictJson(new): StrictJson<NewPrice>,
) -> Result<Json<EventShape>, Problem> {
    let id: EventId = from_path(&id, "event")?;
    let name: SectionName = from_path(&name, "section")?;
    let event = api.events.change_price(id, who.user_id, name, new.price_minor).await?.map_err(refused)?;
    Ok(Json(api.shape(&event)))
}
