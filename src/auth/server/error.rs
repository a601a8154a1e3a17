//! What goes wrong at an OAuth endpoint, and the one table of answers.

mod answer;
mod provider;
mod table;

use thiserror::Error;

use crate::auth::provider::Sent;
use crate::store::StoreError;

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

impl From<getrandom::Error> for Error {
    fn from(_: getrandom::Error) -> Self {
        Self::Broken {
            what: "the operating system gives no random bytes",
        }
    }
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
