//! Private streams: a buyer's bookings, a seller's sales.
//!
//! Promises: they end within seconds of the session's end. Never: shows whether something exists
//! that the caller may not see.

use std::sync::Arc;

use api::problem::{Problem, Refused};
use axum::{extract::State, http::HeaderMap, response::Response};
use kernel::{BookingId, EventId};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    principal::{Buyer, Seller, SignedIn},
    strict::{PathOf, from_path},
};
use crate::{
    drain::Drain,
    gate::LiveSession,
    live::{
        bookings::{BookingHub, OwnBookings},
        sales::SalesHub,
        sse::{self, Setting, Source},
        streams::{Streams, Viewer},
    },
};

/// What every stream needs.
#[derive(Clone)]
pub struct Outlet {
    pub streams: Streams,
    pub drain: Drain,
}

/// What the streams of bookings need.
#[derive(Clone)]
pub struct BookingStreamsApi {
    pub hub: Arc<BookingHub>,
    pub own: Arc<dyn OwnBookings>,
    pub outlet: Outlet,
}

/// What the stream of sales needs.
#[derive(Clone)]
pub struct SalesStreamApi {
    pub sales: Arc<SalesHub>,
    pub outlet: Outlet,
}

pub fn booking_routes(api: BookingStreamsApi) -> OpenApiRouter {
    described_booking().with_state(api)
}

/// The routes without what they need: to be described.
pub(super) fn described_booking() -> OpenApiRouter<BookingStreamsApi> {
    OpenApiRouter::new().routes(routes!(booking)).routes(routes!(me))
}

pub fn sales_routes(api: SalesStreamApi) -> OpenApiRouter {
    described_sales().with_state(api)
}

/// The routes without what they need: to be described.
pub(super) fn described_sales() -> OpenApiRouter<SalesStreamApi> {
    OpenApiRouter::new().routes(routes!(sales))
}

impl Outlet {
    /// Opens a stream for `viewer`, unless there are too many, and only then looks for its source;
    /// one of a session ends with it.
    pub(super) async fn respond<S: Source>(
        &self,
        viewer: Viewer,
        session: Option<LiveSession>,
        kind: &'static str,
        source: impl Future<Output = Result<S, Problem>>,
    ) -> Result<Response, Problem> {
        let permit = self.streams.open(viewer, kind)?;
        Ok(sse::respond(source.await?, Setting { drain: self.drain.clone(), permit, session }))
    }
}

/// One own booking as it changes, as server-sent events.
///
/// Each event `booking` carries the booking in the shape of `GET /v1/bookings/{id}`, the present
/// state first. `reset` means that changes may have been missed; the present state follows.
#[utoipa::path(get, path = "/v1/bookings/{id}/live", tag = "bookings", security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path), ("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, body = String, content_type = "text/event-stream"), Refused<401, 404, 429>))]
async fn booking(
    State(api): State<BookingStreamsApi>,
    who: SignedIn,
    PathOf(id): PathOf<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id: BookingId = from_path(&id, "booking")?;
    let buyer = who.principal.user_id;
    let source = async {
        api.own.one(buyer, id).await?.ok_or_else(|| Problem::not_found("booking"))?;
        Ok(api.hub.watch(buyer, Some(id), sse::last_event_id(&headers), Arc::clone(&api.own)))
    };
    api.outlet.respond(Viewer::User(buyer), Some(who.session), "bookings", source).await
}

/// All own bookings as they change, as server-sent events; the unfinished ones first.
///
/// Events as in `/v1/bookings/{id}/live`. Send the last id as `Last-Event-ID` to get what was
/// missed.
#[utoipa::path(get, path = "/v1/me/live", tag = "bookings", security(("bearer" = []), ("cookie" = [])),
    params(("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, body = String, content_type = "text/event-stream"), Refused<401, 429>))]
async fn me(
    State(api): State<BookingStreamsApi>,
    who: Buyer,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let last = sse::last_event_id(&headers);
    let source = async { Ok(api.hub.watch(who.user_id, None, last, Arc::clone(&api.own))) };
    api.outlet.respond(Viewer::User(who.user_id), Some(who.session), "bookings", source).await
}

/// The sales of an own event as they change, as server-sent events.
///
/// Each event `sales` has the shape of `GET /v1/events/{id}/sales`; at most two a second.
#[utoipa::path(get, path = "/v1/events/{id}/sales/live", tag = "sales", security(("bearer" = []), ("cookie" = [])),
    params(("id" = String, Path)),
    responses((status = 200, body = String, content_type = "text/event-stream"), Refused<401, 404, 429>))]
async fn sales(
    State(api): State<SalesStreamApi>,
    who: Seller,
    PathOf(id): PathOf<String>,
) -> Result<Response, Problem> {
    let event: EventId = from_path(&id, "event")?;
    let nothing = || Problem::not_found("event");
    let source = async { api.sales.watch(who.user_id, event).await?.ok_or_else(nothing) };
    api.outlet.respond(Viewer::User(who.user_id), Some(who.session), "sales", source).await
}
