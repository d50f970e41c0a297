//! Operations: liveness, readiness with its reasons, and metrics.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::PrometheusHandle;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::health::Health;

#[derive(Clone)]
pub(super) struct Operations {
    pub(super) health: Arc<Health>,
    pub(super) metrics: PrometheusHandle,
}

pub(super) fn routes(operations: Operations) -> OpenApiRouter {
    described().with_state(operations)
}

/// The routes without what they need: to be described.
pub(super) fn described() -> OpenApiRouter<Operations> {
    OpenApiRouter::new().routes(routes!(livez)).routes(routes!(readyz)).routes(routes!(metrics))
}

/// Answers as long as the process lives.
#[utoipa::path(get, path = "/livez", tag = "operations", responses((status = 200, description = "It lives", body = String)))]
async fn livez() -> &'static str {
    "ok\n"
}

/// `ok` when every part works, else 503 and a line for each that does not: its name and the reason.
#[utoipa::path(get, path = "/readyz", tag = "operations",
    responses((status = 200, body = String), (status = 503, body = String)))]
async fn readyz(State(operations): State<Operations>) -> Response {
    let troubles = operations.health.troubles();
    let mut text = String::new();
    for (part, reason) in &troubles {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{part}: {reason}");
    }
    let status = if troubles.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    if troubles.is_empty() {
        text.push_str("ok\n");
    }
    (status, [(header::CACHE_CONTROL, "no-store")], text).into_response()
}

/// Metrics in Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "operations", responses((status = 200, body = String)))]
async fn metrics(State(operations): State<Operations>) -> Response {
    crate::telemetry::measure_process();
    let text = operations.metrics.render();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
