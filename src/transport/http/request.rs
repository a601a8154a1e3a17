//! An id for each request, a line in the log, metrics, and an answer whatever happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::X_CONTENT_TYPE_OPTIONS;
use http::{HeaderName, HeaderValue, StatusCode};
use tracing::Instrument as _;

use super::health;
use crate::auth::RequestId;
use crate::mcp::catch_panic;
use crate::telemetry::Metrics;

const NAME: HeaderName = HeaderName::from_static("x-request-id");

/// Makes request ids: a random word of this process and a number.
#[derive(Clone, Debug)]
pub(super) struct Names {
    process: Arc<str>,
    next: Arc<AtomicU64>,
    metrics: Arc<Metrics>,
}

impl Names {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        let mut word = [0; 6];
        // Without randomness the numbers still distinguish the requests of one process.
        let _ = getrandom::fill(&mut word);
        Self {
            process: URL_SAFE_NO_PAD.encode(word).into(),
            next: Arc::default(),
            metrics,
        }
    }

    fn next(&self) -> Arc<str> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        format!("{}-{number}", self.process).into()
    }
}

/// The route as declared: what a client wrote must not become a label.
fn route(request: &Request) -> &'static str {
    let known = [
        "/mcp",
        "/authorize",
        "/token",
        "/register",
        "/revoke",
        "/consent",
        "/auth/callback",
        "/auth/callback/{provider}",
        "/account",
        "/healthz",
        "/readyz",
    ];
    let matched = request.extensions().get::<MatchedPath>();
    let Some(path) = matched.map(MatchedPath::as_str) else {
        return "none";
    };
    let path = if path == "/mcp/" { "/mcp" } else { path };
    match known.into_iter().find(|known| *known == path) {
        Some(route) => route,
        None if path.starts_with("/.well-known/") => "/.well-known",
        None => "other",
    }
}

/// Answers under a request id.
pub(super) async fn name<F>(
    names: &Names,
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response
where
    F: Future<Output = Response>,
{
    let since = Instant::now();
    let (id, route) = (names.next(), route(&request));
    let span = tracing::info_span!(
        "request",
        id = &*id,
        route,
        method = request.method().as_str(),
        status = tracing::field::Empty
    );
    let mut request = request;
    request.extensions_mut().insert(RequestId(Arc::clone(&id)));
    request.extensions_mut().insert(span.clone());
    let mut response = barrier(request, answer).instrument(span.clone()).await;
    let status = response.status().as_u16();
    span.record("status", status);
    names.metrics.answered(route, status, since);
    span.in_scope(|| {
        let ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        // Probes come every few seconds, and a tool call has its own line.
        let is_told = route == "/mcp" && response.status().is_success();
        if is_told || health::is_one(route) {
            tracing::debug!(status, ms, "answered");
        } else {
            tracing::info!(status, ms, "answered");
        }
    });
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(NAME, id);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A panic becomes an answer that names the request alone.
pub(super) async fn barrier<F>(request: Request, answer: impl FnOnce(Request) -> F) -> Response
where
    F: Future<Output = Response>,
{
    let name = request.extensions().get::<RequestId>().cloned();
    catch_panic(async { answer(request).await }, || {
        let id = name.map_or_else(|| "none".into(), |RequestId(id)| id);
        tracing::error!("panic while answering");
        let text = format!("Internal error (request {id}).\n");
        (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
    })
    .await
}
