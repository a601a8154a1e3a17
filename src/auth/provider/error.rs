//! Why a provider did not vouch for a person.

use openidconnect::core::{CoreErrorResponseType, CoreRequestTokenError};
use openidconnect::{DiscoveryError, RequestTokenError, UserInfoError};
use thiserror::Error;

use super::http::Failure;
use super::sent::{Sent, code_of};

/// Seconds after which a provider that is down is asked again, unless it says so itself.
const AGAIN: u64 = 10;
/// The most that it can ask for.
const LONGEST: u64 = 300;

/// Bytes of an issuer in another way of writing that the log keeps.
const WRITTEN: usize = 300;
/// What may be wrong where a provider refuses this server.
const CHECK_CLIENT: &str = "check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET (or client_id and the \
                            secret of the [[identity_provider]])";

/// Why a provider did not vouch for a person. Nothing that it wrote stands in here.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProviderError {
    /// It cannot be reached or does not work now; this says nothing about the person.
    #[error("the identity provider does not answer")]
    Down {
        /// Seconds after which it may be asked again.
        retry_after: u64,
    },
    /// It no longer takes the refresh token: the person is gone, disabled, or signed out there.
    #[error("the identity provider ended the login")]
    Ended,
    /// A refresh told of another person than the login.
    #[error("the identity provider answered about another person")]
    OtherPerson,
    /// The person is not one of those who may come in at all.
    #[error("the claim {claim} is not as required")]
    Requirement {
        /// The way to it, as a JSON Pointer.
        claim: String,
    },
    /// A claim that roles come from had too many values to be sent, so that nothing is known of it.
    #[error("the identity provider left out {claim}: it has too many values")]
    Overage {
        /// The way to it, as a JSON Pointer.
        claim: String,
    },
    /// It refuses this server, such as for a wrong client secret; this says nothing about the person.
    #[error("the identity provider refuses this server: {error}")]
    Refused {
        /// A code of RFC 6749 §5.2.
        error: &'static str,
    },
    /// It sent an error back with the browser; this says nothing about the person.
    #[error("the identity provider sent an error back: {}", .0.sentence())]
    Sent(Sent),
    /// A check failed: the answer is not to be believed.
    #[error("the answer of the identity provider is wrong: {what}")]
    Wrong {
        /// What was checked.
        what: &'static str,
    },
    /// The answer that the browser brought names another provider, or does not name this one, which
    /// says that its answers do (RFC 9207).
    #[error("the answer does not name the identity provider that was asked")]
    MixUp,
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    Chance,
}

/// The issuer as a document writes it, cut, of the words in which the library refuses it.
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
    /// Whether it says of the person that they may not come in, or no more; otherwise asking later
    /// may help, and what they have need not be taken away.
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

    /// What the token endpoint answered.
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
                            "the identity provider takes a code or a refresh token no more"
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
                    "the token endpoint does not answer as the standard says"
                );
                Self::Wrong {
                    what: "answer of the token endpoint",
                }
            }
        }
    }

    /// What discovery at `issuer` found.
    pub(super) fn of_discovery(issuer: &str, fault: DiscoveryError<Failure>) -> Self {
        let what = "discovery document";
        match fault {
            DiscoveryError::Request(failure) => {
                tracing::warn!(
                    issuer,
                    cause = %failure,
                    "the identity provider does not answer, and nobody can sign in: check \
                     OIDC_ISSUER_URL (or issuer of the [[identity_provider]]) and the way there"
                );
                Self::of_failure(&failure)
            }
            // The only thing that is validated.
            DiscoveryError::Validation(words) => {
                tracing::warn!(
                    issuer,
                    writes = written_issuer(&words),
                    "the identity provider writes its issuer in another way, and nobody can sign \
                     in: set OIDC_ISSUER_URL (or issuer of the [[identity_provider]]) to what it \
                     writes, if that is the provider that you mean"
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
                    "there is no discovery document, and nobody can sign in: check OIDC_ISSUER_URL \
                     (or issuer of the [[identity_provider]])"
                );
                Self::Wrong { what }
            }
            _ => {
                tracing::warn!(
                    issuer,
                    "the discovery document cannot be read, and nobody can sign in: check \
                     OIDC_ISSUER_URL (or issuer of the [[identity_provider]])"
                );
                Self::Wrong { what }
            }
        }
    }

    /// What the userinfo endpoint answered.
    pub(super) fn of_userinfo(provider: &str, fault: UserInfoError<Failure>) -> Self {
        let what = match fault {
            UserInfoError::Request(failure) => return Self::of_transport(provider, &failure),
            UserInfoError::ClaimsVerification(_) => "sub or signature of userinfo",
            _ => "answer of the userinfo endpoint",
        };
        tracing::warn!(provider, what, "userinfo cannot be used");
        Self::Wrong { what }
    }
}
