//! Events: sellers make and change them, everyone browses those on sale.
//!
//! Never: shows a draft to anyone but its seller; to others it looks as absent as one that does not exist.

mod input;

use std::{sync::Arc, time::Duration};

use adapters::sql::event_ticketing::{Editing, Publishing, Repricing, SqlEvents};
use api::{
    event::{EventEntry, EventShape},
    problem::{Code, Problem, ProblemBody},
    shapes::{List, Page, page_size},
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use event_ticketing::{Event, EventStatus, app::create_event::create_event};
use kernel::{Clock, EventId, SectionName, Violation, violation::code};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    principal::{Seller, SignedIn},
    strict::{PathOf, StrictJson, StrictQuery, from_path},
};
use crate::live::SeatMaps;
use input::{EventChange, NewEvent};

/// How long an answer waits for the sections that it puts on sale to open, so that what the seller does next finds them.
const OPENING: Duration = Duration::from_secs(2);

/// What these routes need.
#[derive(Clone)]
pub struct EventsApi {
    pub events: SqlEvents,
    pub maps: Arc<SeatMaps>,
    pub clock: Arc<dyn Clock>,
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
        .routes(routes!(reprice))
}

impl EventsApi {
    /// The event as it stands, with the counts of its seats.
    fn shape(&self, event: &Event) -> EventShape {
        EventShape::of(event, self.maps.counts(event.id).as_ref())
    }

    /// `events`: one more than the page holds, when there are more.
    fn page(&self, mut events: Vec<Event>, limit: u32) -> List<EventEntry> {
        let more = events.len() > limit as usize;
        events.truncate(limit as usize);
        let next_cursor = events.last().filter(|_| more).map(|event| event.id.to_string());
        let data = events.iter().map(|event| EventEntry::of(event, self.maps.total(event.id))).collect();
        List { data, next_cursor }
    }

    /// Waits until whoever is told of the event can book it: its sections are in the log, and open.
    async fn opened(&self, event: &Event) -> Result<(), Problem> {
        if event.status == EventStatus::OnSale {
            self.events.in_the_log().await.map_err(|f| f.doing("put an event on sale"))?;
            self.maps.wait_until_open(event.id, event.sections.len(), OPENING).await;
        }
        Ok(())
    }
}

/// Create an event with its seating, as a draft or on sale at once.
#[utoipa::path(post, path = "/v1/events", tag = "events", request_body = NewEvent, security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, body = EventShape),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")
    ))]
async fn create(
    State(api): State<EventsApi>,
    who: Seller,
    StrictJson(new): StrictJson<NewEvent>,
) -> Result<Response, Problem> {
    let on_sale = new.on_sale();
    let now = api.clock.now();
    let id = EventId::new(Uuid::now_v7());
    let draft = new.read(|draft| create_event(draft, id, who.user_id, now)).map_err(Problem::invalid)?;
    let event = api.events.create(draft, on_sale, now).await.map_err(|f| f.doing("create an event"))?;
    api.opened(&event).await?;
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
    responses(
        (status = 200, body = List<EventEntry>),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")
    ))]
async fn list(
    State(api): State<EventsApi>,
    StrictQuery(search): StrictQuery<Search>,
) -> Result<Json<List<EventEntry>>, Problem> {
    let limit = page_size(search.limit)?;
    let before = cursor(search.after)?;
    if search.q.as_ref().is_some_and(|q| q.chars().count() > kernel::limits::SEARCH_CHARS) {
        return Err(malformed("/q", "A search is at most 200 characters long."));
    }
    let events = api
        .events
        .on_sale(before, search.q.as_deref(), limit + 1)
        .await
        .map_err(|f| f.doing("list the events on sale"))?;
    Ok(Json(api.page(events, limit)))
}

/// The own events, drafts too, the newest first.
#[utoipa::path(get, path = "/v1/me/events", tag = "events", params(Page), security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = List<EventEntry>),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")
    ))]
async fn own(
    State(api): State<EventsApi>,
    who: Seller,
    StrictQuery(page): StrictQuery<Page>,
) -> Result<Json<List<EventEntry>>, Problem> {
    let limit = page_size(page.limit)?;
    let before = cursor(page.after)?;
    let events = api.events.of_seller(who.user_id, before, limit + 1).await;
    Ok(Json(api.page(events.map_err(|f| f.doing("list a seller's events"))?, limit)))
}

fn cursor(after: Option<String>) -> Result<Option<EventId>, Problem> {
    let told = "This is the next_cursor of an earlier page.";
    after.map(|after| after.parse().map_err(|_| malformed("/after", told))).transpose()
}

fn malformed(pointer: &str, told: &str) -> Problem {
    Problem::invalid(vec![Violation::new(pointer, code::INVALID_FORMAT, told)])
}

/// One event, with its sections, prices and counts.
#[utoipa::path(get, path = "/v1/events/{id}", tag = "events", params(("id" = String, Path)),
    responses(
        (status = 200, body = EventShape),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")
    ))]
async fn read(
    State(api): State<EventsApi>,
    who: Option<SignedIn>,
    PathOf(id): PathOf<String>,
) -> Result<Json<EventShape>, Problem> {
    let id: EventId = from_path(&id, "event")?;
    let event = api.events.event(id).await.map_err(|f| f.doing("read an event"))?;
    let user = who.map(|who| who.principal.user_id);
    let event = event.filter(|event| event.visible_to(user)).ok_or_else(|| Problem::not_found("event"))?;
    Ok(Json(api.shape(&event)))
}

/// Change an event: a draft in everything, one on sale in what is said about it; its plan, currency and booking limit stay then.
#[utoipa::path(patch, path = "/v1/events/{id}", tag = "events", request_body = EventChange, params(("id" = String, Path)),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = EventShape),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")
    ))]
async fn change(
    State(api): State<EventsApi>,
    who: Seller,
    PathOf(id): PathOf<String>,
    StrictJson(change): StrictJson<EventChange>,
) -> Result<Json<EventShape>, Problem> {
    let id: EventId = from_path(&id, "event")?;
    let edit = change.read().map_err(Problem::invalid)?;
    match api.events.edit(id, who.user_id, edit).await.map_err(|f| f.doing("change an event"))? {
        Editing::NoSuchEvent => Err(Problem::not_found("event")),
        Editing::OnSale => {
            let told = "The event is on sale: its seating, currency and booking limit stay as buyers have seen them.";
            Err(Problem::new(Code::WrongState, told))
        }
        Editing::Invalid(violations) => Err(Problem::invalid(violations)),
        Editing::Done(event) => Ok(Json(api.shape(&event))),
    }
}

/// Put an event on sale. Doing it twice is the same.
#[utoipa::path(post, path = "/v1/events/{id}/publish", tag = "events", params(("id" = String, Path)),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = EventShape),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")
    ))]
async fn publish(
    State(api): State<EventsApi>,
    who: Seller,
    PathOf(id): PathOf<String>,
) -> Result<Json<EventShape>, Problem> {
    let id: EventId = from_path(&id, "event")?;
    let published = api.events.publish(id, who.user_id, api.clock.now()).await;
    match published.map_err(|f| f.doing("publish an event"))? {
        Publishing::NoSuchEvent => Err(Problem::not_found("event")),
        Publishing::Done(event) => {
            api.opened(&event).await?;
            Ok(Json(api.shape(&event)))
        }
    }
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
    responses(
        (status = 200, body = EventShape),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")
    ))]
async fn reprice(
    State(api): State<EventsApi>,
    who: Seller,
    PathOf((id, name)): PathOf<(String, String)>,
    StrictJson(new): StrictJson<NewPrice>,
) -> Result<Json<EventShape>, Problem> {
    let id: EventId = from_path(&id, "event")?;
    let name: SectionName = from_path(&name, "section")?;
    let repriced = api.events.reprice(id, who.user_id, name, new.price_minor, api.clock.now()).await;
    match repriced.map_err(|f| f.doing("change a price"))? {
        Repricing::NoSuchEvent => Err(Problem::not_found("event")),
        Repricing::NoSuchSection => Err(Problem::not_found("section")),
        Repricing::Invalid(violation) => Err(Problem::invalid(vec![violation])),
        Repricing::Done(event) => {
            // A booking made after this answer shall get the new price.
            api.events.in_the_log().await.map_err(|f| f.doing("change a price"))?;
            Ok(Json(api.shape(&event)))
        }
    }
}
