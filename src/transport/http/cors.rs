//! What scripts of listed sites may read: the endpoints for clients, never a page.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, ORIGIN, WWW_AUTHENTICATE};
use http::{HeaderName, Method};
use tower::{Layer as _, ServiceExt as _};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// For how long a browser may cache a preflight.
const AGE: Duration = Duration::from_mins(10);

/// Every origin that gets here is listed: others have been refused.
pub(super) fn policy() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            ACCEPT,
            AUTHORIZATION,
            CONTENT_TYPE,
            HeaderName::from_static("mcp-protocol-version"),
            HeaderName::from_static("mcp-method"),
            HeaderName::from_static("mcp-name"),
        ])
        .expose_headers([WWW_AUTHENTICATE])
        .max_age(AGE)
}

/// Whether `path` is for clients, not for browsers.
fn is_of_clients(path: &str) -> bool {
    matches!(path, "/mcp" | "/mcp/" | "/token" | "/register" | "/revoke")
        || path.starts_with("/.well-known/")
}

/// Whether the answer says what scripts may do: that also stands where none asks, in what others may
/// keep for a script that asks later.
fn applies(request: &Request) -> bool {
    let may_be_kept = request.method() != Method::POST;
    is_of_clients(request.uri().path()) && (may_be_kept || request.headers().contains_key(ORIGIN))
}

pub(super) async fn apply(policy: &CorsLayer, request: Request, next: Next) -> Response {
    if !applies(&request) {
        return next.run(request).await;
    }
    let answered: Result<Response, Infallible> = policy.layer(next).oneshot(request).await;
    let Ok(response) = answered;
    response
}
