//! What a client learns about a failed login at an identity provider.

use super::Error;
use crate::auth::provider::ProviderError;

impl Error {
    /// What a client learns about a failed login.
    pub(in crate::auth) fn of_provider(fault: &ProviderError) -> Self {
        match fault {
            ProviderError::Down { retry_after } => Self::Unavailable {
                what: "the identity provider",
                retry_after: u32::try_from(*retry_after).ok(),
            },
            ProviderError::Ended
            | ProviderError::OtherPerson
            | ProviderError::Requirement { .. }
            | ProviderError::Overage { .. } => Self::Denied {
                why: "the identity provider does not vouch for the person",
            },
            ProviderError::Refused { .. } => Self::Provider,
            ProviderError::Sent(sent) => Self::Sent { sent: *sent },
            ProviderError::Wrong { .. } | ProviderError::MixUp | ProviderError::Chance => {
                Self::Internal {
                    what: "the login at the identity provider",
                }
            }
        }
    }
}
