//! Identity providers (OpenID Connect Core 1.0), for people who sign in: who a person is, and which
//! roles they have.
//!
//! Whom it serves: the browser room during a sign-in, and the token endpoint, which asks again
//! before it exchanges a refresh token. What it promises: this server uses the authorization code
//! flow with `state`, `nonce` and PKCE; every claim comes from a token or response whose signature,
//! issuer, audience, time and subject were checked; only what a role rule maps becomes a role; and
//! nothing that a provider wrote appears on a page or in an error.

mod algorithms;
mod answer;
mod authorization_error;
mod begin;
mod claims;
mod discovered;
mod discovery;
mod error;
mod finish;
mod http;
mod login;
mod person;
mod probe;
mod roles;
mod setup_error;
mod token;

use std::sync::Arc;

use openidconnect::{ClientId, ClientSecret, IssuerUrl};

use crate::clock::Clock;
use crate::config::Trust;
use crate::config::http as config;
use crate::policy::Policy;
use discovery::Discovery;

pub use authorization_error::{AuthorizationError, code_of};
pub use error::ProviderError;
pub use http::Limits;
pub use login::{Answer, Begin, Begun, Login};
pub use probe::ProbeError;
pub use roles::{Unmapped, Why};
pub use setup_error::SetupError;

/// An identity provider, as configured. No request is made before the first use.
#[derive(Debug)]
pub struct Provider {
    config: Arc<config::Provider>,
    policy: Policy,
    clock: Clock,
    http: http::Http,
    discovery: Discovery,
}

/// Parameters of the authentication request that the configuration may not set.
const OURS: &[&str] = &[
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "max_age",
    "nonce",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

impl Provider {
    /// The provider of `config`; `policy` says which roles exist.
    ///
    /// # Errors
    /// When the issuer is not a URL, when the configuration sets a parameter that only this server
    /// may set,
    /// or when the system's certificates cannot be read.
    pub fn new(
        config: Arc<config::Provider>,
        policy: Policy,
        clock: Clock,
        trust: &Trust,
    ) -> Result<Self, SetupError> {
        let issuer =
            IssuerUrl::new(config.issuer.clone()).map_err(|source| SetupError::Issuer {
                issuer: config.issuer.clone(),
                source,
            })?;
        let ours = |name: &&String| OURS.contains(&name.as_str());
        if let Some(name) = config.authorize_params.keys().find(ours) {
            return Err(SetupError::Parameter { name: name.clone() });
        }
        let secret = config.client_secret.as_ref();
        Ok(Self {
            http: http::Http::to(issuer.url(), trust)?,
            discovery: Discovery::new(
                issuer,
                ClientId::new(config.client_id.clone()),
                secret.map(|secret| ClientSecret::new(secret.expose().to_owned())),
                clock.clone(),
            ),
            config,
            policy,
            clock,
        })
    }

    /// The same provider with other limits on its responses.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.http.limits = limits;
        self
    }

    /// Its configuration.
    pub fn config(&self) -> &config::Provider {
        &self.config
    }

    /// Logs which check failed.
    fn wrong(&self, what: &'static str) -> ProviderError {
        tracing::warn!(
            provider = self.config.id,
            what,
            "an answer of the provider is wrong"
        );
        ProviderError::Wrong { what }
    }
}
