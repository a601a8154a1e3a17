//! Redirects of a browser.

use axum::body::Body;
use axum::response::Response;
use http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, SET_COOKIE};
use http::{HeaderValue, StatusCode};

use crate::auth::browser::page_error::Trouble;

/// Sends the browser to `location` with a GET; nothing of this address goes with it.
pub(in crate::auth) fn see_other(location: &str) -> Result<Response, Trouble> {
    let broken = |_| Trouble::Broken {
        what: "an address that is no header",
    };
    let location = HeaderValue::try_from(location).map_err(broken)?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(LOCATION, location);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

/// `response`, with a cookie.
pub(in crate::auth) fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}
