//! What goes wrong at an OAuth endpoint, and the one table of answers.

use std::borrow::Cow;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use thiserror::Error;
use tracing::Level;

use crate::auth::provider::Sent;
use crate::store::StoreError;

/// Seconds after which a client may ask a busy or failing server again.
const AGAIN: u32 = 5;

/// Everything that an OAuth endpoint answers instead of what was asked. The texts of the variants
/// are for the log; a client reads those of the table.
#[derive(Debug, Error)]
pub enum Error {
    /// The body is not what the endpoint reads.
    #[error("the body cannot be read: {what}")]
    Body {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The body has too many bytes.
    #[error("the body is too large")]
    TooLarge,
    /// A parameter is needed.
    #[error("the parameter {name} is missing")]
    Missing {
        /// Its name.
        name: &'static str,
    },
    /// A parameter stands there more than once (RFC 6749 section 3.1).
    #[error("a parameter is repeated")]
    Repeated,
    /// A parameter has a value that cannot be.
    #[error("the parameter {name} cannot be so")]
    Invalid {
        /// Its name.
        name: &'static str,
    },
    /// There is no such client: for a person, who must not be sent on (RFC 6749 section 4.1.2.1).
    #[error("the client is unknown")]
    UnknownClient,
    /// The client is unknown, or did not prove who it is.
    #[error("the client is not authenticated: {fault}")]
    Client {
        /// Why.
        fault: ClientProof,
        /// Whether it tried with the `Basic` scheme, which the answer must then name.
        basic: bool,
    },
    /// The client may not use this grant type.
    #[error("the client may not do this")]
    UnauthorizedClient,
    /// The code or the refresh token is worth nothing.
    #[error("the grant is refused: {fault}")]
    Grant {
        /// Why.
        fault: GrantFault,
    },
    /// There is no such grant type here.
    #[error("the grant type is not known")]
    GrantType,
    /// There is no such response type here.
    #[error("the response type is not known")]
    ResponseType,
    /// No scope that this server knows is left, or more is asked than was granted.
    #[error("the scope is refused")]
    Scope,
    /// The resource is another one (RFC 8707).
    #[error("the resource is refused")]
    Target,
    /// The person, or the rules, said no.
    #[error("access is denied: {why}")]
    Denied {
        /// Who said so.
        why: &'static str,
    },
    /// A redirect URI that may not be registered (RFC 7591).
    #[error("the redirect URI is refused: {why}")]
    Redirect {
        /// What is wrong with it.
        why: &'static str,
    },
    /// Metadata that may not be registered (RFC 7591).
    #[error("the client metadata is refused: {field}")]
    Metadata {
        /// The field.
        field: &'static str,
    },
    /// Registration needs the operator's token.
    #[error("the initial access token is missing or wrong")]
    InitialToken,
    /// Too much, too fast.
    #[error("too many requests: {what}")]
    Rate {
        /// Of what.
        what: &'static str,
    },
    /// What the answer depends on is not there now.
    #[error("{what} does not answer")]
    Down {
        /// What it is.
        what: &'static str,
        /// Seconds, where it is known.
        retry_after: Option<u32>,
    },
    /// The identity provider refuses this server: its operator has something to mend.
    #[error("the identity provider refuses this server")]
    Provider,
    /// The identity provider sent an error back in place of a code.
    #[error("the identity provider sent an error back")]
    Sent {
        /// What it says.
        sent: Sent,
    },
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// A fault of this server.
    #[error("this server failed: {what}")]
    Broken {
        /// At what.
        what: &'static str,
    },
}

/// Why a client is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ClientProof {
    /// There is no such client (any more).
    #[error("unknown")]
    Unknown,
    /// It must prove who it is and did not.
    #[error("no secret")]
    NoSecret,
    /// It has no secret and sent one.
    #[error("a secret of a public client")]
    Public,
    /// It proved it by another method than the registered one.
    #[error("another method")]
    Method,
    /// The secret is wrong.
    #[error("the wrong secret")]
    Secret,
    /// Its metadata document cannot be had.
    #[error("its metadata document")]
    Document,
}

/// Why a code or a refresh token is worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GrantFault {
    /// It never existed, is forgotten, is over, or something that it is bound to differs.
    #[error("unknown, over, or it does not fit")]
    Unknown,
    /// It was spent before.
    #[error("spent before")]
    Spent,
    /// It was spent long ago: whatever was issued under the grant is revoked.
    #[error("used again")]
    Reused,
    /// It belongs to another client.
    #[error("of another client")]
    OtherClient,
    /// The grant has ended.
    #[error("the grant has ended")]
    Ended,
    /// The provider no longer lets the person in, or no role is left.
    #[error("the provider ended it")]
    Provider,
}

/// A line of the table.
struct Line {
    status: StatusCode,
    /// RFC 6749 section 5.2, 7591, 8707.
    code: &'static str,
    text: Cow<'static, str>,
    level: Level,
    /// Seconds.
    retry_after: Option<u32>,
}

impl Error {
    /// The table.
    #[expect(
        clippy::too_many_lines,
        reason = "one line for each way to fail, all in one place"
    )]
    fn line(&self) -> Line {
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
                text: Cow::Owned(format!("The parameter {name} has an impossible value.")),
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
                "The code or refresh token is unknown, expired, used, revoked, or of another request.",
                match fault {
                    GrantFault::Reused => Level::WARN,
                    GrantFault::Unknown
                    | GrantFault::Spent
                    | GrantFault::OtherClient
                    | GrantFault::Ended
                    | GrantFault::Provider => Level::INFO,
                },
            ),
            Self::GrantType => line(
                bad,
                "unsupported_grant_type",
                "Known: authorization_code, refresh_token.",
                Level::DEBUG,
            ),
            Self::ResponseType => line(
                bad,
                "unsupported_response_type",
                "The response type is not code, which is the only one.",
                Level::DEBUG,
            ),
            Self::Scope => line(
                bad,
                "invalid_scope",
                "The scope is unknown here or exceeds what was granted.",
                Level::DEBUG,
            ),
            Self::Target => line(
                bad,
                "invalid_target",
                "The resource is not that of this server.",
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
                text: Cow::Owned(format!("The field {field} is not acceptable.")),
                ..line(bad, "invalid_client_metadata", "", Level::INFO)
            },
            Self::InitialToken => line(
                unauthorized,
                "invalid_token",
                "Registration needs the initial access token of the operator.",
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
            Self::Down { retry_after, .. } => Line {
                retry_after: Some(retry_after.unwrap_or(AGAIN)),
                ..line(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "temporarily_unavailable",
                    "Something this server needs does not answer: try again.",
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
            Self::Broken { .. } => line(
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                "This server failed.",
                Level::ERROR,
            ),
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.line().status
    }

    /// The `error` of RFC 6749 and its relatives.
    pub fn code(&self) -> &'static str {
        self.line().code
    }

    /// The `error_description`: ASCII without quotes (RFC 6749 section 5.2).
    pub fn text(&self) -> Cow<'static, str> {
        self.line().text
    }

    /// Writes one line to the log: constants, never what a client sent.
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
