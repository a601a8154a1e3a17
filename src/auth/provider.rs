//! Identity providers (OpenID Connect Core 1.0): who a person is, and which roles they have.
//!
//! This server is a client of the provider, by authorization code with `state`, `nonce` and PKCE.

mod algorithms;
mod answer;
mod begin;
mod claims;
mod discovery;
mod error;
mod finish;
mod http;
mod known;
mod login;
mod person;
mod probe;
mod roles;
mod sent;
mod setup_error;
mod token;

use std::sync::Arc;

use openidconnect::{ClientId, ClientSecret, IssuerUrl};

use crate::clock::Clock;
use crate::config::Trust;
use crate::config::http as config;
use crate::policy::Policy;
use discovery::Discovery;

pub use error::ProviderError;
pub use http::Limits;
pub use login::{Answer, Begin, Begun, Login};
pub use probe::ProbeError;
pub use roles::{Unmapped, Why};
pub use sent::{Sent, code_of};
pub use setup_error::SetupError;

/// One identity provider, as it was configured. Nothing is asked before the first use.
#[derive(Debug)]
pub struct Provider {
    config: Arc<config::Provider>,
    policy: Policy,
    clock: Clock,
    http: http::Http,
    discovery: Discovery,
}

/// Parameters of the authorization request that are ours to set.
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
    /// For the provider of `config`; `policy` says which roles there are.
    ///
    /// # Errors
    /// When the issuer is not a URL, a parameter of the authorization request is ours to set, or
    /// the certificates of this machine cannot be read.
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

    /// The same provider, with other limits of its answers.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.http.limits = limits;
        self
    }

    /// As it was configured.
    pub fn config(&self) -> &config::Provider {
        &self.config
    }

    /// Says in the log which check failed.
    fn wrong(&self, what: &'static str) -> ProviderError {
        tracing::warn!(
            provider = self.config.id,
            what,
            "an answer of the provider is wrong"
        );
        ProviderError::Wrong { what }
    }
}
