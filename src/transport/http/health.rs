//! Liveness and readiness.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::{CONNECTION, RETRY_AFTER};
use http::{HeaderValue, StatusCode};

use super::draining::Draining;
use crate::auth::Gate;

/// `Retry-After` while this process shuts down, in seconds.
const AGAIN: &str = "1";

#[derive(Clone, Debug)]
struct Health {
    gate: Arc<dyn Gate>,
    draining: Draining,
}

/// `/healthz` and `/readyz`.
pub(super) fn router(gate: Arc<dyn Gate>, draining: Draining) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(Health { gate, draining })
}

async fn ready(State(health): State<Health>) -> Response {
    let (status, text) = if health.draining.has_begun() {
        (StatusCode::SERVICE_UNAVAILABLE, "ending\n")
    } else if health.gate.ready().await {
        (StatusCode::OK, "ready\n")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer\n",
        )
    };
    (status, text).into_response()
}

/// Whether `path` is one of [`router`].
pub(super) fn is_one(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

/// A process that shuts down is not ready.
pub(super) fn turned_away() -> Response {
    let headers = [
        (RETRY_AFTER, HeaderValue::from_static(AGAIN)),
        (CONNECTION, HeaderValue::from_static("close")),
    ];
    let text = "This server ends; another one answers.\n";
    (StatusCode::SERVICE_UNAVAILABLE, headers, text).into_response()
}
