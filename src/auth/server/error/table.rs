//! The one table of answers to OAuth errors.

use std::borrow::Cow;

use http::StatusCode;
use tracing::Level;

use super::{Error, GrantError};

/// Seconds after which a client may try again while this server is busy or failing.
const AGAIN: u32 = 5;

/// A row of the table.
pub(super) struct Line {
    pub(super) status: StatusCode,
    /// The `error` of RFC 6749 section 5.2, RFC 7591 or RFC 8707.
    pub(super) code: &'static str,
    pub(super) text: Cow<'static, str>,
    pub(super) level: Level,
    /// Seconds.
    pub(super) retry_after: Option<u32>,
}

impl Error {
    /// Its row of the table.
    #[expect(
        clippy::too_many_lines,
        reason = "one row for each error, all in one place"
    )]
    pub(super) fn line(&self) -> Line {
        let line = |status, code, text: &'static str, level| Line {
            status,
            code,
            text: Cow::Borrowed(text),
            level,
            retry_after: None,
        };
        let bad = StatusCode::BAD_REQUEST;
        let unauthorized = StatusCode::UNAUTHORIZED;
        match self {
            Self::Body { what } => line(bad, "invalid_request", what, Level::DEBUG),
            Self::TooLarge => line(
                StatusCode::PAYLOAD_TOO_LARGE,
                "invalid_request",
                "The body is too large.",
                Level::DEBUG,
            ),
            Self::Missing { name } => Line {
                text: Cow::Owned(format!("The parameter {name} is missing.")),
                ..line(bad, "invalid_request", "", Level::DEBUG)
            },
            Self::Repeated => line(
                bad,
                "invalid_request",
                "A parameter is repeated.",
                Level::DEBUG,
            ),
            Self::Invalid { name } => Line {
                text: Cow::Owned(format!(
                    "The parameter {name} has a value that is not valid."
                )),
                ..line(bad, "invalid_request", "", Level::DEBUG)
            },
            Self::UnknownClient => line(
                bad,
                "invalid_request",
                "The client is unknown.",
                Level::INFO,
            ),
            Self::Client { .. } => line(
                unauthorized,
                "invalid_client",
                "The client is unknown or did not authenticate as registered.",
                Level::INFO,
            ),
            Self::UnauthorizedClient => line(
                bad,
                "unauthorized_client",
                "The client is not registered for this grant type.",
                Level::INFO,
            ),
            Self::Grant { fault } => line(
                bad,
                "invalid_grant",
                "The code or refresh token is unknown, expired, used, revoked, or bound to another \
                 request.",
                match fault {
                    GrantError::Reused => Level::WARN,
                    GrantError::Unknown
                    | GrantError::Spent
                    | GrantError::OtherClient
                    | GrantError::Ended
                    | GrantError::Provider => Level::INFO,
                },
            ),
            Self::GrantType => line(
                bad,
                "unsupported_grant_type",
                "Supported: authorization_code, refresh_token.",
                Level::DEBUG,
            ),
            Self::ResponseType => line(
                bad,
                "unsupported_response_type",
                "The only supported response type is code.",
                Level::DEBUG,
            ),
            Self::Scope => line(
                bad,
                "invalid_scope",
                "The scope is unknown or exceeds what was granted.",
                Level::DEBUG,
            ),
            Self::Target => line(
                bad,
                "invalid_target",
                "The resource is not the one of this server.",
                Level::INFO,
            ),
            Self::Denied { .. } => line(
                StatusCode::FORBIDDEN,
                "access_denied",
                "Access was denied.",
                Level::INFO,
            ),
            Self::Redirect { why } => line(bad, "invalid_redirect_uri", why, Level::INFO),
            Self::Metadata { field } => Line {
                text: Cow::Owned(format!("The field {field} is not valid.")),
                ..line(bad, "invalid_client_metadata", "", Level::INFO)
            },
            Self::InitialToken => line(
                unauthorized,
                "invalid_token",
                "Registration requires the initial access token of the operator.",
                Level::INFO,
            ),
            Self::Rate { .. } => Line {
                retry_after: Some(60),
                ..line(
                    StatusCode::TOO_MANY_REQUESTS,
                    "temporarily_unavailable",
                    "Too many requests: wait a minute.",
                    Level::WARN,
                )
            },
            Self::Unavailable { retry_after, .. } => Line {
                retry_after: Some(retry_after.unwrap_or(AGAIN)),
                ..line(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "temporarily_unavailable",
                    "Something that this server needs does not answer: try again.",
                    Level::WARN,
                )
            },
            Self::Provider => line(
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                "The identity provider refuses this server: tell its operator to check \
                 OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.",
                Level::ERROR,
            ),
            Self::Sent { sent } => line(
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                sent.sentence(),
                Level::WARN,
            ),
            Self::Store(_) => Line {
                retry_after: Some(AGAIN),
                ..line(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "temporarily_unavailable",
                    "This server cannot answer now: try again.",
                    Level::ERROR,
                )
            },
            Self::Internal { .. } => line(
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                "This server failed.",
                Level::ERROR,
            ),
        }
    }
}
