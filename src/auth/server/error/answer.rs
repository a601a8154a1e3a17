//! How an error is answered: in a response body, in a redirect, and in the log.

use std::borrow::Cow;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use tracing::Level;

use super::Error;

impl Error {
    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.line().status
    }

    /// The `error` of RFC 6749 and the RFCs that extend it.
    pub fn code(&self) -> &'static str {
        self.line().code
    }

    /// The `error_description`: ASCII without quotes (RFC 6749 section 5.2).
    pub fn text(&self) -> Cow<'static, str> {
        self.line().text
    }

    /// Logs constants, never what a client sent.
    pub fn log(&self) {
        let line = self.line();
        let (status, code) = (line.status.as_u16(), line.code);
        let cause = std::error::Error::source(self).map(ToString::to_string);
        match line.level {
            Level::ERROR => tracing::error!(status, code, fault = %self, cause, "refused"),
            Level::WARN => tracing::warn!(status, code, fault = %self, cause, "refused"),
            Level::INFO => tracing::info!(status, code, fault = %self, cause, "refused"),
            _ => tracing::debug!(status, code, fault = %self, cause, "refused"),
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    error: &'static str,
    error_description: &'a str,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.log();
        let line = self.line();
        let body = Json(Body {
            error: line.code,
            error_description: &line.text,
        });
        let mut response = (line.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
        if let Some(seconds) = line.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if matches!(self, Self::Client { basic: true, .. }) {
            // RFC 6749 section 5.2: the scheme that the client used.
            let scheme = HeaderValue::from_static("Basic realm=\"kestra-mcp\"");
            headers.insert(WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
