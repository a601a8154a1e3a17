//! Why a request does not come in, and the answer to it (RFC 6750 section 3, RFC 9728 section 5.1).

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::json;

use crate::auth::server::metadata;
use crate::auth::server::scope::Scope;
use crate::config::http::Public;
use crate::principal::Scopes;

/// Why a request does not come in (RFC 6750 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It shows no token.
    Missing,
    /// Its token is none of ours, is over, or was revoked.
    Invalid,
    /// Its token does not reach this far.
    Scope(Scopes),
    /// It cannot be said: the store does not answer.
    Unavailable,
}

/// Seconds after which to come again.
const AGAIN: u32 = 5;

impl Refused {
    const fn status(self) -> StatusCode {
        match self {
            Self::Missing | Self::Invalid => StatusCode::UNAUTHORIZED,
            Self::Scope(_) => StatusCode::FORBIDDEN,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The code of the header and a sentence for whoever reads the answer.
    const fn words(self) -> (Option<&'static str>, &'static str) {
        match self {
            Self::Missing => (None, "An access token is needed."),
            Self::Invalid => (
                Some("invalid_token"),
                "The access token is not valid, or no longer.",
            ),
            Self::Scope(_) => (
                Some("insufficient_scope"),
                "The access token does not reach this far.",
            ),
            Self::Unavailable => (None, "Access cannot be checked now."),
        }
    }

    /// The challenge; `offered` is what a client may ask for.
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

    /// The whole answer.
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
