//! What those who run the server ask: does it live, is it ready and if not why, its metrics.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::health::Health;

#[derive(Clone)]
pub(super) struct Operations {
    pub(super) health: Arc<Health>,
    pub(super) metrics: PrometheusHandle,
}

/// Whether the server takes requests, and if not, why.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Readiness {
    /// `ready` or `not ready`.
    status: &'static str,
    reasons: Vec<Reason>,
}

/// A part that cannot do its work.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Reason {
    part: String,
    reason: String,
}

pub(super) fn routes(operations: Operations) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(livez))
        .routes(routes!(readyz))
        .routes(routes!(metrics))
        .with_state(operations)
}

/// Answers as long as the process lives.
#[utoipa::path(get, path = "/livez", tag = "operations", responses((status = 200, description = "It lives", body = String)))]
async fn livez() -> &'static str {
    "live\n"
}

/// 200 when every part works, else 503 with the reasons.
#[utoipa::path(get, path = "/readyz", tag = "operations",
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
async fn readyz(State(operations): State<Operations>) -> Response {
    let reasons: Vec<Reason> =
        operations.health.troubles().into_iter().map(|(part, reason)| Reason { part, reason }).collect();
    let (code, status) = match reasons.as_slice() {
        [] => (StatusCode::OK, "ready"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
    };
    (code, [(header::CACHE_CONTROL, "no-store")], Json(Readiness { status, reasons })).into_response()
}

/// Metrics in Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "operations", responses((status = 200, body = String)))]
async fn metrics(State(operations): State<Operations>) -> Response {
    crate::telemetry::measure_process();
    let text = operations.metrics.render();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
