//! Redirects of a browser (303 See Other), and cookies on responses.

use axum::body::Body;
use axum::response::Response;
use http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, SET_COOKIE};
use http::{HeaderValue, StatusCode};

use crate::auth::browser::page_error::PageError;

/// Redirects the browser to `location` with a GET, without a referrer.
pub(in crate::auth) fn see_other(location: &str) -> Result<Response, PageError> {
    let broken = |_| PageError::Internal {
        what: "a URL that is not valid in a header",
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

/// Adds a cookie to `response`.
pub(in crate::auth) fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}
