//! What goes wrong on a page, and the one table of what a person then reads.
//!
//! A client that can be told is told by a redirect instead ([`crate::auth::server::error::Error`]).

mod page;
mod table;

use thiserror::Error;

use crate::auth::client::ClientFault;
use crate::auth::client::document::DocumentFault;
use crate::auth::provider::{ProviderError, Unmapped};
use crate::auth::server::error::Error as OAuth;
use crate::store::{OpenError, SealError, StoreError};

/// Everything that a page says instead of what was asked for. The texts of the variants are for the
/// log.
#[derive(Debug, Error)]
pub(in crate::auth) enum Trouble {
    /// The request does not name a client and a redirect URI, each once.
    #[error("the authorization request cannot be read")]
    Request,
    /// No such client.
    #[error("the client is unknown")]
    Client,
    /// The client names itself by an address at which no document can be.
    #[error("the client id is not the URL of a document")]
    NoDocument,
    /// The operator takes no documents of that host.
    #[error("documents of the host of the client are not allowed")]
    DocumentHost {
        /// The host.
        host: String,
    },
    /// What the client says of itself cannot be read.
    #[error("the metadata document of the client cannot be read")]
    Document {
        /// Where it should be.
        host: String,
    },
    /// The client may not be sent there.
    #[error("the redirect URI is not registered")]
    Redirect,
    /// The client's own address, which was registered before such were refused.
    #[error("the scheme of the redirect URI is not allowed")]
    Scheme,
    /// The request of a client that nobody vouches for.
    #[error("the authorization request is refused")]
    Asked(#[source] OAuth),
    /// The client is not the one that the person saw.
    #[error("the client changed while the person decided")]
    Changed,
    /// The address holds a password or a token.
    #[error("the address holds a secret")]
    SecretInAddress,
    /// A form that is not readable.
    #[error("the form cannot be read")]
    Unreadable,
    /// A form that another site sent.
    #[error("a form of another site")]
    CrossSite,
    /// A form that this browser did not get, or that it sent before.
    #[error("a form of another browser, or sent before")]
    Form,
    /// A form that asks for nothing that there is.
    #[error("a form with an unknown choice")]
    Choice,
    /// The authorization waited too long, or was decided.
    #[error("the transaction is over")]
    Over,
    /// A callback for a login that this server did not begin, has ended, or began too long ago.
    #[error("the login is unknown, over, or done")]
    Login,
    /// A callback in another browser than the one that began the login.
    #[error("the login was begun in another browser")]
    Browser,
    /// An answer that another provider may have made than the one that was asked.
    #[error("the answer may be that of another identity provider")]
    MixUp,
    /// A callback of a provider that there is not.
    #[error("there is no such identity provider")]
    NoProvider,
    /// The provider does not work.
    #[error("the identity provider does not answer as it should")]
    Provider(#[source] ProviderError),
    /// The provider let nobody in.
    #[error("the identity provider refused the login")]
    Refused,
    /// The person may not come in.
    #[error("the person does not fulfil what is required")]
    Requirement,
    /// The provider left out what roles come from.
    #[error("the identity provider left out a claim: too many values")]
    Overage,
    /// The person has no role here.
    #[error("the person has no role")]
    NoRole {
        /// Names of the claims that arrived; never values.
        claims: Vec<String>,
        /// The rules that gave nothing.
        unmapped: Vec<Unmapped>,
    },
    /// An operator disabled the person.
    #[error("the person is disabled")]
    Disabled,
    /// The link was made for somebody else.
    #[error("a link of another person")]
    OtherPerson,
    /// The link was used, or is too old.
    #[error("the link is over")]
    Link,
    /// The connection to disconnect is none of this person's.
    #[error("no such grant")]
    NoGrant,
    /// Too much, too fast.
    #[error("too many requests")]
    Rate,
    /// What the answer depends on is not there now.
    #[error("something needed does not answer")]
    Down,
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// Something sealed does not open.
    #[error("something sealed does not open")]
    Sealed(#[from] OpenError),
    /// A fault of this server.
    #[error("this server failed: {what}")]
    Broken {
        /// At what.
        what: &'static str,
    },
}

impl From<getrandom::Error> for Trouble {
    fn from(_: getrandom::Error) -> Self {
        Self::Broken {
            what: "the operating system gives no random bytes",
        }
    }
}

impl From<SealError> for Trouble {
    fn from(_: SealError) -> Self {
        Self::Broken { what: "sealing" }
    }
}

impl Trouble {
    /// Why a client's request is not answered by the consent page.
    pub(in crate::auth) fn of_request(error: OAuth) -> Self {
        match error {
            OAuth::Broken { what } => Self::Broken { what },
            other => Self::Asked(other),
        }
    }

    /// Why a login at a provider came to nothing.
    pub(in crate::auth) fn of_login(fault: ProviderError) -> Self {
        match fault {
            ProviderError::Requirement { .. } | ProviderError::OtherPerson => Self::Requirement,
            ProviderError::MixUp => Self::MixUp,
            ProviderError::Overage { .. } => Self::Overage,
            ProviderError::Ended => Self::Refused,
            ProviderError::Chance => Self::Broken {
                what: "the operating system gives no random bytes",
            },
            ProviderError::Down { .. }
            | ProviderError::Refused { .. }
            | ProviderError::Sent(_)
            | ProviderError::Wrong { .. } => Self::Provider(fault),
        }
    }
}

impl From<ClientFault> for Trouble {
    fn from(fault: ClientFault) -> Self {
        match fault {
            ClientFault::Unknown => Self::Client,
            ClientFault::Store(fault) => Self::Store(fault),
            ClientFault::Document { host, fault } => match (host, fault) {
                (_, DocumentFault::Rate) => Self::Rate,
                (None, _) | (_, DocumentFault::Address { .. }) => Self::NoDocument,
                (Some(host), DocumentFault::Host) => Self::DocumentHost { host },
                // What its server answered, if anything, is told to nobody.
                (Some(host), DocumentFault::Fetch(_) | DocumentFault::Content { .. }) => {
                    Self::Document { host }
                }
            },
        }
    }
}

impl From<OAuth> for Trouble {
    /// What reading a body fails by.
    fn from(error: OAuth) -> Self {
        match error {
            OAuth::Store(fault) => Self::Store(fault),
            OAuth::Broken { what } => Self::Broken { what },
            OAuth::Down { .. } => Self::Down,
            OAuth::Rate { .. } => Self::Rate,
            OAuth::Client { .. } => Self::Client,
            _ => Self::Unreadable,
        }
    }
}
