//! The other names of a server without a configured address. Browsers keep cookies by name, and
//! providers send them back to one: whoever comes by another is led there first.

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

/// Answers at the one name, and leads there from others.
pub(in crate::auth) async fn lead(
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
    // The method and the body go along.
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    let headers = response.headers_mut();
    // What came as an address can stand in a header.
    if let Ok(location) = HeaderValue::try_from(location) {
        headers.insert(LOCATION, location);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// The same query. A client that names no resource means that of the name by which it came: the answer
/// to it names the issuer that it knows (RFC 9207).
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
