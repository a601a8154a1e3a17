//! The errors of an OAuth endpoint, and the one table of their answers.

mod answer;
mod provider;
mod table;

use thiserror::Error;

use crate::auth::provider::AuthorizationError;
use crate::store::StoreError;

/// Every error of an OAuth endpoint. The texts of the variants are for the log; clients read those
/// of the table.
#[derive(Debug, Error)]
pub enum Error {
    /// The body is not what the endpoint expects.
    #[error("the body cannot be read: {what}")]
    Body {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The body is too long.
    #[error("the body is too large")]
    TooLarge,
    /// A parameter is missing.
    #[error("the parameter {name} is missing")]
    Missing {
        /// Its name.
        name: &'static str,
    },
    /// A parameter is repeated (RFC 6749 section 3.1).
    #[error("a parameter is repeated")]
    Repeated,
    /// A parameter has a value that is not valid.
    #[error("the parameter {name} has a value that is not valid")]
    Invalid {
        /// Its name.
        name: &'static str,
    },
    /// There is no such client. The person is told, since there is no redirect URI to trust (RFC
    /// 6749 section 4.1.2.1).
    #[error("the client is unknown")]
    UnknownClient,
    /// The client is unknown, or failed to authenticate.
    #[error("the client is not authenticated: {fault}")]
    Client {
        /// Why.
        fault: ClientAuthError,
        /// Whether it used the `Basic` scheme, which the answer must then name.
        basic: bool,
    },
    /// The client may not use this grant type.
    #[error("the client may not use this grant type")]
    UnauthorizedClient,
    /// The code or the refresh token is not valid.
    #[error("the grant is refused: {fault}")]
    Grant {
        /// Why.
        fault: GrantError,
    },
    /// The grant type is not supported.
    #[error("the grant type is not supported")]
    GrantType,
    /// The response type is not supported.
    #[error("the response type is not supported")]
    ResponseType,
    /// No known scope is left, or more is requested than was granted.
    #[error("the scope is refused")]
    Scope,
    /// The resource is not this server's (RFC 8707).
    #[error("the resource is refused")]
    Target,
    /// The person refused, or is not allowed in.
    #[error("access is denied: {why}")]
    Denied {
        /// The reason.
        why: &'static str,
    },
    /// The redirect URI may not be registered (RFC 7591).
    #[error("the redirect URI is refused: {why}")]
    Redirect {
        /// What is wrong with it.
        why: &'static str,
    },
    /// The client metadata may not be registered (RFC 7591).
    #[error("the client metadata is refused: {field}")]
    Metadata {
        /// The field.
        field: &'static str,
    },
    /// Registration requires the operator's initial access token.
    #[error("the initial access token is missing or wrong")]
    InitialToken,
    /// Too many requests.
    #[error("too many requests: {what}")]
    Rate {
        /// Of which kind.
        what: &'static str,
    },
    /// Something that the answer depends on does not answer.
    #[error("{what} does not answer")]
    Unavailable {
        /// What.
        what: &'static str,
        /// Seconds, if known.
        retry_after: Option<u32>,
    },
    /// The identity provider refuses this server: the operator must fix its configuration.
    #[error("the identity provider refuses this server")]
    Provider,
    /// The identity provider returned an error instead of a code.
    #[error("the identity provider returned an error")]
    Sent {
        /// What the error means.
        sent: AuthorizationError,
    },
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// A bug or a failure in this server.
    #[error("this server failed: {what}")]
    Internal {
        /// While doing what.
        what: &'static str,
    },
}

impl From<getrandom::Error> for Error {
    fn from(_: getrandom::Error) -> Self {
        Self::Internal {
            what: "the operating system gives no random bytes",
        }
    }
}

/// Why a client failed to authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ClientAuthError {
    /// The client does not exist, or no longer does.
    #[error("unknown")]
    Unknown,
    /// It must authenticate, and sent no secret.
    #[error("no secret")]
    NoSecret,
    /// It has no secret, and sent one.
    #[error("a public client sent a secret")]
    Public,
    /// It used a method other than the registered one.
    #[error("another method")]
    Method,
    /// The secret is wrong.
    #[error("the wrong secret")]
    Secret,
    /// Its metadata document is not available.
    #[error("its metadata document")]
    Document,
}

/// Why a code or a refresh token is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GrantError {
    /// It never existed, was deleted, has expired, or is bound to something else.
    #[error("unknown, expired, or bound to another request")]
    Unknown,
    /// It was already exchanged.
    #[error("already exchanged")]
    Spent,
    /// It was exchanged long ago: the grant and everything issued under it are revoked.
    #[error("exchanged long ago")]
    Reused,
    /// It belongs to another client.
    #[error("of another client")]
    OtherClient,
    /// The grant has ended.
    #[error("the grant has ended")]
    Ended,
    /// The provider no longer lets the person in, or they have no role left.
    #[error("the provider no longer lets the person in")]
    Provider,
}
