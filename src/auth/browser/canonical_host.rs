//! The other host names of a server without a configured public URL. Browsers keep cookies by host,
//! and providers redirect to one host, so requests to any other are redirected to it first.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use http::{HeaderValue, StatusCode};
use url::form_urlencoded;

use crate::auth::server::metadata;
use crate::auth::state::Auth;
use crate::config::http::Public;

/// Serves requests to the canonical host, and redirects others to it.
pub(in crate::auth) async fn redirect_others(
    State(auth): State<Auth>,
    request: Request,
    next: Next,
) -> Response {
    let public = &auth.0.public;
    let called = metadata::named(public, request.headers());
    if called == *public {
        return next.run(request).await;
    }
    let uri = request.uri();
    let query = query(uri.path(), uri.query(), &called);
    let location = format!("{}{}{query}", public.issuer, uri.path());
    let mut response = Response::new(Body::empty());
    // 307 keeps the method and the body.
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    let headers = response.headers_mut();
    // The path came from a URL, so it is valid in a header.
    if let Ok(location) = HeaderValue::try_from(location) {
        headers.insert(LOCATION, location);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// The query, unchanged but for this: a client that names no resource means the one of the host it
/// asked, and the answer must name the issuer that it knows (RFC 9207).
fn query(path: &str, query: Option<&str>, called: &Public) -> String {
    let query = query.unwrap_or_default();
    let mut names = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name);
    if path == "/authorize" && !query.is_empty() && names.all(|name| name != "resource") {
        let resource: String =
            form_urlencoded::byte_serialize(called.resource().as_bytes()).collect();
        return format!("?{query}&resource={resource}");
    }
    if query.is_empty() {
        String::new()
    } else {
        format!("?{query}")
    }
}
