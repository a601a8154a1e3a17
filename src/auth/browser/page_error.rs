//! What goes wrong on a page, and the one table of what a person then reads.
//!
//! A client that can be told is told by a redirect instead ([`crate::auth::server::error::Error`]).

use std::borrow::Cow;

use axum::response::Response;
use http::StatusCode;
use thiserror::Error;
use tracing::Level;

use crate::auth::browser::request::Visit;
use crate::auth::client::ClientFault;
use crate::auth::client::document::DocumentFault;
use crate::auth::provider::{ProviderError, Unmapped};
use crate::auth::server::authorization_response::Back;
use crate::auth::server::consent;
use crate::auth::server::error::Error as OAuth;
use crate::pages::Surface;
use crate::pages::fault::{Claims, Fault, Link};
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

/// Where a person can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Back in the client that began it.
    Client,
    /// On the account page.
    Account,
}

/// A line of the table.
struct Line {
    status: StatusCode,
    title: &'static str,
    what: &'static str,
    advice: &'static str,
    way: Way,
    level: Level,
}

const START_AGAIN: &str = "Return to your client and start again there.";
const TRY_LATER: &str = "Try again in a minute. If it stays so, tell the operator of this server.";
const ASK: &str = "Ask the operator of this server.";

impl Trouble {
    /// The table.
    #[expect(
        clippy::too_many_lines,
        reason = "one line for each way to fail, all in one place"
    )]
    const fn line(&self) -> Line {
        match self {
            Self::Request => Line {
                status: StatusCode::BAD_REQUEST,
                title: "This request cannot be answered",
                what: "The request must name the client and its redirect URI, each exactly once.",
                advice: "Nothing was allowed. This is a fault of the client.",
                way: Way::Client,
                level: Level::INFO,
            },
            Self::Client => Line {
                status: StatusCode::BAD_REQUEST,
                title: "Unknown client",
                what: "This server does not know the client that sent you here.",
                advice: "Nothing was allowed. Remove this server from the client and add it again, \
                         so that it registers anew.",
                way: Way::Client,
                level: Level::INFO,
            },
            Self::NoDocument => Line {
                status: StatusCode::BAD_REQUEST,
                title: "This client does not say who it is",
                what: "The client gives the address of a document that describes it, and no document \
                       can be at such an address.",
                advice: "Nothing was allowed. This is a fault of the client.",
                way: Way::Client,
                level: Level::INFO,
            },
            Self::DocumentHost { .. } => Line {
                status: StatusCode::BAD_REQUEST,
                title: "This client is not allowed",
                what: "The operator of this server chose from where clients may come.",
                advice: "Nothing was allowed. Ask the operator of this server to allow that host.",
                way: Way::Client,
                level: Level::INFO,
            },
            Self::Document { .. } => Line {
                status: StatusCode::BAD_REQUEST,
                title: "This client cannot be checked",
                what: "The client is described by a document, and this server could not read it.",
                advice: "Nothing was allowed. There is nothing for you to mend, in the client or \
                         here: tell the operator of this server. Either the server must reach that \
                         host, or the operator registers the client; the log of the server says what \
                         is in the way, under the name of the host.",
                way: Way::Client,
                level: Level::INFO,
            },
            Self::Redirect => Line {
                status: StatusCode::BAD_REQUEST,
                title: "Unknown address",
                what: "The client wants the answer at an address that it did not register.",
                advice: "Nothing was allowed. If you did not start this yourself, close this page.",
                way: Way::Client,
                level: Level::WARN,
            },
            Self::Scheme => Line {
                status: StatusCode::BAD_REQUEST,
                title: "This address is not allowed",
                what: "The client wants the answer through links of a kind that may open something \
                       else than a client.",
                advice: "Nothing was allowed. Ask the operator of this server, if you know the \
                         client.",
                way: Way::Client,
                level: Level::WARN,
            },
            Self::Asked(_) => Line {
                status: StatusCode::BAD_REQUEST,
                title: "This request cannot be answered",
                what: "The client did not ask as it must.",
                advice: "Nothing was allowed. This is a fault of the client.",
                way: Way::Client,
                level: Level::INFO,
            },
            Self::Changed => Line {
                status: StatusCode::BAD_REQUEST,
                title: "The client changed",
                what: "The client is no longer the one that this page showed to you.",
                advice: "Nothing was allowed. Return to your client and start again there.",
                way: Way::Client,
                level: Level::WARN,
            },
            Self::SecretInAddress => Line {
                status: StatusCode::BAD_REQUEST,
                title: "Never put a secret into an address",
                what: "The address that you opened holds a token or a password. Nothing of it was \
                       used, saved or logged here.",
                advice: "Addresses are kept: by the history of your browser, and by every proxy in \
                         between. Take this token back, or change this password, and make a new \
                         one. Then open your account without it, and enter the new one in the form.",
                way: Way::Account,
                level: Level::WARN,
            },
            Self::Unreadable | Self::Choice => Line {
                status: StatusCode::BAD_REQUEST,
                title: "This form cannot be read",
                what: "Your browser sent something that this page does not ask for.",
                advice: "Nothing was changed. Open the page again.",
                way: Way::Account,
                level: Level::INFO,
            },
            Self::CrossSite => Line {
                status: StatusCode::FORBIDDEN,
                title: "Sent by another site",
                what: "Another site sent this form in your name.",
                advice: "Nothing was changed. Close the page that you came from.",
                way: Way::Account,
                level: Level::WARN,
            },
            Self::Form => Line {
                status: StatusCode::FORBIDDEN,
                title: "This form has expired",
                what: "It was sent before, is older than ten minutes, or was opened in another \
                       browser.",
                advice: "Nothing was changed. Open the page again.",
                way: Way::Account,
                level: Level::INFO,
            },
            Self::Over => Line {
                status: StatusCode::GONE,
                title: "This request is over",
                what: "It was decided before, or waited for more than ten minutes.",
                advice: START_AGAIN,
                way: Way::Client,
                level: Level::INFO,
            },
            Self::Login => Line {
                status: StatusCode::BAD_REQUEST,
                title: "This sign-in is over",
                what: "It was used before, took more than ten minutes, or was not begun here.",
                advice: START_AGAIN,
                way: Way::Client,
                level: Level::INFO,
            },
            Self::Browser => Line {
                status: StatusCode::FORBIDDEN,
                title: "Begun in another browser",
                what: "This sign-in was begun in another browser, or took more than ten minutes.",
                advice: "If you did not begin it yourself, close this page: somebody may want to \
                         act in your name. Otherwise start again in your client.",
                way: Way::Client,
                level: Level::WARN,
            },
            Self::MixUp => Line {
                status: StatusCode::FORBIDDEN,
                title: "The answer of another provider",
                what: "The answer to this sign-in does not come, or does not say that it comes, from \
                       the identity provider that you chose.",
                advice: "Nothing was allowed, and nobody got what was in it. Start again, and if it \
                         stays so, tell the operator of this server: one of the providers may be \
                         after your account at another.",
                way: Way::Client,
                level: Level::WARN,
            },
            Self::NoProvider => Line {
                status: StatusCode::NOT_FOUND,
                title: "No such identity provider",
                what: "No identity provider sends its answers to this address.",
                advice: "Nothing was allowed. If you came from a sign-in, tell the operator of this \
                         server.",
                way: Way::Client,
                level: Level::INFO,
            },
            Self::Provider(ProviderError::Refused { .. }) => Line {
                status: StatusCode::SERVICE_UNAVAILABLE,
                title: "Sign-in does not work",
                what: "The identity provider refuses this server.",
                advice: "Tell the operator of this server to check the client that it is at the \
                         identity provider (OIDC_CLIENT_ID, OIDC_CLIENT_SECRET).",
                way: Way::Account,
                level: Level::ERROR,
            },
            Self::Provider(ProviderError::Sent(sent)) => Line {
                status: StatusCode::SERVICE_UNAVAILABLE,
                title: "Sign-in does not work now",
                what: sent.sentence(),
                advice: TRY_LATER,
                way: Way::Account,
                level: Level::WARN,
            },
            Self::Provider(_) => Line {
                status: StatusCode::SERVICE_UNAVAILABLE,
                title: "Sign-in does not work now",
                what: "The identity provider does not answer, or not as it should.",
                advice: TRY_LATER,
                way: Way::Account,
                level: Level::WARN,
            },
            Self::Refused => Line {
                status: StatusCode::FORBIDDEN,
                title: "Not signed in",
                what: "The identity provider did not let you in, or you left.",
                advice: "Try again, or ask who looks after your account.",
                way: Way::Account,
                level: Level::INFO,
            },
            Self::Requirement => Line {
                status: StatusCode::FORBIDDEN,
                title: "You may not come in",
                what: "You are signed in at the identity provider, but your account there is not \
                       one of those that may use this server.",
                advice: ASK,
                way: Way::Client,
                level: Level::INFO,
            },
            Self::Overage => Line {
                status: StatusCode::FORBIDDEN,
                title: "Your groups are not known",
                what: "You are in so many groups that the identity provider does not name them, \
                       and roles on this server come from groups.",
                advice: "Ask the operator of this server to take roles from another claim, such as \
                         the roles of the application.",
                way: Way::Client,
                level: Level::WARN,
            },
            Self::NoRole { .. } => Line {
                status: StatusCode::FORBIDDEN,
                title: "You have no role here",
                what: "You are signed in at the identity provider, but nothing it says of you \
                       gives you a role on this server.",
                advice: "Ask the operator of this server for a role or a group that has one, and \
                         show them this page.",
                way: Way::Client,
                level: Level::INFO,
            },
            Self::Disabled => Line {
                status: StatusCode::FORBIDDEN,
                title: "Your account is disabled",
                what: "An operator disabled your account on this server.",
                advice: ASK,
                way: Way::Client,
                level: Level::INFO,
            },
            Self::OtherPerson => Line {
                status: StatusCode::FORBIDDEN,
                title: "This link is not yours",
                what: "It was made for another person than the one who is signed in.",
                advice: "Nothing was saved. Open your own account, or sign in as that person.",
                way: Way::Account,
                level: Level::WARN,
            },
            Self::Link => Line {
                status: StatusCode::GONE,
                title: "This link is over",
                what: "It was used before, or is too old.",
                advice: "You do not need it: your account has all that it leads to.",
                way: Way::Account,
                level: Level::INFO,
            },
            Self::NoGrant => Line {
                status: StatusCode::NOT_FOUND,
                title: "No such client",
                what: "This client is not connected, or no longer.",
                advice: "Nothing was changed.",
                way: Way::Account,
                level: Level::INFO,
            },
            Self::Rate => Line {
                status: StatusCode::SERVICE_UNAVAILABLE,
                title: "Too many requests",
                what: "This server was asked too often.",
                advice: TRY_LATER,
                way: Way::Client,
                level: Level::WARN,
            },
            Self::Down | Self::Store(_) => Line {
                status: StatusCode::SERVICE_UNAVAILABLE,
                title: "This does not work now",
                what: "Something that this server needs does not answer.",
                advice: TRY_LATER,
                way: Way::Account,
                level: Level::ERROR,
            },
            Self::Sealed(_) | Self::Broken { .. } => Line {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                title: "This server failed",
                what: "Something in this server does not work.",
                advice: "Tell the operator of this server, with the name of the request below.",
                way: Way::Account,
                level: Level::ERROR,
            },
        }
    }

    /// Writes one line to the log: constants, and the name of the request.
    fn log(&self, request: &str, line: &Line) {
        let status = line.status.as_u16();
        let cause = std::error::Error::source(self).map(ToString::to_string);
        match line.level {
            Level::ERROR => tracing::error!(request, status, fault = %self, cause, "page refused"),
            Level::WARN => tracing::warn!(request, status, fault = %self, cause, "page refused"),
            _ => tracing::info!(request, status, fault = %self, cause, "page refused"),
        }
    }

    /// What the operator needs to know about claims.
    fn claims(&self) -> Option<Claims<'_>> {
        let Self::NoRole { claims, unmapped } = self else {
            return None;
        };
        Some(Claims {
            arrived: claims,
            looked_for: unmapped
                .iter()
                .map(|unmapped| (&*unmapped.path, unmapped.why.as_str()))
                .collect(),
        })
    }

    /// What happened, in a sentence or two.
    fn what(&self, line: &Line) -> Cow<'static, str> {
        match self {
            Self::Asked(error) => {
                Cow::Owned(format!("{} {} ({})", line.what, error.text(), error.code()))
            }
            Self::Document { host } => Cow::Owned(format!(
                "The client is described by a document at {host}, and this server could not read \
                 a good one there."
            )),
            Self::DocumentHost { host } => {
                Cow::Owned(format!("{} {host} is not among them.", line.what))
            }
            _ => Cow::Borrowed(line.what),
        }
    }

    /// The page. During an authorization it links to `back`, the client's address, if that is known.
    pub(in crate::auth) fn answer(
        &self,
        visit: &Visit,
        surface: Surface,
        back: Option<&Back<'_>>,
    ) -> Response {
        let line = self.line();
        self.log(&visit.name.0, &line);
        let host = back.map(|back| consent::host_of(back.redirect_uri));
        let way_out = match (surface, line.way, back) {
            (_, _, Some(back)) => Some(Link {
                address: &back.address,
                words: "Return to your client",
                target: Some(consent::target(
                    back.redirect_uri,
                    host.as_deref().unwrap_or_default(),
                )),
            }),
            (Surface::Own | Surface::SignIn, Way::Account, None) => Some(Link {
                address: "/account",
                words: "Your account",
                target: None,
            }),
            (Surface::Own | Surface::SignIn, Way::Client, None)
            | (Surface::Authorization, _, None) => None,
        };
        let advice = match (surface, line.way) {
            (Surface::Authorization, Way::Account) if line.status.is_client_error() => START_AGAIN,
            _ => line.advice,
        };
        let claims = self.claims();
        let page = Fault {
            surface,
            title: line.title,
            what: &self.what(&line),
            advice,
            request_id: &visit.name.0,
            claims: claims.as_ref(),
            link: way_out,
        };
        page.page().answer(line.status, visit.https)
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
