//! Unknown paths: the answer names the right URL.

use axum::Json;
use axum::extract::{MatchedPath, Request};
use axum::response::{IntoResponse as _, Response};
use http::{Method, StatusCode};
use serde_json::json;

use crate::accept::Accepted;
use crate::auth::server::metadata;
use crate::config::http::Public;

/// Whether the path of `request` is unknown. Browsers get a page.
pub(super) fn is_one(request: &Request) -> bool {
    // Clients that are configured with the host alone send their messages there.
    let is_lost = request.uri().path() == "/" && request.method() == Method::POST;
    let is_nowhere = request.extensions().get::<MatchedPath>().is_none();
    is_lost || (is_nowhere && !Accepted::of(request.headers()).names_html())
}

/// Whether a client of MCP 2024-11-05 looks here for its event stream.
fn is_of_sse(path: &str) -> bool {
    let last = path.trim_end_matches('/').rsplit('/').next();
    last.is_some_and(|last| {
        ["sse", "message", "messages"]
            .iter()
            .any(|name| last.eq_ignore_ascii_case(name))
    })
}

/// The right URL, in the form that the client reads.
pub(super) fn answer(public: &Public, request: &Request) -> Response {
    let kind = if is_of_sse(request.uri().path()) {
        "The HTTP+SSE transport of MCP 2024-11-05 is not served: use Streamable HTTP at "
    } else {
        "There is nothing here. The address for MCP clients is "
    };
    let public = metadata::named(public, request.headers());
    let text = format!("{kind}{}", public.resource());
    let reads_json =
        request.method() == Method::POST || Accepted::of(request.headers()).names_json();
    if reads_json {
        let body = json!({ "error": "not_found", "error_description": text });
        (StatusCode::NOT_FOUND, Json(body)).into_response()
    } else {
        (StatusCode::NOT_FOUND, text + "\n").into_response()
    }
}
