//! A buyer's bookings: create, read, pay and cancel.
//!
//! Promises: another's booking answers as an absent one. Never: takes a price, a status or a
//! deadline from the caller.

mod input;

use std::{sync::Arc, time::Duration};

use adapters::sql::booking::SqlBookingStore;
use api::{
    booking::{BookingShape, PaymentMethodsShape},
    problem::{Code, Problem, Refused},
    shapes::{List, cursor, page_size, parameter},
};
use axum::{Json, extract::State};
use booking::{
    AttemptId, Booking, Bookings, Status, WrongState,
    app::{
        cancel::CancelOutcome,
        create_booking::CreateOutcome,
        pay::{PayOutcome, PayRefusal},
    },
    decision::RequestKey,
    ports::History,
};
use kernel::{BookingId, Violation, limits, violation::code};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use self::input::{NewBookingBody, PayBody};
use super::{
    idempotency::IdempotencyKey,
    principal::{Buyer, SignedIn},
    strict::{NoBody, PathOf, StrictJsonBytes, StrictQuery, from_path},
};
use crate::{drain::Drain, live::bookings::BookingHub};

/// The booking service of this program.
pub type BookingService = Bookings<SqlBookingStore>;

/// What these routes need.
#[derive(Clone)]
pub struct BookingsApi {
    pub bookings: BookingService,
    pub hub: Arc<BookingHub>,
    pub drain: Drain,
}

pub fn routes(api: BookingsApi) -> OpenApiRouter {
    described().with_state(api)
}

/// The routes without what they need: to be described.
pub(super) fn described() -> OpenApiRouter<BookingsApi> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(one))
        .routes(routes!(pay))
        .routes(routes!(cancel))
        .routes(routes!(payment_methods))
}

/// Book seats: best available, or chosen ones.
///
/// The booking is `processing` at first. Listen to its stream, or ask with `?wait=10`.
#[utoipa::path(post, path = "/v1/bookings", tag = "bookings", request_body = NewBookingBody,
    params(("Idempotency-Key" = Option<String>, Header)), security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = BookingShape), Refused<401, 403, 404, 409, 422>))]
async fn create(
    State(api): State<BookingsApi>,
    who: Buyer,
    key: Option<IdempotencyKey>,
    StrictJsonBytes(body, bytes): StrictJsonBytes<NewBookingBody>,
) -> Result<Json<BookingShape>, Problem> {
    let (event_id, request) = body.read().map_err(Problem::invalid)?;
    let Some(event) = api.bookings.event(event_id, limits::EVENT_OPENS).await? else {
        return Err(Problem::new(Code::EventNotOnSale, "No event with this id is on sale."));
    };
    let key = key.map(|key| RequestKey { key: key.0, body_hash: digest(&[&bytes]) });
    let id = BookingId::new(Uuid::now_v7());
    match api.bookings.create(id, who.user_id, &event, request, key).await? {
        CreateOutcome::Created(booking) | CreateOutcome::Repeated(booking) => {
            Ok(Json(BookingShape::from(&booking)))
        }
        CreateOutcome::KeyReused => Err(key_reused()),
        CreateOutcome::Invalid(violations) => Err(Problem::invalid(violations)),
    }
}

/// Which bookings are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct HistoryQuery {
    /// Such as `paid`; all when absent.
    status: Option<String>,
    /// The `next_cursor` of the page before.
    after: Option<String>,
    /// Entries on the page, 1–100; 20 when absent.
    limit: Option<u32>,
}

/// The own bookings, the newest first.
#[utoipa::path(get, path = "/v1/bookings", tag = "bookings", params(HistoryQuery),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = List<BookingShape>), Refused<401, 422>))]
async fn list(
    State(api): State<BookingsApi>,
    who: Buyer,
    StrictQuery(query): StrictQuery<HistoryQuery>,
) -> Result<Json<List<BookingShape>>, Problem> {
    let limit = page_size(query.limit)?;
    let status: Option<Status> = parameter(query.status, "/status", "Must be a booking status.")?;
    let before = cursor(query.after)?;
    let page = History { buyer_id: who.user_id, status, before, limit: limit + 1 };
    let found = api.bookings.history(page).await?;
    let id = |booking: &Booking| booking.id.to_string();
    Ok(Json(List::page(found, limit, id, |booking| BookingShape::from(&booking))))
}

/// How long the answer may wait.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct WaitQuery {
    /// Seconds to wait, 0–30, for a booking to leave `processing`.
    wait: Option<u64>,
}

/// One own booking.
///
/// With `wait`, the answer comes once it is decided, that time has passed or the server shuts down.
#[utoipa::path(get, path = "/v1/bookings/{id}", tag = "bookings", params(("id" = String, Path), WaitQuery),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = BookingShape), Refused<401, 404, 422>))]
async fn one(
    State(api): State<BookingsApi>,
    who: SignedIn,
    PathOf(id): PathOf<String>,
    StrictQuery(query): StrictQuery<WaitQuery>,
) -> Result<Json<BookingShape>, Problem> {
    let id: BookingId = from_path(&id, "booking")?;
    let wait = query.wait.unwrap_or(0);
    if wait > limits::WAIT_SECONDS {
        let detail = format!("`wait` must be at most {} seconds.", limits::WAIT_SECONDS);
        return Err(Problem::invalid(vec![Violation::new("/wait", code::OUT_OF_RANGE, detail)]));
    }
    let read = async || {
        api.bookings.own(who.principal.user_id, id).await?.ok_or_else(|| Problem::not_found("booking"))
    };
    let booking = if wait == 0 {
        read().await?
    } else {
        // Listen first, then read, then wait: so no decision is missed.
        let decided = api.hub.decision_of(id);
        let booking = read().await?;
        let is_decided = async {
            tokio::select! {
                () = decided => true,
                () = api.drain.cancelled() => false,
                () = tokio::time::sleep(Duration::from_secs(wait)) => false,
            }
        };
        if booking.status() == Status::Processing && is_decided.await { read().await? } else { booking }
    };
    Ok(Json(BookingShape::from(&booking)))
}

/// The payment methods: the values of `payment_method`, and the code that a page translates.
#[utoipa::path(get, path = "/v1/payment-methods", tag = "bookings",
    responses((status = 200, body = PaymentMethodsShape)))]
async fn payment_methods(State(api): State<BookingsApi>) -> Json<PaymentMethodsShape> {
    Json(PaymentMethodsShape::from(api.bookings.payment_methods()))
}

/// Pay a booking that awaits payment.
///
/// While the outcome is open, `payment.status` is `unknown` or `pending`.
#[utoipa::path(post, path = "/v1/bookings/{id}/pay", tag = "bookings", request_body = PayBody,
    params(("id" = String, Path), ("Idempotency-Key" = String, Header)),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = BookingShape), Refused<400, 402, 404, 409, 410, 422>))]
async fn pay(
    State(api): State<BookingsApi>,
    who: SignedIn,
    PathOf(id): PathOf<String>,
    IdempotencyKey(key): IdempotencyKey,
    StrictJsonBytes(body, bytes): StrictJsonBytes<PayBody>,
) -> Result<Json<BookingShape>, Problem> {
    let id: BookingId = from_path(&id, "booking")?;
    let method = body.payment_method;
    if !api.bookings.accepts_method(&method) {
        let detail = "Unknown payment method.";
        return Err(Problem::invalid(vec![Violation::new("/payment_method", code::INVALID_FORMAT, detail)]));
    }
    let key = RequestKey { key, body_hash: digest(&[id.as_bytes(), &bytes]) };
    let attempt = AttemptId::new(format!("pay_{}", Uuid::now_v7().simple()));
    match api.bookings.pay(id, who.principal.user_id, method, key, attempt).await? {
        PayOutcome::Paid(booking) | PayOutcome::NotKnownYet(booking) => {
            Ok(Json(BookingShape::from(&booking)))
        }
        PayOutcome::Refused(refusal) => Err(refused(refusal)),
    }
}

fn refused(refusal: PayRefusal) -> Problem {
    match refusal {
        PayRefusal::NotFound => Problem::not_found("booking"),
        PayRefusal::KeyReused => key_reused(),
        PayRefusal::KeyInUse => Problem::new(
            Code::IdempotencyKeyInUse,
            "The first request with this idempotency key is in progress; try again later.",
        ),
        PayRefusal::PaymentUnderWay => {
            Problem::new(Code::WrongState, "Another payment of this booking is in progress.")
        }
        PayRefusal::WrongState(wrong) => wrong_state(wrong),
        PayRefusal::Expired => Problem::new(Code::HoldExpired, "The payment deadline has passed."),
        PayRefusal::Declined => {
            Problem::new(Code::PaymentDeclined, "The payment was declined; try another payment method.")
        }
    }
}

/// Cancel a booking and release its seats. Doing it twice is the same as once.
#[utoipa::path(post, path = "/v1/bookings/{id}/cancel", tag = "bookings", params(("id" = String, Path)),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = BookingShape), Refused<404, 409, 422>))]
async fn cancel(
    State(api): State<BookingsApi>,
    who: SignedIn,
    PathOf(id): PathOf<String>,
    _: NoBody,
) -> Result<Json<BookingShape>, Problem> {
    let id: BookingId = from_path(&id, "booking")?;
    let shape = |booking: Booking| Ok(Json(BookingShape::from(&booking)));
    match api.bookings.cancel(id, who.principal.user_id).await? {
        CancelOutcome::Cancelled(booking) | CancelOutcome::AlreadyCancelled(booking) => shape(booking),
        CancelOutcome::NotFound => Err(Problem::not_found("booking")),
        CancelOutcome::WrongState(wrong) => Err(wrong_state(wrong)),
    }
}

fn wrong_state(WrongState { is, wanted }: WrongState) -> Problem {
    Problem::new(Code::WrongState, format!("A booking in state `{is}` cannot become `{wanted}`."))
}

fn key_reused() -> Problem {
    Problem::new(
        Code::IdempotencyKeyReused,
        "The idempotency key was used for a different request; use a new key.",
    )
}

/// A digest of everything that a request says.
fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hex::encode(hash.finalize())
}
