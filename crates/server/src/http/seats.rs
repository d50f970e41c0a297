//! The public view of an event's seats: a subsection's seats, and the stream of all changes.
//!
//! Never: says who holds a seat.

use std::sync::Arc;

use api::{
    problem::{Problem, Refused},
    seats::{SeatsChange, Snapshot, SubsectionChange, SubsectionSeats},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use kernel::{EventId, SectionName, limits};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    address::ClientAddress,
    live::Outlet,
    principal::SignedIn,
    strict::{PathOf, from_path},
};
use crate::live::{SeatMaps, seat_maps::Seats, sse, streams::Viewer};

const COMPACT: &str = "application/octet-stream";

/// What these routes need.
#[derive(Clone)]
pub struct SeatsApi {
    pub maps: Arc<SeatMaps>,
    pub outlet: Outlet,
}

pub fn routes(api: SeatsApi) -> OpenApiRouter {
    described().with_state(api)
}

/// The routes without what they need: to be described.
pub(super) fn described() -> OpenApiRouter<SeatsApi> {
    OpenApiRouter::new().routes(routes!(seats)).routes(routes!(live))
}

impl SeatsApi {
    /// Waits for what was put on sale a moment ago.
    async fn open(&self, event: EventId, section: Option<&SectionName>) -> Result<(), Problem> {
        if self.maps.wait_for(event, section, limits::EVENT_OPENS).await {
            return Ok(());
        }
        Err(Problem::not_found(if section.is_some() { "event or section" } else { "event" }))
    }
}

/// Every seat of a subsection with its status.
///
/// With `Accept: application/octet-stream` in a compact form: rows and seats per row (16 bits
/// each), available, reserved and sold (32 bits each), all big-endian, then two bits per seat, row
/// after row, four seats a byte with the first in the lowest bits: 0 available, 1 reserved, 2 sold.
#[utoipa::path(get, path = "/v1/events/{id}/sections/{section}/subsections/{subsection}/seats", tag = "seats",
    params(("id" = String, Path), ("section" = String, Path), ("subsection" = u16, Path)),
    responses(
        (status = 200, content((SubsectionSeats = "application/json"), (Vec<u8> = "application/octet-stream"))),
        Refused<404>
    ))]
async fn seats(
    State(api): State<SeatsApi>,
    PathOf((event, section, subsection)): PathOf<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let event: EventId = from_path(&event, "event")?;
    let section: SectionName = from_path(&section, "section")?;
    let subsection: u16 = from_path(&subsection, "subsection")?;
    api.open(event, Some(&section)).await?;
    let seats = api.maps.seats(event, &section, subsection, wants_compact(&headers));
    let vary = (header::VARY, HeaderValue::from_static("accept"));
    match seats.ok_or_else(|| Problem::not_found("subsection"))? {
        Seats::Json(seats) => Ok(([vary], Json(seats)).into_response()),
        Seats::Compact(bytes) => {
            Ok(([vary, (header::CONTENT_TYPE, HeaderValue::from_static(COMPACT))], bytes).into_response())
        }
    }
}

fn wants_compact(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|kind| kind.split(';').next().unwrap_or_default().trim() == COMPACT)
}

/// The seats of an event as they change, as server-sent events.
///
/// First `snapshot`, then per tick (at most 10 a second) for each subsection that changed
/// `subsection` with its counts and `seats` with its changes. A later `snapshot` replaces
/// everything before it: after a change of the plan or of a price, and for viewers that fell
/// behind. Send the last id as `Last-Event-ID` to get what was missed, or a snapshot.
#[utoipa::path(get, path = "/v1/events/{id}/live", tag = "seats",
    params(("id" = String, Path), ("Last-Event-ID" = Option<String>, Header)),
    responses(
        (status = 200, content((Snapshot = "text/event-stream"), (SubsectionChange = "text/event-stream; event=subsection"),
            (SeatsChange = "text/event-stream; event=seats"))),
        Refused<404, 429>
    ))]
async fn live(
    State(api): State<SeatsApi>,
    PathOf(event): PathOf<String>,
    who: Result<SignedIn, Problem>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let event: EventId = from_path(&event, "event")?;
    // Without a session, or while sessions cannot be looked up, a stream of the address.
    let viewer = who.map_or(Viewer::Address(address), |who| Viewer::User(who.principal.user_id));
    let source = async {
        api.open(event, None).await?;
        api.maps.watch(event, sse::last_event_id(&headers)).ok_or_else(|| Problem::not_found("event"))
    };
    api.outlet.respond(viewer, None, "seats", source).await
}
