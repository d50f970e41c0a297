//! The start page and the docs page, both out of this program: a browser that opens them asks no other host for anything.

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// The docs page styles its parts inline and has pictures within its style sheet; its scripts are files like all others.
const DOCS_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; \
                           base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The pages, with the description of the API at `/openapi.json`.
pub(super) fn routes(api: OpenApi) -> Router {
    // Its badge would send the address of the description to an outside service.
    let config = Config::default().validator_url("none").with_credentials(true).try_it_out_enabled(false);
    let docs: Router = SwaggerUi::new("/docs").url("/openapi.json", api).config(config).into();
    let docs = docs.layer(SetResponseHeaderLayer::overriding(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(DOCS_POLICY),
    ));
    Router::new()
        .route("/", get(|| async { page("text/html; charset=utf-8", include_str!("pages/index.html")) }))
        .route(
            "/index.js",
            get(|| async { page("text/javascript; charset=utf-8", include_str!("pages/index.js")) }),
        )
        .route(
            "/index.css",
            get(|| async { page("text/css; charset=utf-8", include_str!("pages/index.css")) }),
        )
        .merge(docs)
}

fn page(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}
