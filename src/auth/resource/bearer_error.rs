//! Why a request may not reach the resource, and its answer (RFC 6750 section 3, RFC 9728 section
//! 5.1).

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::json;

use crate::auth::server::metadata;
use crate::auth::server::scope::Scope;
use crate::config::http::Public;
use crate::principal::Scopes;

/// Why a request may not reach the resource (RFC 6750 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BearerError {
    /// The request has no token.
    Missing,
    /// The token is not ours, has expired, or was revoked.
    Invalid,
    /// The token lacks a scope.
    Scope(Scopes),
    /// The token cannot be checked: the database does not answer.
    Unavailable,
}

/// Seconds after which to try again.
const AGAIN: u32 = 5;

impl BearerError {
    const fn status(self) -> StatusCode {
        match self {
            Self::Missing | Self::Invalid => StatusCode::UNAUTHORIZED,
            Self::Scope(_) => StatusCode::FORBIDDEN,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The error code of the header, and a sentence for whoever reads the answer.
    const fn words(self) -> (Option<&'static str>, &'static str) {
        match self {
            Self::Missing => (None, "An access token is needed."),
            Self::Invalid => (
                Some("invalid_token"),
                "The access token is invalid, expired or revoked.",
            ),
            Self::Scope(_) => (
                Some("insufficient_scope"),
                "The access token lacks the required scope.",
            ),
            Self::Unavailable => (None, "Access cannot be checked now."),
        }
    }

    /// The `WWW-Authenticate` challenge; `offered` is the scope that a client may ask for.
    fn challenge(self, public: &Public, offered: Scope) -> Option<String> {
        let (error, description) = self.words();
        let scope = match self {
            Self::Missing | Self::Invalid => offered,
            Self::Scope(tools) => Scope {
                tools,
                offline: false,
            },
            Self::Unavailable => return None,
        };
        let error = error.map_or_else(String::new, |error| {
            format!("error=\"{error}\", error_description=\"{description}\", ")
        });
        let metadata = metadata::of_resource(public);
        Some(format!(
            "Bearer {error}resource_metadata=\"{metadata}\", scope=\"{scope}\""
        ))
    }

    /// The response.
    pub fn into_response(self, public: &Public, offered: Scope) -> Response {
        let (error, description) = self.words();
        let error = error.unwrap_or(match self {
            Self::Unavailable => "temporarily_unavailable",
            Self::Missing | Self::Invalid | Self::Scope(_) => "unauthorized",
        });
        let body = json!({ "error": error, "error_description": description });
        let mut response = (self.status(), Json(body)).into_response();
        let headers = response.headers_mut();
        let challenge = self.challenge(public, offered);
        if let Some(value) = challenge.and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(WWW_AUTHENTICATE, value);
        }
        if self == Self::Unavailable {
            headers.insert(RETRY_AFTER, AGAIN.into());
        }
        response
    }
}
