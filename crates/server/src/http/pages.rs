//! The web application and the docs page, both served by this program: they load nothing from
//! another host.
//!
//! Promises: an address without a route is a page of the application, which routes by itself;
//! addresses of the API never are, nor what looks like a file.

mod app;

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, Method, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::layers;

/// The docs page styles its parts inline and has pictures within its style sheet; its scripts are
/// files like all others.
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
    Router::new().route("/", get(elsewhere)).merge(docs)
}

/// Whatever no route has: files and pages of the application, else nothing.
pub(super) async fn elsewhere(request: Request) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads && !is_of_an_api(request.uri().path()) {
        return app::serve(&request);
    }
    layers::not_found().into_response()
}

/// Whether an address is of the API in this version or another: `/v1/…`. A mistyped one is not
/// answered with a page.
fn is_of_an_api(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    first
        .strip_prefix('v')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_the_api_are_not_pages() {
        for api in ["/v1", "/v1/events", "/v2/orders", "/v12/"] {
            assert!(is_of_an_api(api), "{api}");
        }
        for page in ["/", "/events/evt_1", "/v", "/venues", "/v1x/y"] {
            assert!(!is_of_an_api(page), "{page}");
        }
    }
}
