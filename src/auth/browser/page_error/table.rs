//! The table of page errors: which row each error has. The rows are in the files below, by what the
//! person was doing.

mod authorization;
mod form;
mod server;
mod sign_in;

use super::PageError;
use super::row::Row;
use crate::auth::provider::ProviderError;

impl PageError {
    /// Its row of the table.
    pub(super) const fn row(&self) -> Row {
        match self {
            Self::Request => authorization::UNREADABLE,
            Self::Client => authorization::UNKNOWN_CLIENT,
            Self::NoDocument => authorization::NO_DOCUMENT,
            Self::DocumentHost { .. } => authorization::DOCUMENT_HOST,
            Self::Document { .. } => authorization::DOCUMENT,
            Self::Redirect => authorization::REDIRECT_URI,
            Self::Scheme => authorization::REDIRECT_SCHEME,
            Self::InvalidRequest(_) => authorization::REFUSED,
            Self::ClientChanged => authorization::CLIENT_CHANGED,
            Self::RequestExpired => authorization::EXPIRED,
            Self::SecretInUrl => form::SECRET_IN_URL,
            Self::Unreadable | Self::UnknownChoice => form::UNREADABLE,
            Self::CrossSite => form::CROSS_SITE,
            Self::FormExpired => form::EXPIRED,
            Self::OtherPerson => form::LINK_OF_ANOTHER,
            Self::LinkExpired => form::LINK_EXPIRED,
            Self::NoGrant => form::NO_GRANT,
            Self::LoginExpired => sign_in::EXPIRED,
            Self::OtherBrowser => sign_in::OTHER_BROWSER,
            Self::MixUp => sign_in::MIX_UP,
            Self::NoProvider => sign_in::NO_PROVIDER,
            Self::Provider(ProviderError::Refused { .. }) => sign_in::SERVER_REFUSED,
            Self::Provider(ProviderError::Sent(sent)) => Row {
                what: sent.sentence(),
                ..sign_in::PROVIDER
            },
            Self::Provider(_) => sign_in::PROVIDER,
            Self::Refused => sign_in::REFUSED,
            Self::Requirement => sign_in::REQUIREMENT,
            Self::Overage => sign_in::OVERAGE,
            Self::NoRole { .. } => sign_in::NO_ROLE,
            Self::Disabled => sign_in::DISABLED,
            Self::TooManyRequests => server::TOO_MANY,
            Self::Unavailable | Self::Store(_) => server::UNAVAILABLE,
            Self::Sealed(_) | Self::Internal { .. } => server::FAILED,
        }
    }
}
