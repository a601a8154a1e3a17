//! The one table of what a person reads: status, words, and where to go on.

use http::StatusCode;
use tracing::Level;

use super::Trouble;
use crate::auth::provider::ProviderError;

/// Where a person can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Back in the client that began it.
    Client,
    /// On the account page.
    Account,
}

/// A line of the table.
pub(super) struct Line {
    pub(super) status: StatusCode,
    pub(super) title: &'static str,
    pub(super) what: &'static str,
    pub(super) advice: &'static str,
    pub(super) way: Way,
    pub(super) level: Level,
}

pub(super) const START_AGAIN: &str = "Return to your client and start again there.";

const TRY_LATER: &str = "Try again in a minute. If it stays so, tell the operator of this server.";

const ASK: &str = "Ask the operator of this server.";

impl Trouble {
    /// The table.
    #[expect(
        clippy::too_many_lines,
        reason = "one line for each way to fail, all in one place"
    )]
    pub(super) const fn line(&self) -> Line {
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
}
