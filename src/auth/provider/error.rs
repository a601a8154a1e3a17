//! Why a provider did not vouch for a person.

use openidconnect::core::{CoreErrorResponseType, CoreRequestTokenError};
use openidconnect::{DiscoveryError, RequestTokenError, UserInfoError};
use thiserror::Error;

use super::authorization_error::{AuthorizationError, code_of};
use super::http::Failure;

/// Seconds after which to ask a provider again that is down, unless it says so itself.
const AGAIN: u64 = 10;
/// The longest that it may ask for.
const LONGEST: u64 = 300;

/// Bytes of the issuer in a discovery document that the log keeps.
const WRITTEN: usize = 300;
/// The remedy when a provider refuses this server.
const CHECK_CLIENT: &str = "check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET (or client_id and the \
                            secret of the [[identity_provider]])";

/// Why a provider did not vouch for a person. Contains nothing that the provider wrote.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProviderError {
    /// The provider cannot be reached or does not work. This says nothing about the person.
    #[error("the identity provider does not answer")]
    Down {
        /// Seconds after which to ask again.
        retry_after: u64,
    },
    /// The provider no longer accepts the refresh token: the person is gone, disabled, or signed
    /// out there.
    #[error("the identity provider ended the login")]
    Ended,
    /// A refresh described a person other than the one who logged in.
    #[error("the identity provider answered about another person")]
    OtherPerson,
    /// The person does not meet a requirement of the configuration.
    #[error("the claim {claim} is not as required")]
    Requirement {
        /// The claim, as a JSON Pointer.
        claim: String,
    },
    /// A claim that roles come from has too many values to be sent, so the roles are unknown.
    #[error("the identity provider left out {claim}: it has too many values")]
    Overage {
        /// The claim, as a JSON Pointer.
        claim: String,
    },
    /// The provider refuses this server, for instance because of a wrong client secret. This says
    /// nothing about the person.
    #[error("the identity provider refuses this server: {error}")]
    Refused {
        /// A code of RFC 6749 §5.2.
        error: &'static str,
    },
    /// The provider returned an error instead of a code. This says nothing about the person.
    #[error("the identity provider returned an error: {}", .0.sentence())]
    Sent(AuthorizationError),
    /// A check failed: the answer must not be trusted.
    #[error("the answer of the identity provider is wrong: {what}")]
    Wrong {
        /// What was checked.
        what: &'static str,
    },
    /// The authorization response names another provider, or does not name this one although it
    /// promises to (RFC 9207).
    #[error("the answer does not name the identity provider that was asked")]
    MixUp,
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    Chance,
}

/// The issuer as the discovery document writes it, shortened, from the text of the library's error.
fn written_issuer(words: &str) -> Option<&str> {
    let (_, rest) = words.split_once('`')?;
    let (written, _) = rest.split_once('`')?;
    let end = written.floor_char_boundary(WRITTEN);
    written.get(..end)
}

impl From<getrandom::Error> for ProviderError {
    fn from(_: getrandom::Error) -> Self {
        Self::Chance
    }
}

impl ProviderError {
    /// Whether the provider says that the person may not come in, or no longer may. Otherwise
    /// asking again may help, and the person keeps what they have.
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Ended | Self::OtherPerson | Self::Requirement { .. } | Self::Overage { .. } => {
                true
            }
            Self::Down { .. }
            | Self::Refused { .. }
            | Self::Sent(_)
            | Self::Wrong { .. }
            | Self::MixUp
            | Self::Chance => false,
        }
    }

    fn of_transport(provider: &str, failure: &Failure) -> Self {
        tracing::warn!(provider, cause = %failure, "the identity provider does not answer");
        Self::of_failure(failure)
    }

    fn of_failure(failure: &Failure) -> Self {
        match failure {
            Failure::Unreachable(_) | Failure::Slow => Self::Down { retry_after: AGAIN },
            Failure::Busy { retry_after, .. } => Self::Down {
                retry_after: retry_after.unwrap_or(AGAIN).clamp(1, LONGEST),
            },
            Failure::Redirect(_) => Self::Wrong { what: "redirect" },
            Failure::TooLong => Self::Wrong { what: "length" },
            Failure::Insecure | Failure::Address(_) => Self::Wrong { what: "address" },
        }
    }

    /// The error of a token endpoint.
    pub(super) fn of_token_endpoint(provider: &str, fault: CoreRequestTokenError<Failure>) -> Self {
        match fault {
            RequestTokenError::Request(failure) => Self::of_transport(provider, &failure),
            RequestTokenError::ServerResponse(answer) => {
                let mut remedy = None;
                let sent = code_of(answer.error().as_ref());
                let error = match answer.error() {
                    CoreErrorResponseType::InvalidGrant => {
                        tracing::info!(
                            provider,
                            error = sent,
                            "the identity provider no longer accepts a code or a refresh token"
                        );
                        return Self::Ended;
                    }
                    CoreErrorResponseType::InvalidClient => {
                        remedy = Some(CHECK_CLIENT);
                        "invalid_client"
                    }
                    CoreErrorResponseType::InvalidRequest => "invalid_request",
                    CoreErrorResponseType::InvalidScope => "invalid_scope",
                    CoreErrorResponseType::UnauthorizedClient => {
                        remedy = Some(CHECK_CLIENT);
                        "unauthorized_client"
                    }
                    CoreErrorResponseType::UnsupportedGrantType => "unsupported_grant_type",
                    CoreErrorResponseType::Extension(_) => "another error",
                };
                tracing::warn!(
                    provider,
                    error = sent,
                    remedy,
                    "the identity provider refuses this server"
                );
                Self::Refused { error }
            }
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                tracing::warn!(
                    provider,
                    "the answer of the token endpoint does not follow the standard"
                );
                Self::Wrong {
                    what: "answer of the token endpoint",
                }
            }
        }
    }

    /// The error of discovery at `issuer`.
    pub(super) fn of_discovery(issuer: &str, fault: DiscoveryError<Failure>) -> Self {
        let what = "discovery document";
        match fault {
            DiscoveryError::Request(failure) => {
                tracing::warn!(
                    issuer,
                    cause = %failure,
                    "the identity provider does not answer, so nobody can sign in: check \
                     OIDC_ISSUER_URL (or issuer of the [[identity_provider]]) and the network"
                );
                Self::of_failure(&failure)
            }
            // The library validates only the issuer.
            DiscoveryError::Validation(words) => {
                tracing::warn!(
                    issuer,
                    writes = written_issuer(&words),
                    "the discovery document names another issuer, so nobody can sign in: set \
                     OIDC_ISSUER_URL (or issuer of the [[identity_provider]]) to the issuer it \
                     names, if that is the provider you mean"
                );
                Self::Wrong {
                    what: "issuer of the discovery document",
                }
            }
            DiscoveryError::Response(status, ..) => {
                let status = status.as_u16();
                tracing::warn!(
                    issuer,
                    status,
                    "there is no discovery document, so nobody can sign in: check OIDC_ISSUER_URL \
                     (or issuer of the [[identity_provider]])"
                );
                Self::Wrong { what }
            }
            _ => {
                tracing::warn!(
                    issuer,
                    "the discovery document cannot be read, so nobody can sign in: check \
                     OIDC_ISSUER_URL (or issuer of the [[identity_provider]])"
                );
                Self::Wrong { what }
            }
        }
    }

    /// The error of a userinfo endpoint.
    pub(super) fn of_userinfo(provider: &str, fault: UserInfoError<Failure>) -> Self {
        let what = match fault {
            UserInfoError::Request(failure) => return Self::of_transport(provider, &failure),
            UserInfoError::ClaimsVerification(_) => "sub or signature of userinfo",
            _ => "answer of the userinfo endpoint",
        };
        tracing::warn!(provider, what, "the userinfo response cannot be used");
        Self::Wrong { what }
    }
}
