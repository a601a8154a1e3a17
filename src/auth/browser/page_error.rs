//! Why a page shows an error, and the one table of what a person then reads.
//!
//! A client that may be answered by a redirect gets an OAuth error instead
//! ([`crate::auth::server::error::Error`]).

mod page;
mod row;
mod table;

use thiserror::Error;

use crate::auth::client::ClientError;
use crate::auth::client::document::DocumentError;
use crate::auth::provider::{ProviderError, Unmapped};
use crate::auth::server::error::Error as OAuth;
use crate::store::{OpenError, SealError, StoreError};

/// Every error that a page can show. The texts of the variants are for the log.
#[derive(Debug, Error)]
pub(in crate::auth) enum PageError {
    /// The request does not name a client and a redirect URI exactly once.
    #[error("the authorization request cannot be read")]
    Request,
    /// No such client.
    #[error("the client is unknown")]
    Client,
    /// The client id is a URL that cannot be the URL of a client metadata document.
    #[error("the client id is not the URL of a document")]
    NoDocument,
    /// The operator does not allow client metadata documents from that host.
    #[error("client metadata documents of that host are not allowed")]
    DocumentHost {
        /// The host.
        host: String,
    },
    /// The client metadata document cannot be read.
    #[error("the client metadata document cannot be read")]
    Document {
        /// The host it should be on.
        host: String,
    },
    /// The client did not register that redirect URI.
    #[error("the redirect URI is not registered")]
    Redirect,
    /// The client registered the redirect URI before its scheme was forbidden.
    #[error("the scheme of the redirect URI is not allowed")]
    Scheme,
    /// The request of a client that the operator does not vouch for.
    #[error("the authorization request is refused")]
    InvalidRequest(#[source] OAuth),
    /// The client is no longer the one that the person saw.
    #[error("the client changed while the person decided")]
    ClientChanged,
    /// The URL contains a password or a token.
    #[error("the URL contains a secret")]
    SecretInUrl,
    /// The form cannot be read.
    #[error("the form cannot be read")]
    Unreadable,
    /// Another site sent the form.
    #[error("another site sent the form")]
    CrossSite,
    /// The form was given to another browser, or was already sent.
    #[error("the form was given to another browser, or was already sent")]
    FormExpired,
    /// The form asks for something that does not exist.
    #[error("the form contains an unknown choice")]
    UnknownChoice,
    /// The authorization request has expired, or was already decided.
    #[error("the authorization request is over")]
    RequestExpired,
    /// The callback of a login that this server did not begin, that is over, or that has expired.
    #[error("the login is unknown or over")]
    LoginExpired,
    /// The callback came to a browser other than the one that began the login.
    #[error("the login began in another browser")]
    OtherBrowser,
    /// The answer may come from a provider other than the one that was asked.
    #[error("the answer may come from another identity provider")]
    MixUp,
    /// The callback of a provider that does not exist.
    #[error("there is no such identity provider")]
    NoProvider,
    /// The provider does not answer, or not correctly.
    #[error("the identity provider does not answer correctly")]
    Provider(#[source] ProviderError),
    /// The provider did not let the person in.
    #[error("the identity provider refused the login")]
    Refused,
    /// The person does not meet the requirements of the configuration.
    #[error("the person does not meet what is required")]
    Requirement,
    /// The provider left out the claim that roles come from.
    #[error("the identity provider left out a claim: it has too many values")]
    Overage,
    /// The person has no role here.
    #[error("the person has no role")]
    NoRole {
        /// Names of the claims that arrived; never their values.
        claims: Vec<String>,
        /// The role rules that gave no role.
        unmapped: Vec<Unmapped>,
    },
    /// An operator disabled the person.
    #[error("the person is disabled")]
    Disabled,
    /// The link was made for another person.
    #[error("the link belongs to another person")]
    OtherPerson,
    /// The link was already used, or has expired.
    #[error("the link is over")]
    LinkExpired,
    /// The person has no such grant.
    #[error("no such grant")]
    NoGrant,
    /// Too many requests.
    #[error("too many requests")]
    TooManyRequests,
    /// Something that the answer depends on does not answer.
    #[error("a dependency does not answer")]
    Unavailable,
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// Something sealed cannot be opened.
    #[error("something sealed cannot be opened")]
    Sealed(#[from] OpenError),
    /// A bug or a failure in this server.
    #[error("this server failed: {what}")]
    Internal {
        /// While doing what.
        what: &'static str,
    },
}

impl From<getrandom::Error> for PageError {
    fn from(_: getrandom::Error) -> Self {
        Self::Internal {
            what: "the operating system gives no random bytes",
        }
    }
}

impl From<SealError> for PageError {
    fn from(_: SealError) -> Self {
        Self::Internal { what: "sealing" }
    }
}

impl PageError {
    /// Why the consent page does not show a client's request.
    pub(in crate::auth) fn of_request(error: OAuth) -> Self {
        match error {
            OAuth::Internal { what } => Self::Internal { what },
            other => Self::InvalidRequest(other),
        }
    }

    /// Why a login at a provider failed.
    pub(in crate::auth) fn of_login(fault: ProviderError) -> Self {
        match fault {
            ProviderError::Requirement { .. } | ProviderError::OtherPerson => Self::Requirement,
            ProviderError::MixUp => Self::MixUp,
            ProviderError::Overage { .. } => Self::Overage,
            ProviderError::Ended => Self::Refused,
            ProviderError::Chance => Self::Internal {
                what: "the operating system gives no random bytes",
            },
            ProviderError::Down { .. }
            | ProviderError::Refused { .. }
            | ProviderError::Sent(_)
            | ProviderError::Wrong { .. } => Self::Provider(fault),
        }
    }
}

impl From<ClientError> for PageError {
    fn from(fault: ClientError) -> Self {
        match fault {
            ClientError::Unknown => Self::Client,
            ClientError::Store(fault) => Self::Store(fault),
            ClientError::Document { host, fault } => match (host, fault) {
                (_, DocumentError::Rate) => Self::TooManyRequests,
                (None, _) | (_, DocumentError::Address { .. }) => Self::NoDocument,
                (Some(host), DocumentError::Host) => Self::DocumentHost { host },
                // What the server of the document answered is shown to nobody.
                (Some(host), DocumentError::Fetch(_) | DocumentError::Content { .. }) => {
                    Self::Document { host }
                }
            },
        }
    }
}

impl From<OAuth> for PageError {
    /// An error from reading a form.
    fn from(error: OAuth) -> Self {
        match error {
            OAuth::Store(fault) => Self::Store(fault),
            OAuth::Internal { what } => Self::Internal { what },
            OAuth::Unavailable { .. } => Self::Unavailable,
            OAuth::Rate { .. } => Self::TooManyRequests,
            OAuth::Client { .. } => Self::Client,
            _ => Self::Unreadable,
        }
    }
}
