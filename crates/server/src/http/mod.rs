//! HTTP: the routes of all services behind one address.
//!
//! How a service adds its routes: a file here with `pub fn routes(state: X) -> OpenApiRouter`,
//! where `X` is the file's own `Clone` state (an `Arc` of what it calls) given by
//! `.with_state(state)`; `wiring` builds it and hands it to [`router`]. Handlers are described by
//! `#[utoipa::path]`, name who may call them by an extractor of [`principal`], read input by those
//! of [`strict`], and answer `Result<_, Problem>`.
//!
//! Promises: every answer that is not a success is a [`api::problem::Problem`]; `/openapi.json` is
//! made from the code.
//! Never: a business rule.

pub mod address;
pub mod bookings;
mod carry;
pub mod events;
pub mod idempotency;
mod layers;
pub mod live;
mod operations;
mod pages;
pub mod principal;
mod rest;
pub mod sales;
pub mod seats;
pub mod serve;
pub mod strict;
pub mod tickets;
pub mod users;

use std::sync::Arc;

use api::problem::{ProblemBody, ProblemEntry};
use axum::{Extension, Router, extract::DefaultBodyLimit, middleware::from_fn};
use kernel::limits;
use metrics_exporter_prometheus::PrometheusHandle;
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, timeout::RequestBodyTimeoutLayer};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    gate::{SessionGate, Sessions},
    health::Health,
};
use address::TrustedProxies;
use principal::SESSION_COOKIE;

/// What the door needs besides the services' own routes.
pub struct Edge {
    pub sessions: Arc<dyn Sessions>,
    pub health: Arc<Health>,
    pub metrics: PrometheusHandle,
    pub trusted_proxies: TrustedProxies,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ticketing",
        description = "Reserved seats, sold once. Errors are problem details (RFC 9457) with a stable `code`. Sign in with \
                       `POST /v1/sessions`, then send the token as `Authorization: Bearer`, or keep the cookie."
    ),
    components(schemas(ProblemBody<'static>, ProblemEntry<'static>)),
    modifiers(&SignIn),
)]
struct Api;

struct SignIn;

impl Modify for SignIn {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let components = api.components.get_or_insert_default();
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(SESSION_COOKIE)));
        components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        components.add_security_scheme("cookie", cookie);
    }
}

/// Describes the routes of every role, whichever this process has: a client sees one system.
fn whole_api() -> utoipa::openapi::OpenApi {
    let services = [
        users::described().into_openapi(),
        events::described().into_openapi(),
        seats::described().into_openapi(),
        bookings::described().into_openapi(),
        live::described_booking().into_openapi(),
        tickets::described().into_openapi(),
        sales::described().into_openapi(),
        live::described_sales().into_openapi(),
        operations::described().into_openapi(),
    ];
    services.into_iter().fold(Api::openapi(), utoipa::openapi::OpenApi::merge_from)
}

/// All routes, with everything that surrounds them.
pub fn router(edge: Edge, services: impl IntoIterator<Item = OpenApiRouter>) -> Router {
    let operations = operations::Operations { health: edge.health, metrics: edge.metrics };
    let all = services.into_iter().fold(operations::routes(operations), OpenApiRouter::merge);
    let routes: Router = all.into();
    let inside = ServiceBuilder::new()
        .layer(from_fn(layers::protect))
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(RequestBodyTimeoutLayer::new(limits::REQUEST_BODY_PAUSE))
        .map_request(|request: axum::http::Request<_>| request.map(axum::body::Body::new))
        .layer(from_fn(layers::refuse_other_sites))
        .layer(from_fn(layers::refuse_encoded))
        .layer(DefaultBodyLimit::max(limits::REQUEST_BODY_BYTES))
        .layer(Extension(SessionGate(edge.sessions)))
        .layer(Extension(edge.trusted_proxies));
    routes
        .merge(pages::routes(whole_api()))
        .method_not_allowed_fallback(layers::method_not_allowed)
        .fallback(pages::elsewhere)
        .layer(inside)
        .layer(from_fn(rest::settled))
        .layer(from_fn(layers::observe))
        .layer(from_fn(carry::to_the_end))
}

#[cfg(test)]
mod tests;
